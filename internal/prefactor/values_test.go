package prefactor_test

import (
	"encoding/json"
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
		ExpiresAt:  prefactor.Some(prefactor.Timestamp{Time: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)}),
		LastUsedAt: prefactor.Field[prefactor.Timestamp]{Present: true, Null: true},
		Status:     prefactor.Some("active"),
		InsertedAt: prefactor.Some(prefactor.Timestamp{Time: time.Date(2029, 1, 2, 3, 4, 5, 678_901_000, time.UTC)}),
		CreatedBy:  prefactor.Some(prefactor.Person("ada@example.com")),
	}
	if token != want {
		t.Errorf("%+v\nwant %+v", token, want)
	}
	if !token.CreatedAt().Equal(want.InsertedAt.Value.Time) || !token.Complete() {
		t.Errorf("created at %s, complete: %t", token.CreatedAt(), token.Complete())
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
		_, err := replies(t, ok(`{"details":{"id":"`+tokenID+`","expires_at":`+text+`}}`)).client(t).Token(t.Context(), tokenID)
		fit(t, err)
	}
}

func TestCreatedBy(t *testing.T) {
	t.Parallel()
	for form, want := range map[string]string{
		`"ada"`:                            "ada",
		`{"name":"Ada","email":"a@b.c"}`:   "Ada",
		`{"name":null,"email":"a@b.c"}`:    "a@b.c",
		`{"name":"","email":"a@b.c"}`:      "a@b.c",
		`{"name":{"first":"Ada"},"x":1}`:   "",
		`{}`:                               "",
		`17`:                               "",
		`["ada"]`:                          "",
		`{"id":"x","type":"user","age":3}`: "",
	} {
		if got := readToken(t, `,"created_by":`+form).CreatedBy; !got.Known() || string(got.Value) != want {
			t.Errorf("%s is %+v, want %q", form, got, want)
		}
	}
	if got := readToken(t, `,"created_by":null`).CreatedBy; got.Known() || !got.Present {
		t.Errorf("null is %+v", got)
	}
	if got := readToken(t, ``).CreatedBy; got.Present {
		t.Errorf("missing is %+v", got)
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

func TestComplete(t *testing.T) {
	t.Parallel()
	account := []string{"token_scope", "account_id", "status", "expires_at", "last_used_at"}
	deployment := append([]string{"agent_deployment_id", "agent_id", "environment_id"}, account...)
	for scope, needed := range map[string][]string{"account": account, "agent_deployment": deployment, "environment": deployment} {
		whole := map[string]any{"id": tokenID}
		for _, field := range needed {
			whole[field] = nil
		}
		whole["token_scope"] = scope
		for _, missing := range append([]string{""}, needed...) {
			fields := map[string]any{}
			for k, v := range whole {
				if k != missing {
					fields[k] = v
				}
			}
			raw, err := json.Marshal(fields)
			if err != nil {
				t.Fatal(err)
			}
			var token prefactor.Token
			if err := json.Unmarshal(raw, &token); err != nil {
				t.Fatal(err)
			}
			if token.Complete() != (missing == "") {
				t.Errorf("scope %s without %q: Complete is %t", scope, missing, token.Complete())
			}
		}
	}
}

// A create's answer without a value is a success: the token is there, and must
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
