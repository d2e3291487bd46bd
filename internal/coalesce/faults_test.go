package coalesce_test

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// A failed listing fails no read, and costs its requests only once.
func TestListingFails(t *testing.T) {
	t.Parallel()
	const attempts = prefactor.DefaultMaxRetries + 1
	for name, c := range map[string]struct {
		fault emulator.Fault
		// most is how many requests 299 reads of three pages may take.
		most int
	}{
		"500":          {emulator.Fault{Kind: emulator.FaultStatus, Status: 500}, 299 + attempts},
		"403":          {emulator.Fault{Kind: emulator.FaultStatus, Status: 403}, 299 + 1},
		"page of HTML": {emulator.Fault{Kind: emulator.FaultHTML, Status: 404}, 299 + 1},
		"cut off":      {emulator.Fault{Kind: emulator.FaultTruncatedJSON}, 299 + attempts},
		"no ids":       {emulator.Fault{Kind: emulator.FaultMissingFields, Fields: []string{"id"}}, 299 + 1},
		"wrong types":  {emulator.Fault{Kind: emulator.FaultWrongTypes}, 299 + 1},
		// The rows of the second page, the last one of which is asked for by
		// then, are read singly.
		"second page":    {emulator.Fault{Kind: emulator.FaultStatus, Status: 403, Skip: 1, Times: 1}, 3 + 3 + 100},
		"both others":    {emulator.Fault{Kind: emulator.FaultStatus, Status: 403, Skip: 1}, 299 - 100 + 3},
		"lags behind":    {emulator.Fault{Kind: emulator.FaultLaggingList, For: 2 * time.Hour}, 299 + 1},
		"recovers":       {emulator.Fault{Kind: emulator.FaultStatus, Status: 503, Times: 2}, 3 + 3 + 2},
		"nothing listed": {emulator.Fault{Kind: emulator.FaultRaw, Status: 200, Body: []byte(`{"status":"success","summaries":[],"pagination":{"item_count":0,"next_page_offset":null}}`)}, 299 + 1},
	} {
		for _, parallel := range readers() {
			t.Run(name+" by "+strconv.Itoa(parallel), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, emulator.Variant{}, 300)
					w.travel = func() time.Duration { return time.Millisecond }
					fault := c.fault
					fault.Method, fault.Path = "GET", "/api_token"
					w.accounts[0].Inject(fault)
					got := w.readAll(t, w.accounts[0].tokens, parallel)
					if n := w.reads() + w.lists(); n > c.most {
						t.Errorf("%d reads and %d pages, want %d requests at the most", w.reads(), w.lists(), c.most)
					}
					w.checkAll(t, got)
				})
			})
		}
	}
}

// Of eleven pages, one that fails costs the single reads of its rows.
func TestLostPage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, emulator.Variant{}, 1001)
		w.accounts[0].Inject(emulator.Fault{Method: "GET", Path: "/api_token", Kind: emulator.FaultStatus, Status: 403, Skip: 3, Times: 1})
		w.checkReads(t, w.accounts[0].tokens, 11+100, 11)
	})
}

// After two failed pages no others are requested.
func TestLostPages(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("thousands of single reads show no other data race than those of TestListingFails")
	}
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, emulator.Variant{}, 3001)
		w.accounts[0].Inject(emulator.Fault{Method: "GET", Path: "/api_token", Kind: emulator.FaultStatus, Status: 403, Skip: 1})
		w.travel = func() time.Duration { return time.Millisecond }
		w.checkAll(t, w.readAll(t, w.accounts[0].tokens, 10))
		// The first one, those in flight at the second failure, and no other.
		if n := w.lists(); n > 1+prefactor.DefaultMaxConcurrentRequests+2 {
			t.Errorf("%d pages", n)
		}
	})
}

// checkReads reads tokens by ten at once and counts the requests.
func (w *world) checkReads(t *testing.T, ids []string, reads, lists int) {
	t.Helper()
	w.checkReadsBy(t, ids, 10, reads, lists)
}

func (w *world) checkReadsBy(t *testing.T, ids []string, parallel, reads, lists int) {
	t.Helper()
	got := w.readAll(t, ids, parallel)
	if w.reads() != reads || w.lists() != lists {
		t.Errorf("%d reads and %d pages, want %d and %d", w.reads(), w.lists(), reads, lists)
	}
	w.checkAll(t, got)
}

// A failed listing is retried after a minute.
func TestListingIsRetried(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, emulator.Variant{}, 51)
		w.accounts[0].Inject(emulator.Fault{Method: "GET", Path: "/api_token", Kind: emulator.FaultStatus, Status: 403, Times: 1})
		w.checkReads(t, w.accounts[0].tokens, 50, 1)
		<-time.After(59 * time.Second)
		w.forgetRequests()
		w.checkReads(t, w.accounts[0].tokens, 50, 0)
		<-time.After(2 * time.Minute)
		w.forgetRequests()
		w.checkReads(t, w.accounts[0].tokens, 3, 1)
	})
}

// Tokens that are created and deleted while the pages are requested move others
// between pages. All reads are correct.
func TestRowsMove(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(t *testing.T, a *account){
		"some are deleted": func(t *testing.T, a *account) {
			t.Helper()
			// The newest ones: every page begins ten rows later.
			for _, id := range a.tokens[989:999] {
				if err := a.DeleteToken(id); err != nil {
					t.Error(err)
				}
			}
		},
		"some are created": func(t *testing.T, a *account) {
			t.Helper()
			for range 10 {
				a.AddToken(emulator.TokenSpec{Scope: "account", AccountID: a.id})
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, emulator.Variant{}, 1000)
				a := w.accounts[0]
				lists := 0
				var once sync.Mutex
				w.settled = func(r *http.Request) {
					once.Lock()
					defer once.Unlock()
					if r.URL.Query().Has("pagination[offset]") {
						if lists++; lists == 4 {
							change(t, a)
						}
					}
				}
				got := w.readAll(t, a.tokens[:980], 10)
				// Ten rows are lost where a page from before is followed by one from
				// after, and at most six are under way.
				if n := w.reads() + w.lists(); n > 2*10+3+6*10 {
					t.Errorf("%d reads and %d pages", w.reads(), w.lists())
				}
				w.checkAll(t, got)
			})
		})
	}
}

