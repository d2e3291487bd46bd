package coalesce_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/coalesce"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// trips sets how long requests and responses take, in turn; then they take no time.
func (w *world) trips(all ...time.Duration) {
	var mu sync.Mutex
	w.travel = func() time.Duration {
		mu.Lock()
		defer mu.Unlock()
		if len(all) == 0 {
			return 0
		}
		d := all[0]
		all = all[1:]
		return d
	}
}

// wants reads a token, which is to have a status.
func (w *world) wants(t *testing.T, id, status string) {
	t.Helper()
	if k, err := w.token(t.Context(), id); err != nil || k.Status.Value != status {
		t.Errorf("read as %q, %v, want %q", k.Status.Value, err, status)
	}
}

// A read during a write shows what the write may have done.
func TestReadDuringWrite(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, emulator.Variant{}, 50)
		tokens := w.accounts[0].tokens
		w.readAll(t, tokens[:4], 1)
		w.wants(t, tokens[20], "active")
		w.trips(time.Second, 10*time.Second)
		var writer sync.WaitGroup
		writer.Go(func() {
			if err := write(t, w.reader, tokens[20], "suspend"); err != nil {
				t.Error(err)
			}
		})
		<-time.After(5 * time.Second)
		w.forgetRequests()
		w.wants(t, tokens[20], "suspended")
		if w.reads() != 1 {
			t.Errorf("%d reads", w.reads())
		}
		writer.Wait()
	})
}

// A read after a write shares no request that was sent before the write ended.
func TestReadAfterWrite(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, emulator.Variant{}, 50)
		id := w.accounts[0].tokens[20]
		// The write arrives after a second and its response at once; the read
		// arrives earlier, and its response takes long.
		w.trips(time.Second, 0, 4*time.Second)
		var group sync.WaitGroup
		group.Go(func() {
			if err := write(t, w.reader, id, "suspend"); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		group.Go(func() { w.wants(t, id, "active") })
		<-time.After(2 * time.Second)
		w.wants(t, id, "suspended")
		group.Wait()
	})
}

// Readers share a request only as long as rows would be fresh.
func TestSlowRequestIsNotShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, emulator.Variant{}, 50)
		a := w.accounts[0]
		if err := write(t, w.reader, a.tokens[0], "suspend"); err != nil {
			t.Fatal(err)
		}
		w.trips(0, 20*time.Second)
		var group sync.WaitGroup
		group.Go(func() { w.wants(t, a.tokens[20], "active") })
		<-time.After(time.Second)
		if err := a.Suspend(a.tokens[20]); err != nil {
			t.Fatal(err)
		}
		<-time.After(coalesce.WritingFreshness - time.Second)
		w.wants(t, a.tokens[20], "suspended")
		group.Wait()
	})
}

// A listing that takes longer than rows stay fresh serves the reads that began
// before it, and no later ones.
func TestSlowListing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, emulator.Variant{}, 50)
		a := w.accounts[0]
		if err := write(t, w.reader, a.tokens[0], "suspend"); err != nil {
			t.Fatal(err)
		}
		w.readAll(t, a.tokens[1:4], 1)
		w.forgetRequests()
		w.trips(0, 20*time.Second)
		var group sync.WaitGroup
		group.Go(func() { w.wants(t, a.tokens[20], "active") })
		<-time.After(time.Second)
		for _, id := range []string{a.tokens[20], a.tokens[21]} {
			if err := a.Suspend(id); err != nil {
				t.Fatal(err)
			}
		}
		<-time.After(coalesce.WritingFreshness)
		w.wants(t, a.tokens[21], "suspended")
		group.Wait()
		if w.reads() != 1 || w.lists() != 1 {
			t.Errorf("%d reads and %d pages, want one of each", w.reads(), w.lists())
		}
	})
}

// Rows serve reads only briefly from the moment on at which a create is sent.
func TestFreshnessDuringCreate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, emulator.Variant{}, 50)
		a := w.accounts[0]
		w.readAll(t, a.tokens[:4], 1)
		if err := a.Suspend(a.tokens[20]); err != nil {
			t.Fatal(err)
		}
		<-time.After(2 * coalesce.WritingFreshness)
		w.trips(0, 10*time.Second)
		var creator sync.WaitGroup
		creator.Go(func() {
			if _, err := w.reader.CreateToken(t.Context(), prefactor.NewToken{Scope: prefactor.ScopeAccount}); err != nil {
				t.Error(err)
			}
		})
		<-time.After(time.Second)
		w.wants(t, a.tokens[20], "suspended")
		creator.Wait()
	})
}

// A failure is shared by all who wait for the request, and by nobody later.
func TestSharedFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, emulator.Variant{}, 50)
		a := w.accounts[0]
		w.travel = func() time.Duration { return time.Second }
		a.Inject(emulator.Fault{Method: http.MethodGet, Kind: emulator.FaultStatus, Status: http.StatusForbidden, Times: 1})
		var group sync.WaitGroup
		for range 5 {
			group.Go(func() {
				if _, err := w.token(t.Context(), a.tokens[20]); err == nil {
					t.Error("a failed request gave no error")
				}
			})
		}
		group.Wait()
		w.wants(t, a.tokens[20], "active")
		if w.reads() != 2 {
			t.Errorf("%d reads, want 2", w.reads())
		}
	})
}

// The platform does not say what becomes of the tokens of a deleted agent,
// environment or deployment: no earlier row or request serves a later read.
func TestReadAfterRemovals(t *testing.T) {
	t.Parallel()
	id, err := pfid.New(time.Now(), 1)
	if err != nil {
		t.Fatal(err)
	}
	nobody := id.String()
	for name, remove := range map[string]func(ctx context.Context, r *coalesce.Reader) error{
		"retire an agent":       func(ctx context.Context, r *coalesce.Reader) error { return second(r.RetireAgent(ctx, nobody)) },
		"reinstate an agent":    func(ctx context.Context, r *coalesce.Reader) error { return second(r.ReinstateAgent(ctx, nobody)) },
		"delete an agent":       func(ctx context.Context, r *coalesce.Reader) error { return r.DeleteAgent(ctx, nobody) },
		"delete an environment": func(ctx context.Context, r *coalesce.Reader) error { return r.DeleteEnvironment(ctx, nobody) },
		"delete a deployment":   func(ctx context.Context, r *coalesce.Reader) error { return r.DeleteDeployment(ctx, nobody) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, emulator.Variant{}, 50)
				a := w.accounts[0]
				w.trips(0, 20*time.Second)
				var group sync.WaitGroup
				group.Go(func() { w.wants(t, a.tokens[0], "active") })
				synctest.Wait()
				w.readAll(t, a.tokens[1:5], 1)
				for _, id := range []string{a.tokens[0], a.tokens[20]} {
					if err := a.Suspend(id); err != nil {
						t.Fatal(err)
					}
				}
				if err := remove(t.Context(), w.reader); !errors.Is(err, prefactor.ErrNotFound) {
					t.Errorf("got %v", err)
				}
				w.wants(t, a.tokens[0], "suspended")
				w.wants(t, a.tokens[20], "suspended")
				group.Wait()
			})
		})
	}
}

func second[T any](_ T, err error) error { return err }
