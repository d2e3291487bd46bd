package emulator_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

// send goes over the network, where connections can be cut. An answer whose
// body breaks comes with an error.
func (s *scene) send(server *httptest.Server, method, path string, body any) (answer, error) {
	s.t.Helper()
	r := s.request(s.value, method, path, body)
	out, err := http.NewRequestWithContext(s.t.Context(), method, server.URL+r.URL.String(), strings.NewReader(encoded(s.t, body)))
	if err != nil {
		s.t.Fatal(err)
	}
	out.Header = r.Header
	// Go's own client would try again.
	out.GetBody = nil
	resp, err := server.Client().Do(out)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	a := answer{status: resp.StatusCode, header: resp.Header, raw: string(raw)}
	_ = json.Unmarshal(raw, &a.body)
	return a, err
}

func (s *scene) listen() *httptest.Server {
	s.t.Helper()
	server := httptest.NewServer(s.Platform)
	s.t.Cleanup(server.Close)
	return server
}

// Each fault does what its comment says, above all before or after the commit.
func TestFaults(t *testing.T) {
	t.Parallel()
	isJSON := func(a answer) bool { return json.Valid([]byte(a.raw)) }
	for _, c := range []struct {
		name  string
		fault emulator.Fault
		// committed tells whether the request takes effect, cut whether the
		// connection breaks, logged what the request log says.
		committed, cut bool
		status, logged int
		check          func(a answer) bool
	}{
		{"latency", emulator.Fault{Kind: emulator.FaultLatency, Latency: time.Millisecond}, true, false, 200, 200, isJSON},
		{"status", emulator.Fault{Kind: emulator.FaultStatus, Status: 503, RetryAfter: "7"}, false, false, 503, 503, func(a answer) bool {
			return a.code() == "unexpected" && a.body["message"] == "injected" && a.header.Get("Retry-After") == "7" && a.body["status"] == "error"
		}},
		{"status with words", emulator.Fault{Kind: emulator.FaultStatus, Status: 429, Code: "slow", Message: "slow down"}, false, false, 429, 429, func(a answer) bool {
			return a.code() == "slow" && a.body["message"] == "slow down"
		}},
		{"status of none", emulator.Fault{Kind: emulator.FaultStatus}, false, false, 500, 500, isJSON},
		{"status after", emulator.Fault{Kind: emulator.FaultStatusAfter, Status: 500}, true, false, 500, 500, func(a answer) bool { return a.code() == "unexpected" }},
		{"page", emulator.Fault{Kind: emulator.FaultHTML, Status: 502, Message: "nobody is in"}, false, false, 502, 502, func(a answer) bool {
			return strings.HasPrefix(a.raw, "<!doctype html>") && strings.Contains(a.raw, "nobody is in") && strings.HasPrefix(a.header.Get("Content-Type"), "text/html")
		}},
		{"page after", emulator.Fault{Kind: emulator.FaultHTMLAfter, Status: 504}, true, false, 504, 504, func(a answer) bool {
			return strings.Contains(a.raw, "Gateway Timeout") && strings.Contains(a.raw, "over capacity")
		}},
		{"raw", emulator.Fault{Kind: emulator.FaultRaw, Status: 418, Body: []byte("{short"), Header: http.Header{"Content-Type": {"x/y"}, "X-A": {"b"}}}, false, false, 418, 418, func(a answer) bool {
			return a.raw == "{short" && a.header.Get("Content-Type") == "x/y" && a.header.Get("X-A") == "b"
		}},
		{"cut before", emulator.Fault{Kind: emulator.FaultCutBefore}, false, true, 0, 0, nil},
		{"cut after", emulator.Fault{Kind: emulator.FaultCutAfter}, true, true, 0, 0, nil},
		{"cut body", emulator.Fault{Kind: emulator.FaultCutBody}, true, true, 200, 200, func(a answer) bool { return len(a.raw) > 100 && !isJSON(a) }},
		{"truncated", emulator.Fault{Kind: emulator.FaultTruncatedJSON}, true, false, 200, 200, func(a answer) bool { return len(a.raw) > 100 && !isJSON(a) }},
		{"wrong types", emulator.Fault{Kind: emulator.FaultWrongTypes}, true, false, 200, 200, func(a answer) bool {
			return a.details()["id"] == 42.0 && a.details()["expires_at"] == 42.0 && a.body["status"] == "success" && len(a.body["token"].(string)) > 40
		}},
		{"missing fields", emulator.Fault{Kind: emulator.FaultMissingFields, Fields: []string{"id", "status"}}, true, false, 200, 200, func(a answer) bool {
			_, id := a.details()["id"]
			_, status := a.details()["status"]
			return !id && !status && a.text("expires_at") != ""
		}},
		{"missing value", emulator.Fault{Kind: emulator.FaultMissingFields, Fields: []string{"token"}}, true, false, 200, 200, func(a answer) bool {
			_, value := a.body["token"]
			return !value && a.text("id") != "" && a.body["status"] == "success"
		}},
		{"empty body", emulator.Fault{Kind: emulator.FaultEmptyBody}, true, false, 200, 200, func(a answer) bool { return a.raw == "" }},
		{"no details", emulator.Fault{Kind: emulator.FaultNoDetails}, true, false, 200, 200, func(a answer) bool { return a.raw == `{"status":"success"}` }},
		{"redirect", emulator.Fault{Kind: emulator.FaultRedirect, Location: "/elsewhere"}, false, false, 302, 302, func(a answer) bool { return a.header.Get("Location") == "/elsewhere" }},
		{"moved", emulator.Fault{Kind: emulator.FaultRedirect, Status: 307, Location: "/elsewhere"}, false, false, 307, 307, nil},
		{"slow body", emulator.Fault{Kind: emulator.FaultSlowBody, Latency: time.Millisecond}, true, false, 200, 200, isJSON},
		{"router", emulator.Fault{Kind: emulator.FaultRouter}, false, false, 404, 404, func(a answer) bool { return a.raw == `{"errors":{"detail":"Not Found"}}` }},
		{"router after", emulator.Fault{Kind: emulator.FaultRouter, Status: 502, After: true}, true, false, 502, 502, func(a answer) bool { return a.code() == "" && isJSON(a) }},
		{"redirect after", emulator.Fault{Kind: emulator.FaultRedirect, Location: "/elsewhere", After: true}, true, false, 302, 302, nil},
		{"page with the value", emulator.Fault{Kind: emulator.FaultHTML, Status: 403, Message: "no: {token}", After: true}, true, false, 403, 403, repeatsValue},
		{"error with the value", emulator.Fault{Kind: emulator.FaultStatus, Status: 422, Message: "no: {token}", After: true}, true, false, 422, 422, repeatsValue},
		{"text with the value", emulator.Fault{Kind: emulator.FaultRaw, Body: []byte("{token}"), After: true}, true, false, 500, 500, repeatsValue},
		{"date", emulator.Fault{Kind: emulator.FaultDate, For: 24 * time.Hour}, true, false, 200, 200, func(a answer) bool { return strings.HasPrefix(a.header.Get("Date"), "Thu, 03 Jan 2030") }},
		{"set", emulator.Fault{Kind: emulator.FaultSet, Set: object{"id": "\x1b[2J"}}, true, false, 200, 200, func(a answer) bool { return a.text("id") == "\x1b[2J" }},
		{"big body", emulator.Fault{Kind: emulator.FaultBigBody}, false, false, 200, 200, func(a answer) bool { return len(a.raw) > 10<<20 && isJSON(a) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			server := s.listen()
			server.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			// The log is written when the connection is cut already.
			answered := make(chan emulator.Request, 1)
			s.Watch(func(r emulator.Request) { answered <- r })
			s.Inject(c.fault)
			a, err := s.send(server, http.MethodPost, "/api_token", object{"details": object{"token_scope": "account"}})
			logged := <-answered
			if (err != nil) != c.cut || a.status != c.status || logged.Status != c.logged {
				t.Errorf("answer %d, logged %d, error %v", a.status, logged.Status, err)
			}
			if committed := len(s.Tokens()) == 3; committed != c.committed {
				t.Errorf("the request took effect: %t", committed)
			}
			if c.check != nil && !c.check(a) {
				t.Errorf("%v %.300s", a.header, a.raw)
			}
			if s.FaultHits() != 1 {
				t.Errorf("%d hits", s.FaultHits())
			}
			s.ClearFaults()
			if s.FaultHits() != 0 {
				t.Error("the faults were not cleared")
			}
		})
	}
}

