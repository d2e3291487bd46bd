package prefactor_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

func readToken(t *testing.T, fields string) prefactor.Token {
	t.Helper()
	token, err := replies(t, ok(`{"status":"success","details":{"id":"`+tokenID+`"`+fields+`}}`)).client(t).Token(t.Context(), tokenID)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestTokenFields(t *testing.T) {
	t.Parallel()
	token, err := replies(t, ok(single(tokenID))).client(t).Token(t.Context(), tokenID)
	if err != nil {
		t.Fatal(err)
	}
	null := prefactor.Field[string]{Present: true, Null: true}
	want := prefactor.Token{
		ID: tokenID, Scope: prefactor.Some("account"), AccountID: prefactor.Some(accountID), AgentDeploymentID: null, AgentID: null, EnvironmentID: null,
		ExpiresAt:            prefactor.Some(prefactor.Timestamp{Time: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)}),
		LastUsedAt:           prefactor.Field[prefactor.Timestamp]{Present: true, Null: true},
		Status:               prefactor.Some("active"),
		InsertedAt:           prefactor.Some(prefactor.Timestamp{Time: time.Date(2029, 1, 2, 3, 4, 5, 678_901_000, time.UTC)}),
		CreatedByAdminUserID: prefactor.Some(userID),
		AvailableActions:     prefactor.Some(prefactor.TokenActions{Revoke: true, Suspend: true}),
	}
	if token != want {
		t.Errorf("%+v\nwant %+v", token, want)
	}
	if !token.CreatedAt().Equal(want.InsertedAt.Value.Time) {
		t.Errorf("created at %s", token.CreatedAt())
	}
}

func TestTimestamps(t *testing.T) {
	t.Parallel()
	want := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	for text, fraction := range map[string]time.Duration{
		"2030-01-02T03:04:05Z":           0,
		"2030-01-02T03:04:05+00:00":      0,
		"2030-01-02T05:04:05+02:00":      0,
		"2030-01-02T03:04:05.5Z":         500 * time.Millisecond,
		"2030-01-02T03:04:05.678901Z":    678_901 * time.Microsecond,
		"2030-01-02T03:04:05.123+00:00":  123 * time.Millisecond,
		"2030-01-02T03:04:05.123456789Z": 123_456_789,
	} {
		got := readToken(t, `,"expires_at":"`+text+`"`).ExpiresAt.Value
		if !got.Equal(want.Add(fraction)) || got.Location() != time.UTC {
			t.Errorf("%s is %s", text, got)
		}
	}
	for _, text := range []string{`""`, `"2030-01-02"`, `"2030-01-02T03:04:05"`, `"soon"`, `7`, `{}`, `[]`, `true`} {
		_, err := replies(t, ok(`{"status":"success","details":{"id":"`+tokenID+`","expires_at":`+text+`}}`)).client(t).Token(t.Context(), tokenID)
		fit(t, err)
	}
}

// Where the platform does not say when a token was made, its id does.
func TestCreatedAt(t *testing.T) {
	t.Parallel()
	inserted := prefactor.Some(prefactor.Timestamp{Time: time.Date(2029, 1, 2, 3, 4, 5, 0, time.UTC)})
	for _, c := range []struct {
		token prefactor.Token
		want  time.Time
	}{
		{prefactor.Token{ID: tokenID, InsertedAt: inserted}, inserted.Value.Time},
		{prefactor.Token{ID: tokenID}, time.UnixMilli(1_751_272_914_944)},
		{prefactor.Token{ID: "x"}, time.Time{}},
	} {
		if got := c.token.CreatedAt(); !got.Equal(c.want) {
			t.Errorf("%s: %d, want %d", c.token.ID, got.UnixMilli(), c.want.UnixMilli())
		}
	}
}

// A create's response without a value is a success: the token is there, and must
// not be forgotten.
func TestCreateWithoutValue(t *testing.T) {
	t.Parallel()
	for _, value := range []string{``, `,"token":null`, `,"token":17`, `,"token":{}`, `,"token":""`} {
		s := replies(t, reply{status: http.StatusCreated, body: `{"status":"success","details":` + tokenJSON(tokenID) + value + `}`})
		created, err := s.client(t).CreateToken(t.Context(), prefactor.NewToken{Scope: prefactor.ScopeAccount})
		if err != nil || created.ID != tokenID || created.Value != "" {
			t.Errorf("%s: %+v, %v", value, created, err)
		}
	}
}
