package prefactor_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// stalling is a body that never comes.
type stalling struct{ end <-chan struct{} }

func (s stalling) Read([]byte) (int, error) {
	<-s.end
	return 0, context.DeadlineExceeded
}

func (stalling) Close() error { return nil }

// timeoutError is what a connection gives that takes too long to open.
type timeoutError struct{ error }

func (timeoutError) Timeout() bool   { return true }
func (timeoutError) Temporary() bool { return true }

// After a sign of overload half as many requests are under way at once; other
// failures are not its fault.
func TestAllowanceAfter(t *testing.T) {
	t.Parallel()
	answer := func(status int) network {
		return func(*http.Request) (*http.Response, error) { return canned(status, nil, single(tokenID)), nil }
	}
	for name, c := range map[string]struct {
		first network
		want  int
	}{
		"200": {answer(200), 8},
		"404": {answer(404), 8},
		"500": {answer(500), 8},
		"502": {answer(502), 8},
		"429": {answer(429), 4},
		"503": {answer(503), 4},
		"504": {answer(504), 4},
		"no answer in time": {func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}, 4},
		"no body in time": {func(r *http.Request) (*http.Response, error) {
			answer := canned(http.StatusOK, nil, "")
			answer.Body = stalling{r.Context().Done()}
			return answer, nil
		}, 4},
		"no connection in time": {func(*http.Request) (*http.Response, error) {
			return nil, timeoutError{errors.New("i/o timeout")}
		}, 4},
		"no connection": {func(*http.Request) (*http.Response, error) { return nil, errors.New("connection refused") }, 8},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var n, inFlight atomic.Int32
				client := newClient(t, "https://platform.example", overNetwork(func(r *http.Request) (*http.Response, error) {
					if n.Add(1) == 1 {
						return c.first(r)
					}
					inFlight.Add(1)
					defer inFlight.Add(-1)
					<-time.After(time.Second)
					return canned(http.StatusOK, nil, single(tokenID)), nil
				}), retries(0), func(c *prefactor.Config) { c.MaxConcurrentRequests = 8 })
				_, _ = client.Token(t.Context(), tokenID)
				for range 20 {
					go func() { _, _ = client.Token(t.Context(), tokenID) }()
				}
				synctest.Wait()
				if got := int(inFlight.Load()); got != c.want {
					t.Errorf("%d at once, want %d", got, c.want)
				}
				if got := client.MostInFlight(); got != c.want {
					t.Errorf("MostInFlight is %d, want %d", got, c.want)
				}
				<-time.After(time.Minute)
			})
		})
	}
}

// Only good answers let the allowance grow again, by one after as many of them
// as it is large.
func TestRecovery(t *testing.T) {
	t.Parallel()
	broken := func(*http.Request) (*http.Response, error) {
		answer := canned(http.StatusOK, nil, "")
		answer.Body = io.NopCloser(io.MultiReader(strings.NewReader(single(tokenID)[:40]), iotest.ErrReader(io.ErrUnexpectedEOF)))
		return answer, nil
	}
	for name, c := range map[string]struct {
		then network
		want int
	}{
		"good":          {func(*http.Request) (*http.Response, error) { return canned(200, nil, single(tokenID)), nil }, 5},
		"refused":       {func(*http.Request) (*http.Response, error) { return canned(409, nil, ""), nil }, 5},
		"500":           {func(*http.Request) (*http.Response, error) { return canned(500, nil, ""), nil }, 4},
		"cut":           {func(*http.Request) (*http.Response, error) { return nil, io.EOF }, 4},
		"cut in a body": {broken, 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var n atomic.Int32
				client := newClient(t, "https://platform.example", overNetwork(func(r *http.Request) (*http.Response, error) {
					switch i := n.Add(1); {
					case i == 1:
						return canned(http.StatusTooManyRequests, nil, ""), nil
					case i <= 5:
						return c.then(r)
					}
					<-time.After(time.Second)
					return canned(http.StatusOK, nil, single(tokenID)), nil
				}), retries(0), func(c *prefactor.Config) { c.MaxConcurrentRequests = 8 })
				for range 5 {
					_, _ = client.Token(t.Context(), tokenID)
				}
				var inFlight sync.WaitGroup
				for range 20 {
					inFlight.Go(func() { _, _ = client.Token(t.Context(), tokenID) })
				}
				synctest.Wait()
				if got := client.MostInFlight(); got != c.want {
					t.Errorf("%d at once, want %d", got, c.want)
				}
				inFlight.Wait()
			})
		})
	}
}

// A change that runs out of its time after an interrupt is a sign as well; a
// read whose caller runs out of time is none.
func TestAllowanceAfterInterrupt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		call func(ctx context.Context, c *prefactor.Client) error
		want int
	}{
		"change": {func(ctx context.Context, c *prefactor.Client) error { return fails(c.RevokeToken(ctx, tokenID)) }, 4},
		"read":   {func(ctx context.Context, c *prefactor.Client) error { return fails(c.Token(ctx, tokenID)) }, 8},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				first := true
				client := newClient(t, "https://platform.example", overNetwork(func(r *http.Request) (*http.Response, error) {
					if first {
						first = false
						<-r.Context().Done()
						return nil, r.Context().Err()
					}
					<-time.After(time.Second)
					return canned(http.StatusOK, nil, single(tokenID)), nil
				}), retries(0), func(c *prefactor.Config) { c.MaxConcurrentRequests = 8 })
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				fit(t, c.call(ctx, client))
				for range 20 {
					go func() { _, _ = client.Token(t.Context(), tokenID) }()
				}
				synctest.Wait()
				if got := client.MostInFlight(); got != c.want {
					t.Errorf("%d at once, want %d", got, c.want)
				}
				<-time.After(time.Minute)
			})
		})
	}
}

// What one request is told by Retry-After holds for all that come after it,
// also where it is not repeated itself; who is interrupted waits no longer.
func TestPauseHoldsForAll(t *testing.T) {
	t.Parallel()
	const longest = 60 * time.Second
	for name, c := range map[string]struct {
		status int
		after  string
		want   time.Duration
	}{
		"seconds":        {429, "7", 7 * time.Second},
		"of a 503":       {503, "7", 7 * time.Second},
		"date":           {429, time.Date(2000, 1, 1, 0, 0, 9, 0, time.UTC).Format(http.TimeFormat), 9 * time.Second},
		"past date":      {429, time.Date(1999, 1, 1, 0, 0, 9, 0, time.UTC).Format(http.TimeFormat), 0},
		"capped":         {429, "90", longest},
		"of a 500":       {500, "7", 0},
		"of a good one":  {200, "7", 0},
		"nothing of use": {429, "soon", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				started := make(chan time.Time, 9)
				first := true
				client := newClient(t, "https://platform.example", overNetwork(func(*http.Request) (*http.Response, error) {
					if first {
						first = false
						return canned(c.status, http.Header{"Retry-After": {c.after}}, ""), nil
					}
					started <- time.Now()
					return canned(http.StatusOK, nil, single(tokenID)), nil
				}), retries(0))
				began := time.Now()
				fit(t, fails(client.Token(t.Context(), tokenID)))
				if c.want > 0 {
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					defer cancel()
					if _, err := client.RevokeToken(ctx, tokenID); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Second {
						t.Errorf("waited %s for the end of its context: %v", time.Since(began), err)
					}
				}
				for range 3 {
					go func() { _, _ = client.Token(t.Context(), tokenID) }()
				}
				for range 3 {
					if waited := (<-started).Sub(began); waited != c.want {
						t.Errorf("the next request was sent after %s, want %s", waited, c.want)
					}
				}
			})
		})
	}
}