// A deletion has no body to spoil, and none of the faults trips over that.
func TestFaultsWithoutBody(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind   emulator.FaultKind
		status int
		raw    string
		cut    bool
	}{
		{emulator.FaultCutBody, 200, "nu", true},
		{emulator.FaultTruncatedJSON, 200, "nu", false},
		{emulator.FaultWrongTypes, 204, "", false},
		{emulator.FaultMissingFields, 204, "", false},
		{emulator.FaultEmptyBody, 200, "", false},
		{emulator.FaultNoDetails, 200, `{"status":"success"}`, false},
		{emulator.FaultSlowBody, 200, "null", false},
	} {
		s := newScene(t, emulator.Variant{DeleteNoContent: true})
		id := s.tokenIn("revoked")
		s.Inject(emulator.Fault{Kind: c.kind, Fields: []string{"id"}})
		a, err := s.send(s.listen(), http.MethodDelete, "/api_token/"+id, nil)
		if a.status != c.status || a.raw != c.raw || (err != nil) != c.cut {
			t.Errorf("%d: %d %q, %v", c.kind, a.status, a.raw, err)
		}
		if _, found := s.Token(id); found {
			t.Errorf("%d: the token is still there", c.kind)
		}
	}
}

// Rows of lists are spoilt like single objects.
func TestFaultyRows(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.Inject(emulator.Fault{Kind: emulator.FaultMissingFields, Fields: []string{"id"}, Times: 1})
	s.Inject(emulator.Fault{Kind: emulator.FaultWrongTypes})
	if a := s.get("/api_token"); a.ids()[0] != "" || !strings.Contains(a.raw, "expires_at") {
		t.Errorf("%s", a.raw)
	}
	if a := s.get("/api_token"); !strings.Contains(a.raw, `"id":42`) {
		t.Errorf("%s", a.raw)
	}
	s.ClearFaults()
	if a := s.get("/api_token"); a.ids()[0] != s.admin.ID {
		t.Errorf("%s", a.raw)
	}
}

