package coalesce_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/prefactordev/terraform-provider-prefactor/internal/coalesce"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

const deleted = "deleted"

// history is what every token really was, and when.
type history struct {
	mu sync.Mutex
	// changes are each token's, in their order.
	changes map[string][]change
	// firstWrite is when this process began to write.
	firstWrite time.Time
}

type change struct {
	at     time.Time
	status string
}

// note looks at a token after something may have happened to it.
func (h *history) note(a *account, id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	status := deleted
	if k, ok := a.Token(id); ok {
		status = k.Status
	}
	if all := h.changes[id]; len(all) == 0 || all[len(all)-1].status != status {
		h.changes[id] = append(h.changes[id], change{time.Now(), status})
	}
}

func (h *history) beginWrite() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.firstWrite.IsZero() {
		h.firstWrite = time.Now()
	}
}

// was tells whether a token had a status at some moment from one time to
// another, both included.
func (h *history) was(id, status string, from, to time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := h.changes[id]
	for i, c := range all {
		over := i+1 < len(all) && all[i+1].at.Before(from)
		if c.status == status && !c.at.After(to) && !over {
			return true
		}
	}
	return false
}

// oldest is the earliest state that a read which begins now may show, but for
// what this process has written.
func (h *history) oldest(now time.Time) time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.firstWrite.IsZero() && h.firstWrite.Before(now) {
		return now.Add(-coalesce.WritingFreshness)
	}
	return now.Add(-coalesce.Freshness)
}

// act is one thing that happens to a token, at a time.
type act struct {
	After time.Duration
	Token int
	What  string
}

func drawActs(t *rapid.T, name string, tokens, most int, what ...string) []act {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) act {
		return act{
			After: rapid.SampledFrom([]time.Duration{0, 0, time.Millisecond, time.Second / 2, 2 * time.Second, 20 * time.Second}).Draw(t, "after"),
			Token: rapid.IntRange(0, tokens-1).Draw(t, "token"),
			What:  rapid.SampledFrom(what).Draw(t, "what"),
		}
	}), 1, most).Draw(t, name)
}

// A read never shows a state older than the last write of this process that
// had ended when the read began, nor older than rows stay fresh; nor one that
// never was. Whatever happens at the same time: other reads, writes of this
// process and of others, a slow network, a list that fails or moves.
func TestReadsAreConsistent(t *testing.T) {
	t.Parallel()
	const tokens = 6
	rapid.Check(t, func(r *rapid.T) {
		travel := rapid.SliceOfN(rapid.SampledFrom([]time.Duration{0, time.Millisecond, time.Second, 5 * time.Second, 12 * time.Second}), 1, 20).Draw(r, "travel")
		variant := emulator.Variant{
			NoPagination: rapid.Bool().Draw(r, "no pagination"),
			Sorting:      rapid.SampledFrom([]string{"", "none"}).Draw(r, "sorting"),
		}
		pageSize := rapid.SampledFrom([]int{0, 3, 2}).Draw(r, "page size")
		var readers [][]act
		for i := range rapid.IntRange(1, 8).Draw(r, "readers") {
			readers = append(readers, drawActs(r, fmt.Sprintf("reader %d", i), tokens, 40, "read"))
		}
		// Each token has one writer of this process at a time, as in Terraform.
		writes := drawActs(r, "writes", tokens, 25, "suspend", "activate", "suspend", "activate", "revoke", "delete")
		if rapid.Bool().Draw(r, "only reads") {
			writes = nil
		}
		others := drawActs(r, "others", tokens, 25, "suspend", "activate", "suspend", "activate", "revoke", "delete")

		var mu sync.Mutex
		wrong := ""
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, variant, tokens+1)
			w.pageSize = pageSize
			a := w.accounts[0]
			h := &history{changes: map[string][]change{}}
			for _, id := range a.tokens {
				h.note(a, id)
			}
			trip := 0
			w.travel = func() time.Duration {
				mu.Lock()
				defer mu.Unlock()
				trip++
				return travel[trip%len(travel)]
			}
			w.settled = func(r *http.Request) {
				if r.Method != http.MethodGet {
					for _, id := range a.tokens {
						h.note(a, id)
					}
				}
			}
			// written is when each token's last write that has ended took effect.
			written := map[string]time.Time{}
			var group sync.WaitGroup
			group.Go(func() {
				for _, act := range others {
					<-time.After(act.After)
					w.platform.Lock()
					meddle(a, a.tokens[act.Token], act.What)
					h.note(a, a.tokens[act.Token])
					w.platform.Unlock()
				}
			})
			group.Go(func() {
				for _, act := range writes {
					<-time.After(act.After)
					id := a.tokens[act.Token]
					h.beginWrite()
					if write(t, w.reader, id, act.What) == nil {
						mu.Lock()
						written[id] = h.lastTo(id, act.What)
						mu.Unlock()
					}
				}
			})
			for _, acts := range readers {
				group.Go(func() {
					for _, act := range acts {
						<-time.After(act.After)
						id := a.tokens[act.Token]
						began := time.Now()
						from := h.oldest(began)
						mu.Lock()
						if last := written[id]; last.After(from) {
							from = last
						}
						mu.Unlock()
						read := w.token
						if act.Token%2 == 0 { // A data source, say.
							read = w.reader.Token
						}
						k, err := read(t.Context(), id)
						status := k.Status.Value
						if errors.Is(err, prefactor.ErrNotFound) {
							status, err = deleted, nil
						}
						if err != nil || !h.was(id, status, from, time.Now()) {
							mu.Lock()
							wrong = fmt.Sprintf("from %s to %s token %s was read as %q, %v; it was %v", began, time.Now(), id, status, err, h.changes[id])
							mu.Unlock()
						}
					}
				})
			}
			group.Wait()
		})
		if wrong != "" {
			r.Fatal(wrong)
		}
	})
}

