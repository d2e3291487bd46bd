package prefactor

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"path"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

var (
	errTooLarge = errors.New("the response is too large")

	// errAttemptOver ends an attempt at its time-out, and distinguishes that from
	// the end of the caller's context.
	errAttemptOver = fmt.Errorf("the attempt timed out: %w", context.DeadlineExceeded)
)

// attempts records what became of each attempt of one call. It travels in the
// context, since the layers between the call and the network have no other
// place for it. All of them run in the call's goroutine.
type attempts struct {
	count int
	// ambiguous tells that the platform may have carried out an attempt.
	ambiguous bool
	// rejectedWait is how long the platform asks to wait, which is too long.
	rejectedWait time.Duration
}

type attemptsKey struct{}

func withAttempts(ctx context.Context, a *attempts) context.Context {
	return context.WithValue(ctx, attemptsKey{}, a)
}

// transport sends one attempt: it waits for a slot below the cap, bounds the
// attempt in time, and logs method, path and status, but never a header, a body
// or a query.
type transport struct {
	network http.RoundTripper
	timeout time.Duration
	// longestWait caps what the platform may ask for by Retry-After.
	longestWait time.Duration
	client      *Client
}

// newNetwork is Go's transport (proxies and SSL_CERT_FILE from the
// environment, HTTP/2) with TLS 1.2 as the least and enough kept connections
// for every request that may be in flight. Idle HTTP/2 connections are pinged:
// otherwise every retry would use a connection that a firewall has silently
// dropped, until the kernel closes it after a quarter of an hour.
func newNetwork(connections int) http.RoundTripper {
	t := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:     true,
		TLSHandshakeTimeout:   10 * time.Second,
		IdleConnTimeout:       90 * time.Second,
		ExpectContinueTimeout: time.Second,
		MaxIdleConnsPerHost:   connections,
		// Responses of the API have a few hundred bytes of headers.
		MaxResponseHeaderBytes: 64 << 10,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: 10 * time.Second, PingTimeout: 5 * time.Second},
	}
	return t
}

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, limiter := req.Context(), t.client.limiter
	if err := limiter.acquire(ctx); err != nil {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, err
	}
	trace, ok := ctx.Value(attemptsKey{}).(*attempts)
	if !ok {
		trace = &attempts{}
	}
	trace.count++

	sending := ctx
	if req.Method != http.MethodGet {
		// An interrupt does not cancel what may already have changed something:
		// the state needs its response.
		sending = context.WithoutCancel(ctx)
	}
	sending, cancel := context.WithTimeoutCause(sending, t.timeout, errAttemptOver)
	end := sync.OnceFunc(func() {
		cancel()
		limiter.release()
	})
	// The network may still be writing when the time is up.
	var wrote atomic.Bool
	sending = httptrace.WithClientTrace(sending, &httptrace.ClientTrace{
		WroteHeaders: func() { wrote.Store(true) },
	})

	started := time.Now()
	resp, err := t.network.RoundTrip(req.WithContext(sending))
	logged := req.URL.Path
	if req.Response != nil {
		// The target of a redirect is the server's text.
		logged = cleanRedacted(logged, maxMessage, t.client.secrets.redact)
	}
	fields := map[string]any{"method": req.Method, "path": logged, "attempt": trace.count, "duration_ms": time.Since(started).Milliseconds()}
	if err != nil {
		if errors.Is(context.Cause(sending), errAttemptOver) {
			err = fmt.Errorf("no response within %s: %w", t.timeout, err)
		}
		end()
		trace.ambiguous = trace.ambiguous || wrote.Load()
		fields["error"] = t.client.describeNetwork(err)
		tflog.Debug(ctx, "Prefactor API request failed", fields)
		return nil, err
	}
	switch {
	case asksToWait(resp.StatusCode):
		if wait, ok := retryAfter(resp); ok && !limiter.pause(wait, t.longestWait) {
			trace.rejectedWait = wait
		}
	case resp.StatusCode < http.StatusInternalServerError:
		limiter.resetPauses()
	}
	trace.ambiguous = trace.ambiguous || resp.StatusCode >= http.StatusInternalServerError
	fields["status"] = resp.StatusCode
	tflog.Debug(ctx, "Prefactor API request", fields)
	resp.Body = endingBody{resp.Body, end}
	return resp, nil
}

// endingBody ends the attempt when its response was read: the time that the body
// takes counts.
type endingBody struct {
	io.ReadCloser

	end func()
}

func (b endingBody) Close() error {
	defer b.end()
	return b.ReadCloser.Close()
}

// followRedirect lets a read be redirected within the API: its scheme, host and
// port, and its prefix. Everything else could send the token to another server,
// or turn a change into something else.
func (c *Client) followRedirect(req *http.Request, via []*http.Request) error {
	prefix := path.Join("/", c.base.Path, apiPrefix) + "/"
	if via[0].Method != http.MethodGet || len(via) > 3 || req.URL.Scheme != c.base.Scheme || req.URL.Host != c.base.Host ||
		!strings.HasPrefix(path.Clean(req.URL.Path), prefix) {
		return http.ErrUseLastResponse
	}
	return nil
}

func (c *Client) redirectMessage(resp *http.Response) string {
	target, err := resp.Location()
	if err != nil {
		return "the response is a redirect without a target"
	}
	return fmt.Sprintf("the platform redirects to %s, which the provider does not follow, so that the token is not sent to another address: check api_url",
		cleanRedacted(target.Scheme+"://"+target.Host, 120, c.secrets.redact))
}

// describeNetwork is the innermost text of a network error, without the URL.
func (c *Client) describeNetwork(err error) string {
	var urlErr *url.Error
	for errors.As(err, &urlErr) {
		err = urlErr.Err
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return "the connection was closed before the response was complete"
	}
	return cleanRedacted(err.Error(), maxMessage, c.secrets.redact)
}
