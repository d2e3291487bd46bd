package emulator_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

type object = map[string]any

// clock stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

var start = time.Date(2030, 1, 2, 3, 4, 5, 678_901_234, time.UTC)

// scene is a platform with two accounts.
type scene struct {
	*emulator.Platform

	t     *testing.T
	clock *clock
	// The account of the caller, and what belongs to it.
	account     emulator.Account
	environment emulator.Environment
	agent       emulator.Agent
	deployment  emulator.Deployment
	// user created admin, which is the token of the caller.
	user  emulator.AdminUser
	admin emulator.Token
	value string
	// What the caller cannot see.
	foreign            emulator.Account
	foreignEnvironment emulator.Environment
	foreignAgent       emulator.Agent
	foreignDeployment  emulator.Deployment
	foreignToken       emulator.Token
	foreignValue       string
}

func newScene(t *testing.T, variant ...emulator.Variant) *scene {
	t.Helper()
	s := &scene{t: t, clock: &clock{now: start}}
	options := emulator.Options{Now: s.clock.Now}
	for _, v := range variant {
		options.Variant = v
	}
	s.Platform = emulator.New(options)
	s.account = s.AddAccount("Acme")
	s.environment = s.AddEnvironment(s.account.ID, "production")
	s.agent = s.AddAgent(s.account.ID, "support-bot")
	s.deployment = s.AddDeployment(s.agent.ID, s.environment.ID)
	s.user = s.AddAdminUser(s.account.ID, "Ada", "ada@example.com")
	s.admin, s.value = s.AddToken(emulator.TokenSpec{Scope: "account", AccountID: s.account.ID, CreatedBy: s.user.ID})
	s.foreign = s.AddAccount("Other")
	s.foreignEnvironment = s.AddEnvironment(s.foreign.ID, "production")
	s.foreignAgent = s.AddAgent(s.foreign.ID, "other-bot")
	s.foreignDeployment = s.AddDeployment(s.foreignAgent.ID, s.foreignEnvironment.ID)
	s.foreignToken, s.foreignValue = s.AddToken(emulator.TokenSpec{Scope: "account", AccountID: s.foreign.ID})
	return s
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	raw    string
	body   object
}

func read(t *testing.T, resp *http.Response) answer {
	t.Helper()
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{status: resp.StatusCode, header: resp.Header, raw: string(raw)}
	_ = json.Unmarshal(raw, &a.body)
	return a
}

// details is the object of the answer.
func (a answer) details() object {
	d, _ := a.body["details"].(object)
	return d
}

func (a answer) text(field string) string {
	v, _ := a.details()[field].(string)
	return v
}

// code is the error's.
func (a answer) code() string {
	v, _ := a.body["code"].(string)
	return v
}

// ids of the rows of a list, wherever they are.
func (a answer) ids() []string {
	rows, ok := a.body["summaries"].([]any)
	if !ok {
		rows, _ = a.body["details"].([]any)
	}
	all := []string{}
	for _, row := range rows {
		id, _ := row.(object)["id"].(string)
		all = append(all, id)
	}
	return all
}

// call sends a request as the account's token; the body is a text or what is
// to be JSON.
func (s *scene) call(method, path string, body any) answer {
	s.t.Helper()
	return s.callAs(s.value, method, path, body)
}

func (s *scene) callAs(value, method, path string, body any) answer {
	s.t.Helper()
	return s.do(s.request(value, method, path, body))
}

func (s *scene) request(value, method, path string, body any) *http.Request {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), method, "/api/v1"+path, strings.NewReader(encoded(s.t, body)))
	if value != "" {
		r.Header.Set("Authorization", "Bearer "+value)
	}
	return r
}

func encoded(t *testing.T, body any) string {
	t.Helper()
	switch body := body.(type) {
	case nil:
		return ""
	case string:
		return body
	}
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func (s *scene) get(path string) answer {
	s.t.Helper()
	return s.call(http.MethodGet, path, nil)
}

// list gets a list with a query.
func (s *scene) list(path string, query ...string) answer {
	s.t.Helper()
	values := url.Values{}
	for pair := range slices.Chunk(query, 2) {
		values.Set(pair[0], pair[1])
	}
	return s.get(path + "?" + values.Encode())
}

// create posts details.
func (s *scene) create(path string, details object) answer {
	s.t.Helper()
	return s.call(http.MethodPost, path, object{"details": details})
}

func (s *scene) createToken(details object) answer {
	s.t.Helper()
	return s.create("/api_token", details)
}

// want fails the test unless the answer has the status and, for an error, the code.
func (s *scene) want(a answer, status int, code string) answer {
	s.t.Helper()
	if a.status != status || a.code() != code {
		s.t.Errorf("answer %d %q, want %d %q: %.300s", a.status, a.code(), status, code, a.raw)
	}
	return a
}

func (s *scene) do(r *http.Request) answer {
	s.t.Helper()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return read(s.t, w.Result())
}
