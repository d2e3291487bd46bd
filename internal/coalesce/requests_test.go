package coalesce_test

import (
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// How many requests a refresh takes, exactly, whatever the number of readers.
func TestRequests(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ managed, inAccount, reads, lists int }{
		{1, 2, 1, 0},
		{1, 1000, 1, 0},
		{1, 100_000, 1, 0},
		{3, 4, 3, 0},
		{3, 1000, 3, 0},
		{3, 100_000, 3, 0},
		{4, 5, 3, 1},
		{4, 1000, 4, 1},
		{10, 11, 3, 1},
		{10, 1000, 10, 1},
		{10, 100_000, 10, 1},
		{50, 51, 3, 1},
		{99, 100, 3, 1},
		{100, 101, 3, 1},
		{110, 200, 3, 2},
		{100, 1000, 10, 10},
		{100, 100_000, 100, 1},
		{1000, 1001, 11, 11},
		{1000, 2000, 20, 20},
		{1000, 100_000, 1000, 1},
		{5000, 5001, 51, 51},
	} {
		for _, parallel := range append(readers(), 100) {
			if parallel != 10 && c.inAccount == 100_000 || testing.Short() && c.inAccount > 200 {
				continue
			}
			t.Run(fmt.Sprintf("%d of %d by %d", c.managed, c.inAccount, parallel), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, emulator.Variant{}, c.inAccount)
					w.travel = func() time.Duration { return 10 * time.Millisecond }
					got := w.readAll(t, w.accounts[0].tokens[:c.managed], parallel)
					if reads, lists := w.reads(), w.lists(); reads != c.reads || lists != c.lists {
						t.Errorf("%d reads and %d pages, want %d and %d", reads, lists, c.reads, c.lists)
					}
					pages := (c.inAccount + 99) / 100
					if n, bound := w.reads()+w.lists(), 2*min(c.managed, pages)+3; n > bound {
						t.Errorf("%d requests are more than twice the best and three: %d", n, bound)
					}
					w.checkAll(t, got)
				})
			})
		}
	}
}

// Of a list that does not say how many rows it has, no more pages than single
// reads are requested.
func TestListWithoutCount(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ managed, inAccount, reads, lists int }{
		{3, 500, 3, 0},
		{4, 500, 4, 3},
		{10, 500, 5, 5},
		{499, 500, 5, 5},
		{20, 10_000, 20, 19},
	} {
		for _, parallel := range readers() {
			if testing.Short() && c.inAccount > 500 {
				continue
			}
			t.Run(fmt.Sprintf("%d of %d by %d", c.managed, c.inAccount, parallel), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, emulator.Variant{NoPagination: true}, c.inAccount)
					w.checkReadsBy(t, w.accounts[0].tokens[:c.managed], parallel, c.reads, c.lists)
				})
			})
		}
	}
}

// Few tokens that are read repeatedly, or by many at once, cost no more requests
// than without the list.
func TestFewTokens(t *testing.T) {
	t.Parallel()
	for _, parallel := range []int{1, 100} {
		t.Run(strconv.Itoa(parallel), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, emulator.Variant{}, 1000)
				w.travel = func() time.Duration { return time.Second }
				for n := range 15 {
					var all []string
					for range parallel {
						all = append(all, w.accounts[0].tokens[n%3])
					}
					w.readAll(t, all, parallel)
					if w.reads() != n+1 || w.lists() != 0 {
						t.Errorf("%d reads and %d pages after %d readings by %d at once", w.reads(), w.lists(), n+1, parallel)
					}
				}
			})
		})
	}
}

// Two accounts in one configuration have a listing each, of the right account.
func TestAccounts(t *testing.T) {
	t.Parallel()
	for _, parallel := range readers() {
		t.Run(strconv.Itoa(parallel), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, emulator.Variant{}, 501, 301, 1001)
				w.travel = func() time.Duration { return 10 * time.Millisecond }
				var all []string
				for n := range 300 {
					for _, a := range w.accounts {
						all = append(all, a.tokens[n])
					}
				}
				got := w.readAll(t, all, parallel)
				<-time.After(time.Second) // Nobody has to wait for the last page.
				// Their lists have 6, 4 and 11 pages.
				if reads, lists := w.reads(), w.lists(); reads != 6+4+11 || lists != 6+4+11 {
					t.Errorf("%d reads and %d pages", reads, lists)
				}
				for _, a := range w.accounts {
					for _, r := range a.Requests() {
						if q := r.Query; q.Has("pagination[offset]") && q.Get("account_id") != a.id {
							t.Errorf("the list of account %s was asked for with %v", a.id, q)
						}
					}
				}
				w.checkAll(t, got)
			})
		})
	}
}

