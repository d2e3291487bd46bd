package prefactor_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

const (
	ownToken = "pft_own+token/value==0123456789" //nolint:gosec // Authenticates nowhere.

	// newValue is the value of tokens that these servers make.
	newValue = "pft_fresh-token-value-9876543210-abcdefghij"

	tokenID   = "01jz0000000abc000000000000000001"
	otherID   = "01jz0000000abc000000000000000002"
	accountID = "01jz0000000abc00000000000000000a"
	agentID   = "01jz0000000abc00000000000000000b"
	envID     = "01jz0000000abc00000000000000000c"
	userID    = "01jz0000000abc00000000000000000d"
)

// sent is one request as the server saw it.
type sent struct {
	*http.Request

	body string
}

// server is a platform that responds as the test says.
type server struct {
	*httptest.Server

	mu   sync.Mutex
	seen []sent
}

// serve handles the n-th request, from 0 on, by handle.
func serve(t *testing.T, handle func(n int, w http.ResponseWriter, r *http.Request)) *server {
	t.Helper()
	s := &server{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		n := len(s.seen)
		s.seen = append(s.seen, sent{r, string(body)})
		s.mu.Unlock()
		r.Body = io.NopCloser(bytes.NewReader(body))
		handle(n, w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

// replies responds to the requests with these in turn, then always with the last.
func replies(t *testing.T, all ...reply) *server {
	t.Helper()
	return serve(t, func(n int, w http.ResponseWriter, r *http.Request) {
		all[min(n, len(all)-1)].write(w, r)
	})
}

// requests are those so far.
func (s *server) requests() []sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]sent(nil), s.seen...)
}

// reply is one response. A negative status cuts the connection before any of it.
type reply struct {
	status      int
	body        string
	contentType string
	header      map[string]string
	// cut ends the connection after so much of the body; 0 does not.
	cut int
}

func (a reply) write(w http.ResponseWriter, _ *http.Request) {
	if a.status < 0 {
		panic(http.ErrAbortHandler)
	}
	if a.contentType == "" {
		a.contentType = "application/json"
	}
	w.Header().Set("Content-Type", a.contentType)
	for k, v := range a.header {
		w.Header().Set(k, v)
	}
	w.WriteHeader(a.status)
	if a.cut > 0 {
		_, _ = io.WriteString(w, a.body[:a.cut])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	_, _ = io.WriteString(w, a.body)
}

func ok(body string) reply { return reply{status: http.StatusOK, body: body} }

func apiError(status int, code, message string) reply {
	return reply{status: status, body: `{"status":"error","code":"` + code + `","message":"` + message + `"}`}
}

func page(status int, text string) reply {
	return reply{status: status, contentType: "text/html; charset=utf-8", body: "<!doctype html><html><head><title>" + text + "</title></head><body></body></html>"}
}

// tokenJSON is a whole account token.
func tokenJSON(id string) string {
	return `{"id":"` + id + `","type":"api_token","token_scope":"account","account_id":"` + accountID + `","agent_deployment_id":null,` +
		`"agent_id":null,"environment_id":null,"expires_at":"2030-01-02T03:04:05Z","last_used_at":null,"status":"active",` +
		`"inserted_at":"2029-01-02T03:04:05.678901Z","created_by_admin_user_id":"` + userID + `","available_actions":{"activate":false,"delete":false,"revoke":true,"suspend":true}}`
}

func single(id string) string { return `{"status":"success","details":` + tokenJSON(id) + `}` }

func createdJSON(value string) string {
	return `{"status":"success","details":` + tokenJSON(tokenID) + `,"token":"` + value + `"}`
}

// client is one of this server, with waits too short to notice.
func (s *server) client(t *testing.T, with ...func(*prefactor.Config)) *prefactor.Client {
	t.Helper()
	return newClient(t, s.URL, with...)
}

func newClient(tb testing.TB, url string, with ...func(*prefactor.Config)) *prefactor.Client {
	tb.Helper()
	config := prefactor.Config{
		BaseURL: url, Token: ownToken, Version: "1.2.3", MaxRetries: 3,
		RetryWaitMin: time.Microsecond, RetryWaitMax: 5 * time.Millisecond, RequestTimeout: 20 * time.Second,
	}
	for _, change := range with {
		change(&config)
	}
	c, err := prefactor.New(config)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func retries(n int) func(*prefactor.Config) {
	return func(c *prefactor.Config) { c.MaxRetries = n }
}

func timeout(d time.Duration) func(*prefactor.Config) {
	return func(c *prefactor.Config) { c.RequestTimeout = d }
}

// failure takes the *Error out of err. Whatever it is about, its text is one
// line without a secret.
func failure(t *testing.T, err error) *prefactor.Error {
	t.Helper()
	var e *prefactor.Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v (%T), want a *prefactor.Error", err, err)
	}
	checkText(t, err.Error())
	return e
}

// fit checks no more of a failure than that.
func fit(t *testing.T, err error) {
	t.Helper()
	_ = failure(t, err)
}

func checkText(t *testing.T, text string) {
	t.Helper()
	for _, secret := range []string{ownToken, newValue} {
		// Half of a secret is one, too.
		for _, part := range []string{secret, secret[:16], secret[len(secret)-16:]} {
			if strings.Contains(text, part) {
				t.Errorf("a secret in %q", text)
			}
		}
	}
	checkLine(t, text)
}

func checkLine(t *testing.T, text string) {
	t.Helper()
	if strings.Contains(text, ownToken) {
		t.Errorf("the token in %q", text)
	}
	if strings.ContainsAny(text, "\x00\x07\x1b\n\r\t\u202e\u2066\u200b\u0085\u2028") {
		t.Errorf("control characters in %q", text)
	}
	if len(text) > 8000 {
		t.Errorf("the error has %d bytes", len(text))
	}
}