// lastTo is when a token last became what an action makes of it.
func (h *history) lastTo(id, what string) time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	to := map[string]string{"suspend": "suspended", "activate": "active", "revoke": "revoked", "delete": deleted}[what]
	for _, c := range slices.Backward(h.changes[id]) {
		if c.status == to {
			return c.at
		}
	}
	return time.Time{}
}

func write(t *testing.T, reader *coalesce.Reader, id, what string) error {
	t.Helper()
	var err error
	switch what {
	case "suspend":
		_, err = reader.SuspendToken(t.Context(), id)
	case "activate":
		_, err = reader.ActivateToken(t.Context(), id)
	case "revoke":
		_, err = reader.RevokeToken(t.Context(), id)
	case "delete":
		err = reader.DeleteToken(t.Context(), id)
	}
	return err
}

// meddle is what someone else does. What is not legal does not happen.
func meddle(a *account, id, what string) {
	switch what {
	case "suspend":
		_ = a.Suspend(id)
	case "activate":
		_ = a.Activate(id)
	case "revoke":
		_ = a.Revoke(id)
	case "delete":
		_ = a.DeleteToken(id)
	}
}

// How long rows serve reads: long while this process only reads, briefly from its
// first change on, whichever it is.
func TestFreshness(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		write func(t *testing.T, w *world) error
		fresh time.Duration
	}{
		"only reads": {func(*testing.T, *world) error { return nil }, coalesce.Freshness},
		"create": {func(t *testing.T, w *world) error {
			t.Helper()
			_, err := w.reader.CreateToken(t.Context(), prefactor.NewToken{Scope: prefactor.ScopeAccount})
			return err
		}, coalesce.WritingFreshness},
		"suspend": {func(t *testing.T, w *world) error {
			t.Helper()
			return write(t, w.reader, w.accounts[0].tokens[9], "suspend")
		}, coalesce.WritingFreshness},
		"a write that fails": {func(t *testing.T, w *world) error {
			t.Helper()
			if write(t, w.reader, w.accounts[0].tokens[9], "activate") == nil {
				return errors.New("an active token was activated")
			}
			return nil
		}, coalesce.WritingFreshness},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, emulator.Variant{}, 50)
				a := w.accounts[0]
				w.readAll(t, a.tokens[:4], 1)
				if err := c.write(t, w); err != nil {
					t.Fatal(err)
				}
				if err := a.Suspend(a.tokens[20]); err != nil {
					t.Fatal(err)
				}
				read := func(want string, requests int) {
					t.Helper()
					w.forgetRequests()
					k, err := w.token(t.Context(), a.tokens[20])
					if n := w.reads() + w.lists(); err != nil || k.Status.Value != want || n != requests {
						t.Errorf("read as %q by %d requests, want %q by %d; %v", k.Status.Value, n, want, requests, err)
					}
				}
				<-time.After(c.fresh - time.Millisecond)
				read("active", 0)
				<-time.After(time.Millisecond)
				read("suspended", 1)
			})
		})
	}
}

// A token that this process has changed is read singly, also where the list has
// it, and whether the change succeeded or not.
func TestWrittenTokens(t *testing.T) {
	t.Parallel()
	for _, what := range []string{"suspend", "revoke", "fails"} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, emulator.Variant{}, 50)
				a := w.accounts[0]
				w.readAll(t, a.tokens[:4], 1)
				id := a.tokens[20]
				if what == "fails" {
					// It is carried out, but the response is an error.
					a.Inject(emulator.Fault{Path: "/api_token/:id/suspend", Kind: emulator.FaultStatusAfter, Status: 422})
					if err := write(t, w.reader, id, "suspend"); err == nil {
						t.Error("the write did not fail")
					}
				} else if err := write(t, w.reader, id, what); err != nil {
					t.Fatal(err)
				}
				w.forgetRequests()
				w.checkReads(t, []string{id, a.tokens[21]}, 1, 0)
			})
		})
	}
	t.Run("no reason for a listing", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, emulator.Variant{}, 50)
			tokens := w.accounts[0].tokens
			for _, id := range tokens[:10] {
				if err := write(t, w.reader, id, "suspend"); err != nil {
					t.Fatal(err)
				}
			}
			w.forgetRequests()
			w.checkReads(t, tokens[:13], 13, 0)
		})
	})
}
