package coalesce_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sync/errgroup"

	"github.com/prefactordev/terraform-provider-prefactor/internal/coalesce"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is an account with tokens in it, and a reader of them.
type world struct {
	*emulator.Platform

	account emulator.Account
	tokens  []string
	reader  *coalesce.Reader
	client  *prefactor.Client
}

func newWorld(tb testing.TB, count int, v emulator.Variant) *world {
	tb.Helper()
	p := emulator.New(emulator.Options{Variant: v})
	server := httptest.NewServer(p)
	tb.Cleanup(server.Close)
	w := &world{Platform: p, account: p.AddAccount("Acme")}
	_, secret := p.AddToken(emulator.TokenSpec{Scope: "account", AccountID: w.account.ID})
	for range count - 1 {
		k, _ := p.AddToken(emulator.TokenSpec{Scope: "account", AccountID: w.account.ID})
		w.tokens = append(w.tokens, k.ID)
	}
	transport := newNetwork(tb)
	client, err := prefactor.New(prefactor.Config{BaseURL: server.URL, Token: secret, Version: "test", Transport: transport, RetryWaitMin: time.Millisecond, RetryWaitMax: 2 * time.Millisecond})
	if err != nil {
		tb.Fatal(err)
	}
	w.client, w.reader = client, coalesce.New(client)
	return w
}

// readAll reads tokens with so many readers at once and wants the platform's
// word of each.
func (w *world) readAll(tb testing.TB, ids []string, parallel int) {
	tb.Helper()
	var group errgroup.Group
	group.SetLimit(parallel)
	for _, id := range ids {
		group.Go(func() error {
			got, err := w.reader.Token(tb.Context(), id)
			if err != nil {
				return err
			}
			want, _ := w.Token(id)
			if got.ID != id || got.Status.Value != want.Status || !got.ExpiresAt.Known() || !got.LastUsedAt.Present {
				return fmt.Errorf("token %s is read as %+v", id, got)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		tb.Error(err)
	}
}

// How many requests a refresh takes.
func TestRequests(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ account, managed, parallel, most int }{
		{2, 1, 1, 1},
		{1000, 1, 1, 1},
		{1000, 3, 1, 3},
		{1000, 3, 10, 3},
		{100_000, 3, 1, 3},
		{100_000, 10, 10, 11},
		{11, 10, 10, 4},
		{51, 50, 10, 4},
		{101, 100, 1, 6},
		{1001, 1000, 1, 22},
		{1001, 1000, 10, 25},
		{1001, 1000, 100, 25},
		{5001, 5000, 10, 110},
	} {
		t.Run(fmt.Sprintf("%d of %d by %d", c.managed, c.account, c.parallel), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, c.account, emulator.Variant{})
			// The oldest ones: none of them is on the first page by chance.
			w.readAll(t, w.tokens[:c.managed], c.parallel)
			if n := len(w.Requests()); n > c.most {
				t.Errorf("%d requests, not %d at the most", n, c.most)
			}
			pages := (c.account + 99) / 100
			if n, bound := len(w.Requests()), 2*min(c.managed, pages)+3; n > bound {
				t.Errorf("%d requests are more than twice the best and three: %d", n, bound)
			}
		})
	}
}

// On every platform that it may be, all reads are right, and never much dearer
// than single ones.
func TestVariants(t *testing.T) {
	t.Parallel()
	for _, v := range emulator.Variants() {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 300, v.Variant)
			w.readAll(t, w.tokens, 10)
			if n := len(w.Requests()); n > 2*len(w.tokens)+3 {
				t.Errorf("%d requests for %d reads", n, len(w.tokens))
			}
			if v.Name == "pagination null" || v.Name == "ignores pagination" {
				if n := len(w.Requests()); n > 20 {
					t.Errorf("%d requests where the list does not say its pages", n)
				}
			}
		})
	}
}

// A listing that fails is no reason to fail.
func TestListingFails(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]emulator.Fault{
		"500":          {Kind: emulator.FaultStatus, Status: 500},
		"403":          {Kind: emulator.FaultStatus, Status: 403},
		"second page":  {Kind: emulator.FaultStatus, Status: 500, Skip: 1},
		"broken":       {Kind: emulator.FaultTruncatedJSON},
		"no ids":       {Kind: emulator.FaultMissingFields, Fields: []string{"id"}},
		"wrong types":  {Kind: emulator.FaultWrongTypes},
		"lagging list": {Kind: emulator.FaultLaggingList, For: time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 300, emulator.Variant{})
			f.Method, f.Path = "GET", "/api_token"
			w.Inject(f)
			w.readAll(t, w.tokens, 10)
		})
	}
}

