package prefactor

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
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
			CheckRedirect: followRedirect,
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
	var e *Error
	if errors.As(err, &e) {
		// The answer was read: again only if it was cut off on its way, or by
		// its status.
		if e.err != nil {
			return !errors.Is(e.err, errTooLarge) && (errors.Is(e.err, io.ErrUnexpectedEOF) || !e.fromAPI), nil
		}
		return retryable(e.Status), nil
	}
	if err != nil {
		// The library knows which errors of the network are for good, such as
		// a certificate that is not trusted.
		return retryablehttp.DefaultRetryPolicy(ctx, resp, err)
	}
	// Statuses are judged when the answer has been read.
	return false, nil
}

func retryable(status int) bool {
	return status == http.StatusTooManyRequests || (status >= 500 && status != http.StatusNotImplemented)
}

// backoff waits as long as the platform asks by Retry-After (seconds or a
// date), else exponentially with jitter between half and the whole of the
// time; never longer than the longest wait.
func backoff(shortest, longest time.Duration, attempt int, resp *http.Response) time.Duration {
	wait := retryablehttp.DefaultBackoff(shortest, longest, attempt, resp)
	if resp == nil || resp.Header.Get("Retry-After") == "" {
		wait = wait/2 + time.Duration(rand.Int64N(int64(wait/2)+1)) //nolint:gosec // Jitter is no secret.
	}
	return min(wait, longest)
}
