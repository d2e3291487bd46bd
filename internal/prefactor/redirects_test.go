package prefactor_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

func redirect(status int, to string) reply {
	return reply{status: status, header: map[string]string{"Location": to}}
}

// A redirect to another host, be it the same machine's other port, is an
// error; nothing at all is sent there.
func TestRedirectToAnotherHost(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			elsewhere := replies(t, ok(single(tokenID)))
			for _, to := range []string{elsewhere.URL + "/x", strings.Replace(elsewhere.URL, "http:", "", 1) + "/y", "https://" + strings.TrimPrefix(elsewhere.URL, "http://")} {
				s := replies(t, redirect(status, to))
				c := s.client(t)
				for name, err := range map[string]error{
					"read":   fails(c.Token(t.Context(), tokenID)),
					"create": fails(c.CreateToken(t.Context(), prefactor.NewToken{Scope: prefactor.ScopeAccount})),
					"delete": c.DeleteToken(t.Context(), tokenID),
				} {
					e := failure(t, err)
					if e.Status != status || e.Ambiguous != (name != "read") || !strings.Contains(e.Message, "redirects to http") {
						t.Errorf("%s: %v", name, e)
					}
				}
				if n := len(s.requests()); n != 3 {
					t.Errorf("%d requests, want 3", n)
				}
			}
			if n := len(elsewhere.requests()); n != 0 {
				t.Errorf("%d requests went elsewhere", n)
			}
		})
	}
}

// Nor does a change of the scheme on the same host take the token along: from
// https to http it would go in the clear.
func TestRedirectToAnotherScheme(t *testing.T) {
	t.Parallel()
	for from, to := range map[string]string{"https": "http", "http": "https"} {
		n := 0
		c := newClient(t, from+"://platform.example", overNetwork(func(*http.Request) (*http.Response, error) {
			n++
			return canned(http.StatusFound, http.Header{"Location": {to + "://platform.example/api/v1/ping"}}, ""), nil
		}))
		e := failure(t, pings(t, c))
		if n != 1 || !strings.Contains(e.Message, to+"://platform.example") {
			t.Errorf("%d requests: %v", n, e)
		}
	}
}

// Below the API's prefix a read may be redirected, such as to a path without a
// slash too many; a change may not: it would become a read, or happen twice.
func TestRedirectWithinHost(t *testing.T) {
	t.Parallel()
	s := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/api/v1/moved") {
			redirect(http.StatusPermanentRedirect, "/api/v1/moved"+strings.TrimPrefix(r.URL.Path, "/api/v1")).write(w, r)
			return
		}
		ok(single(tokenID)).write(w, r)
	})
	c := s.client(t)
	if _, err := c.Token(t.Context(), tokenID); err != nil {
		t.Fatal(err)
	}
	all := s.requests()
	if len(all) != 2 || all[1].URL.Path != "/api/v1/moved/api_token/"+tokenID {
		t.Fatalf("%d requests", len(all))
	}
	checkHeaders(t, all[1])
	if e := failure(t, fails(c.RevokeToken(t.Context(), tokenID))); e.Status != http.StatusPermanentRedirect || e.Attempts != 1 {
		t.Errorf("%+v", e)
	}
	if n := len(s.requests()); n != 3 {
		t.Errorf("%d requests, want 3", n)
	}
}

// Elsewhere on the host may be somebody else.
func TestRedirectOutOfTheAPI(t *testing.T) {
	t.Parallel()
	for _, to := range []string{"/login", "/api/v2/ping", "/api/v10/ping", "/api/v1/../../login"} {
		s := replies(t, redirect(http.StatusFound, to))
		if e := failure(t, pings(t, s.client(t))); e.Status != http.StatusFound || len(s.requests()) != 1 {
			t.Errorf("%s: %d requests, %v", to, len(s.requests()), e)
		}
	}
}

func TestRedirectLoop(t *testing.T) {
	t.Parallel()
	s := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		redirect(http.StatusFound, r.URL.Path+"/").write(w, r)
	})
	if e := failure(t, pings(t, s.client(t))); e.Status != http.StatusFound {
		t.Errorf("%+v", e)
	}
	if n := len(s.requests()); n != 4 {
		t.Errorf("%d requests, want 4", n)
	}
}

func TestRedirectWithoutLocation(t *testing.T) {
	t.Parallel()
	s := replies(t, reply{status: http.StatusMultipleChoices})
	if e := failure(t, pings(t, s.client(t))); !strings.Contains(e.Message, "redirect without a target") {
		t.Errorf("%v", e)
	}
}

func pings(t *testing.T, c *prefactor.Client) error {
	t.Helper()
	_, err := c.Ping(t.Context())
	return err
}