// Only a single read's 404 says that a token is deleted.
func TestDeleted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, emulator.Variant{}, 200)
		a := w.accounts[0]
		deleted := a.tokens[50]
		if err := a.DeleteToken(deleted); err != nil {
			t.Fatal(err)
		}
		w.readAll(t, a.tokens[:50], 5)
		w.forgetRequests()
		if _, err := w.token(t.Context(), deleted); !errors.Is(err, prefactor.ErrNotFound) {
			t.Errorf("a deleted token is read with %v", err)
		}
		if all := a.Requests(); len(all) != 1 || !strings.HasSuffix(all[0].Path, deleted) {
			t.Errorf("asked by %v", all)
		}
	})
}

// A malformed id is an error, and no request.
func TestMalformedID(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, emulator.Variant{}, 2)
		if _, err := w.token(t.Context(), "../account"); err == nil || w.reads()+w.lists() != 0 {
			t.Errorf("%d requests, %v", w.reads()+w.lists(), err)
		}
	})
}

// A reader that gives up returns at once and cancels nobody else's request, whether
// of a single token or of the list.
func TestOneGivesUp(t *testing.T) {
	t.Parallel()
	for name, prepared := range map[string]int{"single": 0, "list": 3} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, emulator.Variant{}, 200)
				tokens := w.accounts[0].tokens
				w.readAll(t, tokens[:prepared], 1)
				w.forgetRequests()
				w.travel = func() time.Duration { return time.Second }
				began := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
				defer cancel()
				var readers sync.WaitGroup
				readers.Go(func() {
					if _, err := w.token(ctx, tokens[150]); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Second/2 {
						t.Errorf("the reader that gives up got %v after %s", err, time.Since(began))
					}
				})
				synctest.Wait()
				for range 3 {
					readers.Go(func() {
						if _, err := w.token(t.Context(), tokens[150]); err != nil || time.Since(began) != 2*time.Second {
							t.Errorf("a reader that stays got %v after %s", err, time.Since(began))
						}
					})
				}
				readers.Wait()
				if n := w.reads() + w.lists(); n != 1 {
					t.Errorf("%d requests, want one", n)
				}
			})
		})
	}
}

// A request that nobody waits for is canceled, and says nothing of the list.
func TestAllGiveUp(t *testing.T) {
	t.Parallel()
	for name, prepared := range map[string]int{"single": 0, "first page": 3, "other pages": 4} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, emulator.Variant{}, 400)
				tokens := w.accounts[0].tokens
				w.readAll(t, tokens[:prepared], 1)
				w.forgetRequests()
				ended := 0
				var mu sync.Mutex
				w.travel = func() time.Duration { return time.Second }
				ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
				defer cancel()
				var readers sync.WaitGroup
				for range 5 {
					readers.Go(func() {
						if _, err := w.token(ctx, tokens[10]); errors.Is(err, context.DeadlineExceeded) {
							mu.Lock()
							ended++
							mu.Unlock()
						}
					})
				}
				readers.Wait()
				synctest.Wait()
				if ended != 5 || w.reads()+w.lists() != 0 {
					// On their way, none has arrived.
					t.Errorf("%d readers gave up, %d requests arrived", ended, w.reads()+w.lists())
				}
				w.travel = func() time.Duration { return 0 }
				w.forgetRequests()
				w.readAll(t, tokens, 10)
				if n := w.reads() + w.lists(); n > 2*4+3 {
					t.Errorf("%d reads and %d pages after others gave up", w.reads(), w.lists())
				}
			})
		})
	}
}

// Single reads that fail are no reason for more of them.
func TestFirstReadFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, emulator.Variant{}, 400)
		w.travel = func() time.Duration { return time.Second }
		a := w.accounts[0]
		a.Inject(emulator.Fault{Method: "GET", Path: "/api_token/:id", Kind: emulator.FaultStatus, Status: 403, Times: 3})
		var readers sync.WaitGroup
		for _, id := range a.tokens[:20] {
			readers.Go(func() { _, _ = w.token(t.Context(), id) })
		}
		readers.Wait()
		if w.reads() > 6 || w.lists() > 4 {
			t.Errorf("%d reads and %d pages for 20 readers", w.reads(), w.lists())
		}
	})
}

// A write does not queue behind the pages of a long list.
func TestWriteDuringListing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, emulator.Variant{}, 5001)
		tokens := w.accounts[0].tokens
		w.travel = func() time.Duration { return 50 * time.Millisecond }
		w.readAll(t, tokens[:51], 1)
		w.forgetRequests()
		var reader sync.WaitGroup
		reader.Go(func() { w.readAll(t, tokens[51:52], 1) })
		<-time.After(120 * time.Millisecond)
		began := time.Now()
		if _, err := w.reader.SuspendToken(t.Context(), tokens[0]); err != nil {
			t.Error(err)
		}
		if waited := time.Since(began); waited > 200*time.Millisecond {
			t.Errorf("a write took %s while %d pages had been listed", waited, w.lists())
		}
		reader.Wait()
		if w.lists() != 50 || w.MostInFlight() != prefactor.DefaultMaxConcurrentRequests {
			t.Errorf("%d pages, %d at once", w.lists(), w.MostInFlight())
		}
	})
}
