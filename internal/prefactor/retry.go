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

	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
)

// What the client repeats: a request that failed (checkRetry), the read of an
// object that was just created and is not found (untilVisible), and a list that
// changed while it was read (maxListings). Pauses that the platform asks for by
// Retry-After are in limiter.go.

func newRetrying(c Config, client *Client) *retryablehttp.Client {
	return &retryablehttp.Client{
		HTTPClient: &http.Client{
			Transport:     &transport{network: c.Transport, timeout: c.RequestTimeout, longestWait: c.RetryWaitMax, client: client},
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

// checkRetry decides whether a request is retried. Every request may be: a create
// has an idempotency key, and callers compare the result of a repeated action or
// deletion with the object.
func checkRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.retryable(), nil
	}
	if err != nil {
		// The library knows which errors of the network are permanent, such as
		// a certificate that is not trusted.
		return retryablehttp.DefaultRetryPolicy(ctx, resp, err)
	}
	// The response handler decides by the whole response.
	return false, nil
}

// retryable tells whether the request is worth retrying, by the status or because
// the response was cut off.
func (e *Error) retryable() bool {
	if e.final {
		return false
	}
	if e.err != nil {
		return !errors.Is(e.err, errTooLarge)
	}
	return e.Status == http.StatusTooManyRequests || e.Status == http.StatusRequestTimeout || (e.Status >= 500 && e.Status != http.StatusNotImplemented)
}

// backoff is as long as the platform asks by Retry-After (seconds or a date), else
// exponential with jitter between half and the whole time; never longer than the
// longest wait.
func backoff(shortest, longest time.Duration, attempt int, resp *http.Response) time.Duration {
	if resp != nil {
		if wait, ok := retryAfter(resp); ok {
			return min(wait, longest)
		}
	}
	wait := retryablehttp.DefaultBackoff(shortest, longest, attempt, nil)
	return wait/2 + time.Duration(rand.Int64N(int64(wait/2)+1)) //nolint:gosec // Jitter is no secret.
}

// retryAfter is how long the platform asks to wait. The library's own parser uses
// the local clock for the platform's, and overflows.
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

const (
	// lagWindow is how long after its creation an object may be missing in
	// responses of a platform with several servers.
	lagWindow = 30 * time.Second

	// lagTries is how often it is read again: for less than four seconds in all,
	// with the default shortest wait.
	lagTries = 4
)

// untilVisible reads an object, and again where one is not found that was created
// within lagWindow.
func untilVisible[T any](ctx context.Context, c *Client, id string, read func() (T, error)) (T, error) {
	for try := 0; ; try++ {
		found, err := read()
		if !errors.Is(err, ErrNotFound) || try == lagTries || !c.recentlyCreated(id) {
			return found, err
		}
		select {
		case <-time.After(c.retrying.RetryWaitMin << try):
		case <-ctx.Done():
			// Whether the object exists is not known: it is no 404.
			e, _ := errors.AsType[*Error](err)
			return found, &Error{Op: e.Op, Method: e.Method, Path: e.Path, Attempts: e.Attempts, Message: "interrupted: " + ctx.Err().Error(), err: ctx.Err()}
		}
	}
}

// recentlyCreated tells whether an object was created within lagWindow, as its id
// says, and was not deleted by this client.
func (c *Client) recentlyCreated(id string) bool {
	parsed, err := pfid.Parse(id)
	_, deleted := c.deleted.Load(id)
	return err == nil && !deleted && c.Now().Sub(parsed.Time()).Abs() < lagWindow
}