// repeatsValue tells that an answer has the value of a token in it.
func repeatsValue(a answer) bool {
	return regexp.MustCompile(`eyJ[\w-]+\.[\w-]{200,}\.[\w-]+`).MatchString(a.raw)
}

func TestWhichRequestsAreHit(t *testing.T) {
	t.Parallel()
	const hit = http.StatusTeapot
	s := newScene(t)
	try := func(n int, method, path string) (hits []int) {
		for i := range n {
			if s.call(method, path, nil).status == hit {
				hits = append(hits, i)
			}
		}
		return hits
	}
	for _, c := range []struct {
		fault emulator.Fault
		path  string
		want  string
	}{
		{emulator.Fault{}, "/ping", "[0 1 2 3 4 5]"},
		{emulator.Fault{Method: "GET"}, "/ping", "[0 1 2 3 4 5]"},
		{emulator.Fault{Method: "POST"}, "/ping", "[]"},
		{emulator.Fault{Path: "/ping"}, "/ping", "[0 1 2 3 4 5]"},
		{emulator.Fault{Path: "/ping"}, "/nothing", "[]"},
		{emulator.Fault{Path: "/api_token/:id"}, "/api_token/" + s.admin.ID, "[0 1 2 3 4 5]"},
		{emulator.Fault{Path: "/api_token/:id"}, "/api_token", "[]"},
		{emulator.Fault{Path: "/api_token/:id"}, "/api_token/x/suspend", "[]"},
		{emulator.Fault{Times: 2}, "/ping", "[0 1]"},
		{emulator.Fault{Skip: 2}, "/ping", "[2 3 4 5]"},
		{emulator.Fault{Skip: 2, Times: 3}, "/ping", "[2 3 4]"},
		{emulator.Fault{Skip: 9}, "/ping", "[]"},
	} {
		s.ClearFaults()
		c.fault.Kind, c.fault.Status = emulator.FaultStatus, hit
		s.Inject(c.fault)
		if got := fmt.Sprint(try(6, http.MethodGet, c.path)); got != c.want {
			t.Errorf("%+v on %s: %s, want %s", c.fault, c.path, got, c.want)
		}
	}
	// Requests that do not match are not counted.
	s.ClearFaults()
	s.Inject(emulator.Fault{Kind: emulator.FaultStatus, Status: hit, Path: "/ping", Skip: 1, Times: 1})
	try(3, http.MethodGet, "/nothing")
	if got := fmt.Sprint(try(3, http.MethodGet, "/ping")); got != "[1]" {
		t.Errorf("hits %s, want [1]", got)
	}
	// A share of the requests, the same on each run.
	s.ClearFaults()
	s.Inject(emulator.Fault{Kind: emulator.FaultStatus, Status: hit, Probability: 0.3})
	if got := len(try(1000, http.MethodGet, "/ping")); got < 250 || got > 350 || got != s.FaultHits() {
		t.Errorf("%d of 1000 requests, %d counted", got, s.FaultHits())
	}
	// Of several faults the first one that is left decides.
	s.ClearFaults()
	s.Inject(emulator.Fault{Kind: emulator.FaultStatus, Status: hit, Times: 1})
	s.Inject(emulator.Fault{Kind: emulator.FaultStatus, Status: 500})
	if a, b := s.get("/ping").status, s.get("/ping").status; a != hit || b != 500 || s.FaultHits() != 2 {
		t.Errorf("answers %d and %d, %d hits", a, b, s.FaultHits())
	}
}