// Only a single read's 404 says that a token is gone.
func TestGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 200, emulator.Variant{})
	if err := w.DeleteToken(w.tokens[50]); err != nil {
		t.Fatal(err)
	}
	w.readAll(t, w.tokens[:50], 5)
	if _, err := w.reader.Token(t.Context(), w.tokens[50]); !errors.Is(err, prefactor.ErrNotFound) {
		t.Errorf("a token that is gone is read with %v", err)
	}
	requests := w.Requests()
	if last := requests[len(requests)-1]; !strings.HasSuffix(last.Path, w.tokens[50]) {
		t.Errorf("what is gone was not asked for by itself, the last request was %s", last.Path)
	}
}

// Two accounts in one configuration have a listing each.
func TestAccounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 100, emulator.Variant{})
	w.readAll(t, w.tokens, 10)
	for _, r := range w.Requests() {
		if r.Path == "/api/v1/api_token" && r.Query.Get("account_id") != w.account.ID {
			t.Errorf("the list was asked for with %v", r.Query)
		}
	}
}

// A reader that gives up returns at once, and takes nobody with it.
func TestCancelled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 200, emulator.Variant{})
	w.readAll(t, w.tokens[:3], 1)
	w.Inject(emulator.Fault{Method: "GET", Path: "/api_token", Kind: emulator.FaultLatency, Latency: 50 * time.Millisecond})
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan error, 1)
	go func() {
		_, err := w.reader.Token(ctx, w.tokens[10])
		left <- err
	}()
	stayed := make(chan error, 1)
	go func() {
		_, err := w.reader.Token(t.Context(), w.tokens[11])
		stayed <- err
	}()
	cancel()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("the reader that gave up got %v", err)
	}
	if err := <-stayed; err != nil {
		t.Errorf("the reader that stayed got %v", err)
	}
}

// A read never shows a state older than the last write of this process that
// ended before the read began.
func TestReadsSeeWrites(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 150, emulator.Variant{})
	w.Inject(emulator.Fault{Kind: emulator.FaultLatency, Latency: time.Millisecond, Probability: 0.5})
	var writers, readers sync.WaitGroup
	type state struct {
		mu     sync.Mutex
		status string // the last write that has ended
	}
	states := map[string]*state{}
	for _, id := range w.tokens {
		states[id] = &state{status: "active"}
	}
	stop := make(chan struct{})
	for n := range 4 {
		writers.Go(func() {
			random := rand.New(rand.NewPCG(uint64(n), 7)) //nolint:gosec // A test is to be repeatable.
			for range 60 {
				// Each writer has its own tokens.
				id := w.tokens[random.IntN(len(w.tokens)/4)*4+n%4]
				s := states[id]
				var err error
				s.mu.Lock()
				want := "suspended"
				if s.status == "suspended" {
					want = "active"
				}
				if want == "active" {
					_, err = w.reader.ActivateToken(t.Context(), id)
				} else {
					_, err = w.reader.SuspendToken(t.Context(), id)
				}
				s.status = want
				s.mu.Unlock()
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	for n := range 8 {
		readers.Go(func() {
			random := rand.New(rand.NewPCG(uint64(n), 11)) //nolint:gosec // A test is to be repeatable.
			for {
				select {
				case <-stop:
					return
				default:
				}
				id := w.tokens[random.IntN(len(w.tokens))]
				s := states[id]
				// No write is under way between here and the comparison.
				s.mu.Lock()
				got, err := w.reader.Token(t.Context(), id)
				if err != nil || got.Status.Value != s.status {
					t.Errorf("token %s is %s and read as %s, %v", id, s.status, got.Status.Value, err)
				}
				s.mu.Unlock()
			}
		})
	}
	writers.Wait()
	close(stop)
	readers.Wait()
}

// What the read path itself costs: rows that are there already.
func BenchmarkRead(b *testing.B) {
	w := newWorld(b, 1000, emulator.Variant{})
	w.readAll(b, w.tokens, 10)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			if _, err := w.reader.Token(b.Context(), w.tokens[i%len(w.tokens)]); err != nil {
				b.Error(err)
			}
		}
	})
}
