package prefactor_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// An interrupt does not cancel a change that is in flight, and its response is
// used: a created token's value is never shown again.
func TestInterruptDuringChange(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	s := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		interrupt()
		if r.URL.Path == "/api/v1/api_token" {
			reply{status: http.StatusCreated, body: createdJSON(newValue)}.write(w, r)
			return
		}
		ok(single(tokenID)).write(w, r)
	})
	created, err := s.client(t).CreateToken(ctx, prefactor.NewToken{Scope: prefactor.ScopeAccount})
	if err != nil || created.Value != newValue || created.ID != tokenID {
		t.Errorf("created %+v, %v", created, err)
	}
	// Nothing new is sent from now on.
	for name, err := range map[string]error{
		"create":  fails(s.client(t).CreateToken(ctx, prefactor.NewToken{Scope: prefactor.ScopeAccount})),
		"suspend": fails(s.client(t).SuspendToken(ctx, tokenID)),
		"delete":  s.client(t).DeleteToken(ctx, tokenID),
		"read":    fails(s.client(t).Token(ctx, tokenID)),
	} {
		e := failure(t, err)
		if !errors.Is(e, context.Canceled) || e.Ambiguous || e.Attempts != 0 || !strings.Contains(e.Message, "interrupted") {
			t.Errorf("%s after the interrupt: %+v", name, e)
		}
	}
	if n := len(s.requests()); n != 1 {
		t.Errorf("%d requests, want one", n)
	}
}

// The response to a change during an interrupt is the result, if it is final. It is
// not retried otherwise.
func TestInterruptDuringFailingChange(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		response    reply
		status      int
		interrupted bool
		ambiguous   bool
	}{
		{"refused", apiError(http.StatusConflict, "invalid_action", "it is revoked"), http.StatusConflict, false, false},
		{"unavailable", apiError(http.StatusServiceUnavailable, "unexpected", "come back later"), 0, true, true},
		{"rate limited", apiError(http.StatusTooManyRequests, "unknown", "come back later"), 0, true, false},
		{"cut", reply{status: -1}, 0, true, true},
		{"cut in the body", reply{status: http.StatusOK, body: single(tokenID), cut: 30}, 0, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ctx, interrupt := context.WithCancel(t.Context())
			s := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
				interrupt()
				c.response.write(w, r)
			})
			_, err := s.client(t).SuspendToken(ctx, tokenID)
			e := failure(t, err)
			if e.Status != c.status || errors.Is(err, context.Canceled) != c.interrupted || e.Ambiguous != c.ambiguous || e.Attempts != 1 || len(s.requests()) != 1 {
				t.Errorf("%d requests: %+v", len(s.requests()), e)
			}
			if c.name == "unavailable" && !strings.Contains(e.Message, "the last response was HTTP 503 (Service Unavailable), code unexpected: come back later") {
				t.Errorf("%v", e)
			}
		})
	}
}

// An interrupt cancels a read.
func TestInterruptDuringRead(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	left := make(chan struct{})
	s := serve(t, func(_ int, _ http.ResponseWriter, r *http.Request) {
		interrupt()
		<-r.Context().Done()
		close(left)
	})
	_, err := s.client(t).Token(ctx, tokenID)
	if e := failure(t, err); !errors.Is(err, context.Canceled) || e.Ambiguous || e.Attempts != 1 {
		t.Errorf("%+v", e)
	}
	<-left
}

// One attempt, not the whole call, is bounded in time.
func TestTimeoutPerAttempt(t *testing.T) {
	t.Parallel()
	s := serve(t, func(n int, w http.ResponseWriter, r *http.Request) {
		if n < 2 {
			<-r.Context().Done()
			return
		}
		ok(single(tokenID)).write(w, r)
	})
	if _, err := s.client(t, timeout(50*time.Millisecond)).Token(t.Context(), tokenID); err != nil {
		t.Fatal(err)
	}
	// On a busy machine the third attempt may take too long as well.
	if n := len(s.requests()); n < 3 {
		t.Errorf("%d requests, want 3", n)
	}
}