// Without a state, such as for data sources, tokens are read singly until one has told
// the account. Responses to deleted tokens do not.
func TestAccountNotKnown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, emulator.Variant{}, 50, 300)
		a := w.accounts[1]
		for _, id := range a.tokens[:5] {
			if err := a.DeleteToken(id); err != nil {
				t.Fatal(err)
			}
			if _, err := w.reader.Token(t.Context(), id); !errors.Is(err, prefactor.ErrNotFound) {
				t.Errorf("a deleted token is read with %v", err)
			}
		}
		w.forgetRequests()
		for _, id := range a.tokens[5:] {
			if _, err := w.reader.Token(t.Context(), id); err != nil {
				t.Error(err)
			}
		}
		if w.reads() != 4 || len(a.Requests()) != 4+3 {
			t.Errorf("%d reads and %d requests to the account, want 4 and 3 pages", w.reads(), len(a.Requests()))
		}
	})
}

// A token is known as soon as its own page is there, whatever the other pages take.
func TestPagesServeAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, emulator.Variant{}, 400)
		tokens := w.accounts[0].tokens
		w.readAll(t, tokens[:4], 1)
		// One of the three other pages takes a minute.
		w.trips(time.Minute)
		began := time.Now()
		atOnce := 0
		var mu sync.Mutex
		var readers sync.WaitGroup
		for _, id := range tokens[4:] {
			readers.Go(func() {
				_, err := w.token(t.Context(), id)
				mu.Lock()
				defer mu.Unlock()
				if time.Since(began) == 0 {
					atOnce++
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		readers.Wait()
		if atOnce < 295 || w.lists() != 4 {
			t.Errorf("%d reads took no time, and %d pages were requested", atOnce, w.lists())
		}
	})
}

// The cost of a refresh depends neither on the order that the platform accepts nor
// on whether tokens in lists have their agents.
func TestRefresh(t *testing.T) {
	t.Parallel()
	for _, sorting := range []string{"", "bare", "structured", "none"} {
		for _, agentID := range []string{"", "details", "absent"} {
			for count, most := range map[int]int{300: 14, 1000: 25} {
				if testing.Short() && (count > 300 || sorting != "") {
					continue
				}
				t.Run(fmt.Sprintf("%d, sorting %s, agent id %s", count, sorting, agentID), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						w := newWorld(t, emulator.Variant{Sorting: sorting, AgentID: agentID}, 1)
						w.accounts[0].deploy(count)
						got := w.readAll(t, w.accounts[0].tokens, 10)
						if n := w.reads() + w.lists(); n > most {
							t.Errorf("%d requests, want %d at the most", n, most)
						}
						w.checkAll(t, got)
					})
				})
			}
		}
	}
}

// On every variant of the platform all reads are correct and the bound holds.
func TestVariants(t *testing.T) {
	t.Parallel()
	for _, v := range emulator.Variants(testing.Short()) {
		for _, parallel := range readers() {
			t.Run(fmt.Sprintf("%s by %d", v.Name, parallel), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					const count = 300
					w := newWorld(t, v.Variant, count)
					tokens := w.accounts[0].tokens
					got := w.readAll(t, tokens, parallel)
					pages := (count + 99) / 100
					most := 2*min(len(tokens), pages) + 3
					if v.Variant.Sorting == "bare" || v.Variant.Sorting == "none" {
						most++
					}
					if n := w.reads() + w.lists(); n > most {
						t.Errorf("%d requests for %d reads of %d pages, not %d at the most", n, len(tokens), pages, most)
					}
					w.checkAll(t, got)
				})
			})
		}
	}
}
