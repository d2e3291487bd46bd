package prefactor_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// Each is retried, and the second attempt succeeds.
func TestRetried(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]reply{
		"429":                   apiError(http.StatusTooManyRequests, "unknown", "slow down"),
		"429, in seconds":       {status: http.StatusTooManyRequests, header: map[string]string{"Retry-After": "0"}},
		"429, past date":        {status: http.StatusTooManyRequests, header: map[string]string{"Retry-After": "Mon, 02 Jan 2006 15:04:05 GMT"}},
		"429, negative":         {status: http.StatusTooManyRequests, header: map[string]string{"Retry-After": "-5"}},
		"408":                   page(http.StatusRequestTimeout, "too slow"),
		"429, no sense":         {status: http.StatusTooManyRequests, header: map[string]string{"Retry-After": "soon"}},
		"500":                   apiError(http.StatusInternalServerError, "unexpected", "oops"),
		"502 page":              page(http.StatusBadGateway, "bad gateway"),
		"503":                   {status: http.StatusServiceUnavailable, header: map[string]string{"Retry-After": "1"}},
		"504 without a body":    {status: http.StatusGatewayTimeout},
		"cut before":            {status: -1},
		"cut in the body":       {status: http.StatusOK, body: single(tokenID), cut: 40},
		"cut in an error":       {status: http.StatusNotFound, body: `{"status":"error","code":"not_found"}`, cut: 20},
		"truncated as if whole": ok(single(tokenID)[:60]),
		"empty body":            ok(""),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := replies(t, first, ok(single(tokenID)))
			token, err := s.client(t).Token(t.Context(), tokenID)
			if err != nil {
				t.Fatal(err)
			}
			if token.ID != tokenID || len(s.requests()) != 2 {
				t.Errorf("%d requests, token %+v", len(s.requests()), token)
			}
		})
	}
}