func TestTimeoutOfChange(t *testing.T) {
	t.Parallel()
	s := serve(t, func(_ int, _ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	_, err := s.client(t, timeout(30*time.Millisecond), retries(1)).CreateToken(t.Context(), prefactor.NewToken{Scope: prefactor.ScopeAccount})
	e := failure(t, err)
	if !e.Ambiguous || e.Attempts != 2 || e.Status != 0 || !errors.Is(err, prefactor.ErrNoResponse) || !strings.Contains(e.Error(), "no response within 30ms") {
		t.Errorf("%+v", e)
	}
}

// A slow body counts for the time-out of the attempt.
func TestTimeoutOfBody(t *testing.T) {
	t.Parallel()
	s := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusCreated)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for range 10_000 {
			_, _ = io.WriteString(w, " ")
			_ = http.NewResponseController(w).Flush()
			select {
			case <-r.Context().Done():
				return
			case <-tick.C:
			}
		}
	})
	_, err := s.client(t, timeout(time.Second), retries(1)).CreateToken(t.Context(), prefactor.NewToken{Scope: prefactor.ScopeAccount})
	e := failure(t, err)
	if !e.Ambiguous || e.Attempts != 2 || e.Status != http.StatusCreated || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%+v", e)
	}
}

// The time-out of one attempt is 30 seconds unless it is set.
func TestDefaultTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, "https://platform.example", overNetwork(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}), retries(0))
		start := time.Now()
		_, err := c.Ping(t.Context())
		if e := failure(t, err); time.Since(start) != prefactor.DefaultRequestTimeout || !strings.Contains(e.Message, "no response within 30s") {
			t.Errorf("after %s: %+v", time.Since(start), e)
		}
	})
}

// The cap on requests in flight holds, and all slots are released: after
// successes, errors and responses that break.
func TestConcurrencyCap(t *testing.T) {
	t.Parallel()
	for _, most := range []int{0, 1, 3} {
		want := most
		if want == 0 {
			want = prefactor.DefaultMaxConcurrentRequests
		}
		p, value := platform()
		p.Inject(emulator.Fault{Kind: emulator.FaultLatency, Latency: 10 * time.Millisecond})
		for _, kind := range []emulator.FaultKind{emulator.FaultCutBefore, emulator.FaultCutBody, emulator.FaultHTML, emulator.FaultRedirect, emulator.FaultEmptyBody} {
			p.Inject(emulator.Fault{Kind: kind, Times: 5, Status: http.StatusBadGateway})
		}
		c := newClient(t, listen(t, p), func(c *prefactor.Config) { c.Token, c.MaxConcurrentRequests = value, most })
		done := make(chan struct{})
		for range 40 {
			go func() {
				defer func() { done <- struct{}{} }()
				_, _ = c.Tokens(t.Context(), "")
			}()
		}
		for range 40 {
			<-done
		}
		if got := p.InFlightMax(); got != want {
			t.Errorf("cap %d: %d at once, want %d", most, got, want)
		}
		p.ClearFaults()
		if _, err := c.Ping(t.Context()); err != nil {
			t.Errorf("no slot is left: %v", err)
		}
	}
}

// A request that waits for a slot stops waiting when interrupted.
func TestInterruptWhileQueued(t *testing.T) {
	t.Parallel()
	arrived, leave := make(chan struct{}), make(chan struct{})
	s := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-leave
		ok(single(tokenID)).write(w, r)
	})
	c := s.client(t, func(c *prefactor.Config) { c.MaxConcurrentRequests = 1 })
	first := make(chan error)
	go func() { first <- fails(c.Token(t.Context(), tokenID)) }()
	<-arrived
	ctx, interrupt := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer interrupt()
	_, err := c.RevokeToken(ctx, tokenID)
	if e := failure(t, err); !errors.Is(err, context.DeadlineExceeded) || e.Ambiguous || e.Attempts != 0 {
		t.Errorf("%+v", e)
	}
	close(leave)
	if err := <-first; err != nil {
		t.Error(err)
	}
}
