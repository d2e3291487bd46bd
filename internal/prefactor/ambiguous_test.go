package prefactor_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// Ambiguous decides whether to look for an orphaned token.
func TestAmbiguous(t *testing.T) {
	t.Parallel()
	refused := apiError(http.StatusUnprocessableEntity, "validation_errors", "no")
	moved := reply{status: http.StatusTemporaryRedirect, header: map[string]string{"Location": "https://elsewhere.example/"}}
	created := createdJSON(newValue)
	for _, c := range []struct {
		name      string
		responses []reply
		want      bool
	}{
		{"422", []reply{refused}, false},
		{"401", []reply{apiError(http.StatusUnauthorized, "not_authenticated", "no")}, false},
		{"401 page", []reply{page(http.StatusUnauthorized, "sign in")}, true},
		{"404 page", []reply{page(http.StatusNotFound, "nothing here")}, true},
		{"404 of a router", []reply{{status: http.StatusNotFound, body: `{"message":"no route"}`}}, true},
		{"403 without a body", []reply{{status: http.StatusForbidden}}, true},
		{"422 page", []reply{page(http.StatusUnprocessableEntity, "no")}, true},
		{"key already used", []reply{apiError(http.StatusConflict, "idempotency_key_already_used", "no")}, true},
		{"key already used after 429", []reply{apiError(http.StatusTooManyRequests, "unexpected", "no"), apiError(http.StatusUnprocessableEntity, "idempotency_key_already_used", "no")}, true},
		{"429", []reply{apiError(http.StatusTooManyRequests, "unexpected", "slow down")}, false},
		{"redirect", []reply{moved}, true},
		{"500", []reply{apiError(http.StatusInternalServerError, "unexpected", "oops")}, true},
		{"504 page", []reply{page(http.StatusGatewayTimeout, "too slow")}, true},
		{"cut", []reply{{status: -1}}, true},
		{"cut in the body", []reply{{status: http.StatusCreated, body: created, cut: 50}}, true},
		{"truncated as if whole", []reply{{status: http.StatusCreated, body: created[:50]}}, true},
		{"success as a page", []reply{page(http.StatusOK, "welcome")}, true},
		{"success as text", []reply{{status: http.StatusOK, contentType: "text/plain", body: "done"}}, true},
		{"empty success", []reply{{status: http.StatusOK}}, true},
		{"204", []reply{{status: http.StatusNoContent}}, true},
		{"no details", []reply{ok(`{"status":"success"}`)}, true},
		{"no id", []reply{ok(`{"status":"success","details":{}}`)}, true},
		{"details of another type", []reply{ok(`{"status":"success","details":[17]}`)}, true},
		{"wrong types", []reply{ok(`{"status":"success","details":{"id":17}}`)}, true},
		{"too large", []reply{ok(`{"status":"success","details":"` + strings.Repeat("x", 9<<20) + `"}`)}, true},
		// The API says no, with a strange status.
		{"200 with an error", []reply{{status: http.StatusOK, body: refused.body}}, false},
		// What came last does not undo what may have happened before.
		{"422 after 500", []reply{apiError(http.StatusInternalServerError, "unexpected", "oops"), refused}, true},
		{"422 after a cut", []reply{{status: -1}, refused}, true},
		{"422 after a truncated success", []reply{{status: http.StatusCreated, body: created[:50]}, refused}, true},
		{"422 after 429", []reply{apiError(http.StatusTooManyRequests, "unexpected", "slow down"), refused}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := replies(t, c.responses...)
			_, err := s.client(t, retries(len(c.responses)-1)).CreateToken(t.Context(), prefactor.NewToken{Scope: prefactor.ScopeAccount})
			if e := failure(t, err); e.Ambiguous != c.want {
				t.Errorf("Ambiguous is %t: %v", e.Ambiguous, e)
			}
			// The same of a read leaves no doubt: it changes nothing.
			s = replies(t, c.responses...)
			_, err = s.client(t, retries(len(c.responses)-1)).Token(t.Context(), tokenID)
			if e := failure(t, err); e.Ambiguous {
				t.Errorf("a read is ambiguous: %v", e)
			}
		})
	}
}

// A success tells whether there may be a second token.
func TestAmbiguousSuccess(t *testing.T) {
	t.Parallel()
	created := reply{status: http.StatusCreated, body: createdJSON(newValue)}
	for _, c := range []struct {
		name  string
		first reply
		want  bool
	}{
		{"429", apiError(http.StatusTooManyRequests, "unexpected", "slow down"), false},
		{"502", page(http.StatusBadGateway, "oops"), true},
		{"cut", reply{status: -1}, true},
		{"truncated", reply{status: http.StatusCreated, body: created.body[:99]}, true},
	} {
		got, err := replies(t, c.first, created).client(t).CreateToken(t.Context(), prefactor.NewToken{Scope: prefactor.ScopeAccount})
		if err != nil || got.Ambiguous != c.want || got.Value != newValue {
			t.Errorf("%s before the success: %+v, %v", c.name, got, err)
		}
	}
}

// What never left this machine is not ambiguous.
func TestNotSent(t *testing.T) {
	t.Parallel()
	s := replies(t, ok(""))
	s.Close()
	_, err := s.client(t).CreateToken(t.Context(), prefactor.NewToken{Scope: prefactor.ScopeAccount})
	if e := failure(t, err); e.Ambiguous || e.Attempts != 4 || !errors.Is(e, prefactor.ErrNoResponse) {
		t.Errorf("%+v", e)
	}
	broken := newClient(t, s.URL, func(c *prefactor.Config) { c.Token = ownToken + "\n" })
	_, err = broken.CreateToken(t.Context(), prefactor.NewToken{Scope: prefactor.ScopeAccount})
	if e := failure(t, err); e.Ambiguous || e.Attempts != 1 || !strings.Contains(e.Message, "Authorization") {
		t.Errorf("%+v", e)
	}
}

// A response in the API's form with something unusable in it is told with its
// own status and with all the attempts.
func TestUnusableAfterRetry(t *testing.T) {
	t.Parallel()
	s := replies(t, reply{status: -1}, reply{status: http.StatusCreated, body: `{"status":"success","details":{"id":17}}`})
	_, err := s.client(t).RevokeToken(t.Context(), tokenID)
	if e := failure(t, err); e.Status != http.StatusCreated || e.Attempts != 2 || !e.Ambiguous {
		t.Errorf("%+v", e)
	}
}
