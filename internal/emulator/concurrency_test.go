package emulator_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

// Many callers at once, while a test looks, clicks and sets faults. The race
// detector watches; nothing may be lost or made twice.
func TestConcurrency(t *testing.T) {
	t.Parallel()
	const callers, rounds = 8, 20
	s := newScene(t)
	var all sync.WaitGroup
	for caller := range callers {
		all.Go(func() {
			for round := range rounds {
				key := object{"details": object{"token_scope": "account"}, "idempotency_key": fmt.Sprint("caller ", caller, " ", round)}
				a, again := s.call(http.MethodPost, "/api_token", key), s.call(http.MethodPost, "/api_token", key)
				if a.status != 200 || a.raw != again.raw {
					t.Errorf("%s\nand again %s", a.raw, again.raw)
				}
				id := a.text("id")
				if err := s.Suspend(id); err != nil {
					t.Error(err)
				}
				if s.call(http.MethodPost, "/api_token/"+id+"/revoke", object{}).text("status") != "revoked" {
					t.Errorf("%s was not revoked", id)
				}
				if round%2 == 0 && s.call(http.MethodDelete, "/api_token/"+id, nil).status != 200 {
					t.Errorf("%s was not deleted", id)
				}
				s.list("/api_token", "pagination[page_size]", "7")
				s.Inject(emulator.Fault{Latency: time.Microsecond, Times: 1})
				_, _, _, _ = s.Requests(), s.Tokens(), s.Secrets(), s.InFlightMax()
				s.clock.advance(time.Millisecond)
			}
		})
	}
	all.Wait()
	if got, want := len(s.Tokens()), 2+callers*rounds/2; got != want {
		t.Errorf("%d tokens, want %d", got, want)
	}
	if got, want := len(s.Secrets()), 2+callers*rounds; got != want {
		t.Errorf("%d values, want %d", got, want)
	}
	if got, want := len(s.Requests()), callers*(rounds*4+rounds/2); got != want {
		t.Errorf("%d requests, want %d", got, want)
	}
	if most := s.InFlightMax(); most < 1 || most > callers {
		t.Errorf("%d at once", most)
	}
	ids := map[string]bool{}
	for _, token := range s.Tokens() {
		ids[token.ID] = true
	}
	if len(ids) != len(s.Tokens()) {
		t.Errorf("%d ids of %d tokens", len(ids), len(s.Tokens()))
	}
}

// The same key from many callers at once makes one token.
func TestConcurrentReplays(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	ids := make([]string, 16)
	var all sync.WaitGroup
	for i := range ids {
		all.Go(func() { ids[i] = s.call(http.MethodPost, "/api_token", keyed("some key")).text("id") })
	}
	all.Wait()
	for _, id := range ids {
		if id == "" || id != ids[0] {
			t.Errorf("ids %v", ids)
		}
	}
	if got := len(s.Tokens()); got != 3 {
		t.Errorf("%d tokens, want 3", got)
	}
}

// A request that breaks off has no effect and gets no success.
func TestUnreadableBody(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	r := s.request(s.value, http.MethodPost, "/api_token", keyed("some key"))
	r.Body = io.NopCloser(io.MultiReader(r.Body, iotest.ErrReader(io.ErrUnexpectedEOF)))
	func() {
		defer func() {
			if err, ok := recover().(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
				t.Errorf("it ends with %v", err)
			}
		}()
		s.ServeHTTP(httptest.NewRecorder(), r)
	}()
	if all := s.Requests(); len(all) != 1 || all[0].Status != 0 || len(s.Tokens()) != 2 {
		t.Errorf("%+v", all)
	}
}
