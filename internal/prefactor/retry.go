package prefactor

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

func newRetrying(c Config, client *Client) *retryablehttp.Client {
	if c.RetryWaitMin <= 0 {
		c.RetryWaitMin = DefaultRetryWaitMin
	}
	if c.RetryWaitMax <= 0 {
		c.RetryWaitMax = DefaultRetryWaitMax
	}
	return &retryablehttp.Client{
		HTTPClient: &http.Client{
			Transport:     newTransport(c, client),
			CheckRedirect: client.followRedirect,
		},
		RetryWaitMin: c.RetryWaitMin,
		RetryWaitMax: c.RetryWaitMax,
		RetryMax:     c.MaxRetries,
		CheckRetry:   checkRetry,
		Backoff:      backoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
		// The transport logs; what this library would log has the query in it.
		Logger: nil,
	}
}

// checkRetry decides whether a request is sent again. Every request of this
// client may be: a create carries an idempotency key, and what a repeated
// transition or deletion answers is checked against the token itself.
func checkRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.again(), nil
	}
	if err != nil {
		// The library knows which errors of the network are for good, such as
		// a certificate that is not trusted.
		return retryablehttp.DefaultRetryPolicy(ctx, resp, err)
	}
	// Statuses are judged when the answer has been read.
	return false, nil
}

// again tells whether it is worth to repeat a request that has been answered
// so: if the answer was cut off on its way, or by its status.
func (e *Error) again() bool {
	if e.final {
		return false
	}
	if e.err != nil {
		return !errors.Is(e.err, errTooLarge)
	}
	return e.Status == http.StatusTooManyRequests || e.Status == http.StatusRequestTimeout || (e.Status >= 500 && e.Status != http.StatusNotImplemented)
}

// backoff waits as long as the platform asks by Retry-After (seconds or a
// date), else exponentially with jitter between half and the whole of the
// time; never longer than the longest wait.
func backoff(shortest, longest time.Duration, attempt int, resp *http.Response) time.Duration {
	if resp != nil {
		if wait, ok := retryAfter(resp); ok {
			return min(wait, longest)
		}
	}
	wait := retryablehttp.DefaultBackoff(shortest, longest, attempt, nil)
	return wait/2 + time.Duration(rand.Int64N(int64(wait/2)+1)) //nolint:gosec // Jitter is no secret.
}

// retryAfter is how long the platform asks to wait. The library's own reading
// of it takes the local clock for the platform's and overflows.
func retryAfter(resp *http.Response) (time.Duration, bool) {
	text := resp.Header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(text, 10, 64); err == nil {
		return time.Duration(min(seconds, math.MaxInt32)) * time.Second, true
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0, false
	}
	now, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return max(at.Sub(now), 0), true
}
