package prefactor_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// The Retry-After of one response holds for all later requests, also where its own
// request is not retried. An interrupt ends the wait.
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
