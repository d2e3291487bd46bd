package coalesce_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/prefactordev/terraform-provider-prefactor/internal/coalesce"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a platform with accounts, and a reader whose credentials see all of
// them. No socket is between the two.
type world struct {
	*prefactor.Client

	reader   *coalesce.Reader
	accounts []*account
	// travel is how long a request and its response take, each.
	travel func() time.Duration
	// pageSize replaces the page size that the client asks for, so that a few
	// tokens are several pages; 0 leaves it as it is.
	pageSize int
	// settled is called when the platform has carried out a request, before
	// anything else happens there.
	settled  func(r *http.Request)
	platform sync.Mutex
}

// account is one account; it is emulated by a platform of its own.
type account struct {
	*emulator.Platform

	id, secret string
	partition  uint32
	// tokens are its tokens but for the first one, oldest first.
	tokens []string
}

// readers are the numbers of readers at a time. With -short, which is for the race
// detector, one after the other shows nothing.
func readers() []int {
	if testing.Short() {
		return []int{10}
	}
	return []int{1, 10}
}

// newWorld makes accounts with so many tokens each, all of them an hour old.
func newWorld(tb testing.TB, v emulator.Variant, counts ...int) *world {
	tb.Helper()
	w := &world{travel: func() time.Duration { return 0 }, settled: func(*http.Request) {}}
	if time.Now().Year() == 2000 { // In a bubble of synctest.
		// Pages that nobody waits for any more are still requested when the test ends.
		tb.Cleanup(func() { <-time.After(time.Hour) })
	}
	age := time.Hour
	defer func() { age = 0 }()
	for _, count := range counts {
		p := emulator.New(emulator.Options{Variant: v, Now: func() time.Time { return time.Now().Add(-age) }})
		a := &account{Platform: p, id: p.AddAccount("Acme").ID}
		var first emulator.Token
		first, a.secret = p.AddToken(emulator.TokenSpec{Scope: "account", AccountID: a.id, CreatedBy: a.id})
		a.partition = partitionOf(tb, first.ID)
		for range count - 1 {
			k, _ := p.AddToken(emulator.TokenSpec{Scope: "account", AccountID: a.id, CreatedBy: a.id})
			a.tokens = append(a.tokens, k.ID)
		}
		w.accounts = append(w.accounts, a)
	}
	client, err := prefactor.New(prefactor.Config{BaseURL: "https://platform.example", Token: "of-all-accounts", Transport: w, MaxRetries: prefactor.DefaultMaxRetries})
	if err != nil {
		tb.Fatal(err)
	}
	w.Client, w.reader = client, coalesce.New(client)
	return w
}

// deploy adds so many deployment tokens.
func (a *account) deploy(count int) {
	agent, environment := a.AddAgent(a.id, "bot"), a.AddEnvironment(a.id, "production")
	for range count {
		k, _ := a.AddToken(emulator.TokenSpec{Scope: "agent_deployment", AccountID: a.id, AgentID: agent.ID, EnvironmentID: environment.ID})
		a.tokens = append(a.tokens, k.ID)
	}
}

func partitionOf(tb testing.TB, id string) uint32 {
	tb.Helper()
	parsed, err := pfid.Parse(id)
	if err != nil {
		tb.Fatal(err)
	}
	return parsed.Partition()
}

// RoundTrip brings a request to the account that it is about. A list without an
// account is that of the first one: the platform's choice.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	target := w.accounts[0]
	for _, a := range w.accounts {
		if r.URL.Query().Get("account_id") == a.id {
			target = a
		}
	}
	if parts := strings.Split(r.URL.Path, "/"); len(parts) > 4 {
		for _, a := range w.accounts {
			if id, err := pfid.Parse(parts[4]); err == nil && id.Partition() == a.partition {
				target = a
			}
		}
	}
	ctx := r.Context()
	r = r.Clone(ctx)
	r.Header.Set("Authorization", "Bearer "+target.secret)
	if r.Body == nil {
		r.Body = http.NoBody
	}
	if query := r.URL.Query(); w.pageSize > 0 && query.Has("pagination[page_size]") {
		query.Set("pagination[page_size]", strconv.Itoa(w.pageSize))
		r.URL.RawQuery = query.Encode()
	}
	if err := wait(ctx, w.travel()); err != nil {
		return nil, err
	}
	recorder := httptest.NewRecorder()
	if err := w.serve(target, recorder, r); err != nil {
		return nil, err
	}
	if err := wait(ctx, w.travel()); err != nil {
		return nil, err
	}
	return recorder.Result(), nil
}

// serve takes a cut connection for what it is.
func (w *world) serve(h http.Handler, recorder *httptest.ResponseRecorder, r *http.Request) (err error) {
	w.platform.Lock()
	defer w.platform.Unlock()
	defer w.settled(r)
	defer func() {
		if recover() != nil {
			err = errors.New("connection reset by peer")
		}
	}()
	h.ServeHTTP(recorder, r)
	return r.Context().Err()
}

func wait(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return ctx.Err()
	}
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// lists and reads are the requests for pages and for single tokens so far.
func (w *world) lists() (n int) { return w.count(true) }
func (w *world) reads() (n int) { return w.count(false) }

func (w *world) count(lists bool) (n int) {
	for _, a := range w.accounts {
		for _, r := range a.Requests() {
			if r.Method == http.MethodGet && strings.HasSuffix(r.Path, "/api_token") == lists {
				n++
			}
		}
	}
	return n
}

func (w *world) forgetRequests() {
	for _, a := range w.accounts {
		a.ResetRequests()
	}
}

// token reads a token of which the state has the account.
func (w *world) token(ctx context.Context, id string) (prefactor.Token, error) {
	parsed, _ := pfid.Parse(id)
	for _, a := range w.accounts {
		if a.partition == parsed.Partition() {
			ctx = prefactor.InList(ctx, a.id)
		}
	}
	return w.reader.Token(ctx, id)
}

// readAll reads tokens, so many at once, in their order.
func (w *world) readAll(tb testing.TB, ids []string, parallel int) []prefactor.Token {
	tb.Helper()
	next := make(chan int)
	got := make([]prefactor.Token, len(ids))
	var readers sync.WaitGroup
	for range parallel {
		readers.Go(func() {
			for i := range next {
				var err error
				if got[i], err = w.token(tb.Context(), ids[i]); err != nil {
					tb.Errorf("token %s: %v", ids[i], err)
				}
			}
		})
	}
	for i := range ids {
		next <- i
	}
	close(next)
	readers.Wait()
	return got
}

// checkAll wants of each token what a request of its own says, to the last field
// that tokens in lists have for sure.
func (w *world) checkAll(tb testing.TB, got []prefactor.Token) {
	tb.Helper()
	for _, k := range got {
		want, err := w.Token(tb.Context(), k.ID)
		k.AgentID, want.AgentID = prefactor.Field[string]{}, prefactor.Field[string]{}
		k.AvailableActions, want.AvailableActions = prefactor.Field[prefactor.TokenActions]{}, prefactor.Field[prefactor.TokenActions]{}
		if err != nil || k != want {
			tb.Errorf("read as %+v\nwant    %+v, %v", k, want, err)
			return
		}
	}
}