// Delays of several faults add up; in a bubble they take no time.
func TestLatency(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t)
		s.Inject(emulator.Fault{Latency: 2 * time.Second})
		s.Inject(emulator.Fault{Latency: time.Second, Kind: emulator.FaultStatus, Status: 503})
		s.Inject(emulator.Fault{Latency: time.Second, Path: "/nothing"})
		before := time.Now()
		s.want(s.get("/ping"), 503, "unexpected")
		if took := time.Since(before); took != 3*time.Second {
			t.Errorf("it took %s", took)
		}
		// Whoever does not wait is not served.
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		s.ClearFaults()
		s.Inject(emulator.Fault{Latency: time.Hour})
		before = time.Now()
		w := httptest.NewRecorder()
		s.ServeHTTP(w, s.request(s.value, http.MethodPost, "/api_token", object{"details": object{"token_scope": "account"}}).WithContext(ctx))
		if took := time.Since(before); took != time.Second || w.Body.Len() != 0 || len(s.Tokens()) != 2 {
			t.Errorf("after %s: %s", took, w.Body)
		}
	})
}

// A slow body takes its time, and ends with the request's context.
func TestSlowBody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t)
		s.Inject(emulator.Fault{Kind: emulator.FaultSlowBody, Latency: time.Minute})
		before := time.Now()
		a := s.get("/ping")
		if took := time.Since(before); took < 55*time.Second || took > time.Minute || a.details()["token_type"] != "api" {
			t.Errorf("after %s: %s", took, a.raw)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		before = time.Now()
		w := httptest.NewRecorder()
		s.ServeHTTP(w, s.request(s.value, http.MethodGet, "/ping", nil).WithContext(ctx))
		if took := time.Since(before); took != 30*time.Second || w.Body.Len() == 0 || json.Valid(w.Body.Bytes()) {
			t.Errorf("after %s: %s", took, w.Body)
		}
	})
}

func TestNotYet(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.Inject(emulator.Fault{Kind: emulator.FaultNotYet, For: time.Minute})
	s.clock.advance(time.Hour)
	id := s.want(s.createToken(object{"token_scope": "account"}), 200, "").text("id")
	for _, r := range []struct{ method, suffix string }{{"GET", ""}, {"POST", "/suspend"}, {"DELETE", ""}} {
		s.want(s.call(r.method, "/api_token/"+id+r.suffix, nil), 404, "not_found")
	}
	s.want(s.get("/api_token/"+s.admin.ID), 200, "")
	s.want(s.get("/agent/"+s.agent.ID), 200, "")
	s.clock.advance(time.Minute - time.Microsecond)
	s.want(s.get("/api_token/"+id), 404, "not_found")
	s.clock.advance(time.Microsecond)
	s.want(s.get("/api_token/"+id), 200, "")
}

func TestLaggingList(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	old := s.tokenIn("revoked")
	s.clock.advance(time.Hour)
	fresh := s.tokenIn("active")
	if err := s.DeleteToken(old); err != nil {
		t.Fatal(err)
	}
	s.Inject(emulator.Fault{Kind: emulator.FaultLaggingList, For: time.Minute})
	check := func(want ...string) {
		t.Helper()
		if got := s.list("/api_token", "sorting", "id").ids(); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%v, want %v", got, want)
		}
	}
	check(s.admin.ID, old)
	// Only the list lags.
	s.want(s.get("/api_token/"+fresh), 200, "")
	s.want(s.get("/api_token/"+old), 404, "not_found")
	if got := s.get("/agent").ids(); len(got) != 1 {
		t.Errorf("%v", got)
	}
	s.clock.advance(time.Minute)
	check(s.admin.ID, fresh)
	s.ClearFaults()
	check(s.admin.ID, fresh)
	s.Inject(emulator.Fault{Kind: emulator.FaultLaggingList, For: time.Minute})
	s.want(s.list("/api_token", "sorting", "colour"), 422, "validation_errors")
}

// The number of requests at once is counted, also of those that end badly.
func TestInFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t)
		s.Inject(emulator.Fault{Latency: time.Second})
		s.Inject(emulator.Fault{Kind: emulator.FaultCutBefore, Times: 2})
		done := make(chan any)
		for range 5 {
			go func() {
				defer func() { done <- recover() }()
				s.ServeHTTP(httptest.NewRecorder(), s.request(s.value, http.MethodGet, "/ping", nil))
			}()
		}
		cuts := 0
		for range 5 {
			if err, ok := (<-done).(error); ok && errors.Is(err, http.ErrAbortHandler) {
				cuts++
			}
		}
		if cuts != 2 || s.InFlightMax() != 5 {
			t.Errorf("%d cuts, %d at once", cuts, s.InFlightMax())
		}
		s.ResetRequests()
		s.get("/ping")
		if s.InFlightMax() != 1 {
			t.Errorf("%d at once", s.InFlightMax())
		}
	})
}