// None of these is retried.
func TestNotRetried(t *testing.T) {
	t.Parallel()
	for name, only := range map[string]reply{
		"400":            apiError(http.StatusBadRequest, "bad_request", "no"),
		"401":            apiError(http.StatusUnauthorized, "bad_authtoken", "no"),
		"403":            apiError(http.StatusForbidden, "not_permitted", "no"),
		"404":            apiError(http.StatusNotFound, "not_found", "no"),
		"404 page":       page(http.StatusNotFound, "no such page"),
		"409":            apiError(http.StatusConflict, "invalid_action", "no"),
		"422":            apiError(http.StatusUnprocessableEntity, "validation_errors", "no"),
		"501":            apiError(http.StatusNotImplemented, "not_implemented", "no"),
		"302":            {status: http.StatusFound, header: map[string]string{"Location": "https://elsewhere.example/"}},
		"304":            {status: http.StatusNotModified},
		"200 page":       page(http.StatusOK, "please sign in"),
		"200 error":      {status: http.StatusOK, body: `{"status":"error","code":"unexpected","message":"no"}`},
		"no details":     ok(`{"status":"success"}`),
		"empty object":   ok(`{}`),
		"wrong types":    ok(`{"status":17,"details":` + tokenJSON(tokenID) + `}`),
		"wrong id type":  ok(`{"status":"success","details":{"id":17}}`),
		"another object": ok(single(otherID)),
		"a list":         ok(`[1,2]`),
		"broken JSON":    ok(`{"status":,"details":` + tokenJSON(tokenID) + `}`),
		"text":           ok("it works"),
		"too large":      ok(`{"status":"success","details":{"id":"` + strings.Repeat("x", 10<<20) + `"}}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := replies(t, only)
			_, err := s.client(t).Token(t.Context(), tokenID)
			if e := failure(t, err); e.Attempts != 1 || e.Ambiguous || strings.Contains(e.Error(), "times") {
				t.Errorf("%+v", e)
			}
			if n := len(s.requests()); n != 1 {
				t.Errorf("%d requests, want one", n)
			}
		})
	}
}

func TestMaxRetries(t *testing.T) {
	t.Parallel()
	for _, most := range []int{-1, 0, 1, 4} {
		s := replies(t, apiError(http.StatusServiceUnavailable, "unexpected", "come back later"))
		_, err := s.client(t, retries(most)).Token(t.Context(), tokenID)
		e := failure(t, err)
		want := max(most, 0) + 1
		if n := len(s.requests()); n != want || e.Attempts != want {
			t.Errorf("at most %d retries: %d requests, Attempts %d, want %d", most, n, e.Attempts, want)
		}
		if most == 4 && !strings.HasSuffix(e.Error(), "code unexpected: come back later (tried 5 times)") {
			t.Errorf("%v", e)
		}
	}
}

// The error is about the last attempt, not about an earlier one.
func TestLastFailureWins(t *testing.T) {
	t.Parallel()
	s := replies(t, apiError(http.StatusServiceUnavailable, "unexpected", "come back later"), reply{status: -1})
	_, err := s.client(t, retries(1)).Token(t.Context(), tokenID)
	e := failure(t, err)
	if e.Status != 0 || e.Code != "" || !errors.Is(err, prefactor.ErrNoResponse) || !strings.Contains(e.Message, "connection was closed") {
		t.Errorf("%+v", e)
	}
}

// How long the platform may ask to wait is bounded, for one request and for all
// of them together, and the error says how long it asked.
func TestRetryAfter_bounded(t *testing.T) {
	t.Parallel()
	for after, most := range map[string]time.Duration{"600": 0, "9300000000": 0, "Mon, 02 Jan 2226 15:04:05 GMT": 0, "30": 2 * time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			c := newClient(t, "https://platform.example", overNetwork(func(*http.Request) (*http.Response, error) {
				return canned(http.StatusTooManyRequests, http.Header{"Retry-After": {after}}, ""), nil
			}), func(c *prefactor.Config) { c.MaxRetries, c.RetryWaitMin, c.RetryWaitMax = 20, 0, 0 })
			began := time.Now()
			var calls sync.WaitGroup
			for range 20 {
				calls.Go(func() {
					if e := failure(t, fails(c.Token(t.Context(), tokenID))); !strings.Contains(e.Message, "the API asks the provider to wait") || e.Status != http.StatusTooManyRequests {
						t.Error(e)
					}
				})
			}
			calls.Wait()
			if waited := time.Since(began); waited > most {
				t.Errorf("Retry-After %s: waited %s", after, waited)
			}
		})
	}
}

// In a bubble, where time passes only when everyone waits.
func TestRetryWaits(t *testing.T) {
	t.Parallel()
	const most = 60 * time.Second
	date := func(d time.Duration) string {
		return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Add(d).Format(http.TimeFormat)
	}
	for name, c := range map[string]struct {
		status     int
		header     http.Header
		least, max time.Duration
	}{
		"first":            {503, nil, 125 * time.Millisecond, 250 * time.Millisecond},
		"seconds":          {429, http.Header{"Retry-After": {"7"}}, 7 * time.Second, 7 * time.Second},
		"seconds of a 503": {503, http.Header{"Retry-After": {"7"}}, 7 * time.Second, 7 * time.Second},
		"at once":          {429, http.Header{"Retry-After": {"0"}}, 0, 0},
		"date":             {429, http.Header{"Retry-After": {date(9 * time.Second)}}, 9 * time.Second, 9 * time.Second},
		"past date":        {429, http.Header{"Retry-After": {date(-time.Hour)}}, 0, 0},
		"date by a clock that is an hour ahead": {
			429, http.Header{"Retry-After": {date(time.Hour + 9*time.Second)}, "Date": {date(time.Hour)}}, 9 * time.Second, 9 * time.Second,
		},
		"capped seconds": {429, http.Header{"Retry-After": {"90"}}, most, most},
		"capped date":    {429, http.Header{"Retry-After": {date(90 * time.Second)}}, most, most},
		"no sense":       {429, http.Header{"Retry-After": {"soon"}}, 125 * time.Millisecond, 250 * time.Millisecond},
		"negative":       {429, http.Header{"Retry-After": {"-5"}}, 125 * time.Millisecond, 250 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var at []time.Time
				c2 := newClient(t, "https://platform.example", overNetwork(func(*http.Request) (*http.Response, error) {
					at = append(at, time.Now())
					if len(at) == 1 {
						return canned(c.status, c.header, ""), nil
					}
					return canned(http.StatusOK, nil, single(tokenID)), nil
				}))
				if _, err := c2.Token(t.Context(), tokenID); err != nil {
					t.Fatal(err)
				}
				if waited := at[1].Sub(at[0]); waited < c.least || waited > c.max {
					t.Errorf("waited %s, want %s to %s", waited, c.least, c.max)
				}
			})
		})
	}
}

// The waits grow up to the longest one.
func TestBackoffGrows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var at []time.Time
		c := newClient(t, "https://platform.example", overNetwork(func(*http.Request) (*http.Response, error) {
			at = append(at, time.Now())
			return nil, errors.New("network is unreachable")
		}), retries(12))
		_, err := c.Token(t.Context(), tokenID)
		if e := failure(t, err); e.Attempts != 13 || e.Ambiguous || e.Status != 0 || !strings.Contains(e.Message, "unreachable") {
			t.Errorf("%+v", e)
		}
		for i := range 12 {
			most := min(prefactor.DefaultRetryWaitMin<<i, prefactor.DefaultRetryWaitMax)
			if waited := at[i+1].Sub(at[i]); waited < most/2 || waited > most {
				t.Errorf("wait %d: %s, want %s to %s", i, waited, most/2, most)
			}
		}
	})
}

// A wait for the next attempt ends with the context.
func TestCancelledWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		n := 0
		c := newClient(t, "https://platform.example", overNetwork(func(*http.Request) (*http.Response, error) {
			n++
			return canned(http.StatusTooManyRequests, http.Header{"Retry-After": {"30"}}, `{"status":"error","code":"unknown"}`), nil
		}))
		start := time.Now()
		_, err := c.RevokeToken(ctx, tokenID)
		e := failure(t, err)
		if n != 1 || time.Since(start) != time.Second || !errors.Is(err, context.DeadlineExceeded) || e.Ambiguous || !strings.Contains(e.Message, "interrupted") {
			t.Errorf("%d requests in %s: %+v", n, time.Since(start), e)
		}
	})
}

// A certificate that is not trusted today will not be in a second.
func TestUntrustedCertificate(t *testing.T) {
	t.Parallel()
	s := newTLSServer(t)
	_, err := newClient(t, s.URL).CreateToken(t.Context(), prefactor.NewToken{Scope: prefactor.ScopeAccount})
	if e := failure(t, err); e.Attempts != 1 || e.Ambiguous || !strings.Contains(e.Message, "certificate") {
		t.Errorf("%+v", e)
	}
}

// endless is a body without an end, and counts what was read of it.
type endless struct{ read *int }

func (e endless) Read(p []byte) (int, error) {
	*e.read += len(p)
	return len(p), nil
}

func (endless) Close() error { return nil }

// Whatever comes, no more is read of it than the limit.
func TestEndlessBody(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusOK, http.StatusBadGateway} {
		read := 0
		c := newClient(t, "https://platform.example", overNetwork(func(*http.Request) (*http.Response, error) {
			response := canned(status, nil, "")
			response.Body = endless{&read}
			return response, nil
		}))
		_, err := c.Token(t.Context(), tokenID)
		if e := failure(t, err); e.Attempts != 1 || !strings.Contains(e.Message, "larger than 8 MiB") || read > 9<<20 {
			t.Errorf("%d bytes were read: %v", read, e)
		}
	}
}
