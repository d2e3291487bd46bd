package contract

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/prefactordev/terraform-provider-prefactor/internal/credentials"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// Options say which platform, and as whom.
type Options struct {
	// URL is the platform's address without /api/v1; Token authenticates.
	URL, Token string
	// AccountID is the account to work in; empty is that of the token.
	AccountID string
	// TryDeployment also creates a token for an agent in an environment in which
	// it is not deployed, if there are such. That deploys the agent, and Run
	// deletes the deployment again; it is off unless asked for, since it changes
	// more than tokens.
	TryDeployment bool
	// Now is the local clock; nil means time.Now.
	Now func() time.Time
	// Wait lets time pass; nil waits for real.
	Wait func(ctx context.Context, d time.Duration) error
	// RetryWaitMin and RetryWaitMax bound the waits before a repetition; 0
	// means the client's own bounds.
	RetryWaitMin, RetryWaitMax time.Duration
}

// FromEnvironment finds the credentials as the provider finds them, without a
// provider block.
func FromEnvironment() (Options, error) {
	home, _ := os.UserHomeDir() // Without one there is one place less to look at.
	found, err := credentials.Resolve(credentials.Input{LookupEnv: os.LookupEnv, HomeDir: home})
	if err != nil {
		return Options{}, err
	}
	account, _, err := credentials.AccountID(nil, os.LookupEnv)
	return Options{URL: found.URL, Token: found.Token, AccountID: account}, err
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// platform is the platform in two ways: by the provider's client, which evens
// out what it accepts, and by plain HTTP, which shows it.
type platform struct {
	api     *prefactor.Client
	options Options
	plain   *retryablehttp.Client
	seen    *recorder
}

func dial(o Options) (*platform, error) {
	o.RetryWaitMin = cmp.Or(o.RetryWaitMin, prefactor.DefaultRetryWaitMin)
	o.RetryWaitMax = cmp.Or(o.RetryWaitMax, prefactor.DefaultRetryWaitMax)
	seen := &recorder{network: &http.Transport{
		Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
	}}
	api, err := prefactor.New(prefactor.Config{
		BaseURL: o.URL, Token: o.Token, Version: "contract", MaxRetries: prefactor.DefaultMaxRetries, Now: o.Now,
		Transport: seen, RetryWaitMin: o.RetryWaitMin, RetryWaitMax: o.RetryWaitMax,
	})
	if err != nil {
		return nil, err
	}
	plain := retryablehttp.NewClient()
	plain.Logger = nil
	plain.RetryMax = prefactor.DefaultMaxRetries
	plain.RetryWaitMin, plain.RetryWaitMax = o.RetryWaitMin, o.RetryWaitMax
	plain.ErrorHandler = retryablehttp.PassthroughErrorHandler
	plain.CheckRetry = again
	plain.HTTPClient = &http.Client{
		Transport: seen, Timeout: prefactor.DefaultRequestTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &platform{api: api, options: o, plain: plain, seen: seen}, nil
}

func (p *platform) close() { p.seen.network.CloseIdleConnections() }

// again repeats what was certainly not carried out, and reads that failed.
func again(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if err != nil || ctx.Err() != nil {
		return false, err
	}
	if resp.StatusCode == http.StatusTooManyRequests || resp.Request.Method == http.MethodGet {
		return retryablehttp.DefaultRetryPolicy(ctx, resp, err)
	}
	return false, nil
}

// exchange is one answer as it came.
type exchange struct {
	status int
	header http.Header
	raw    []byte
	// fields is the answer's object; nil if it is none.
	fields map[string]json.RawMessage
}

// maxBody is the most that is read of an answer.
const maxBody = 8 << 20

// call sends one request. An answer of any kind is no error.
func (p *platform) call(ctx context.Context, method, path string, query url.Values, body any) (exchange, error) {
	base, err := url.Parse(p.options.URL)
	if err != nil {
		return exchange{}, err
	}
	target := base.JoinPath("/api/v1", path)
	target.RawQuery = query.Encode()
	var payload any
	if body != nil {
		if payload, err = json.Marshal(body); err != nil {
			return exchange{}, err
		}
	}
	req, err := retryablehttp.NewRequestWithContext(ctx, method, target.String(), payload)
	if err != nil {
		return exchange{}, err
	}
	req.Header.Set("Authorization", "Bearer "+p.options.Token)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("X-Prefactor-SDK", "terraform-provider-prefactor@contract")
	if payload != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := p.plain.Do(req)
	if err != nil {
		return exchange{}, fmt.Errorf("%s %s: %w", method, path, err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	x := exchange{status: resp.StatusCode, header: resp.Header, raw: raw}
	_ = json.Unmarshal(raw, &x.fields) // What is no object has no fields.
	if err != nil {
		return x, fmt.Errorf("%s %s: reading the answer: %w", method, path, err)
	}
	return x, nil
}

func (x exchange) ok() bool { return x.status >= 200 && x.status < 300 }

// text is a string of the answer's object.
func (x exchange) text(field string) string { return textOf(x.fields[field]) }

// details is the object under details; nil if there is none.
func (x exchange) details() map[string]json.RawMessage {
	var d map[string]json.RawMessage
	_ = json.Unmarshal(x.fields["details"], &d) // What is no object has no fields.
	return d
}

// detail is a string of the object under details.
func (x exchange) detail(field string) string { return textOf(x.details()[field]) }

func textOf(raw json.RawMessage) string {
	var s string
	_ = json.Unmarshal(raw, &s) // What is no string is none.
	return s
}

var code = regexp.MustCompile(`^[a-z0-9_.-]{1,40}$`)

// words is the status and the API's code, such as "409 not_found". What an
// answer says besides is not repeated: it may have a secret in it.
func (x exchange) words() string {
	said := x.text("code")
	switch {
	case x.ok():
		return fmt.Sprintf("%d, carried out", x.status)
	case x.isHTML():
		return fmt.Sprintf("%d, HTML", x.status)
	case said == "":
		return fmt.Sprintf("%d, no code", x.status)
	case !code.MatchString(said):
		return fmt.Sprintf("%d, an unusual code", x.status)
	}
	return fmt.Sprintf("%d %s", x.status, said)
}

func (x exchange) isHTML() bool {
	return strings.HasPrefix(x.header.Get("Content-Type"), "text/html") || bytes.HasPrefix(bytes.TrimSpace(x.raw), []byte("<"))
}

// recorder notes what cannot be provoked, should it come up.
type recorder struct {
	network *http.Transport

	mu               sync.Mutex
	retryAfter, html string
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := r.network.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch after := resp.Header.Get("Retry-After"); {
	case resp.StatusCode != http.StatusTooManyRequests:
	case after == "":
		r.retryAfter = "absent"
	case strings.Trim(after, "0123456789") == "":
		r.retryAfter = "seconds"
	default:
		r.retryAfter = "a date"
	}
	if resp.StatusCode >= 500 && strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
		r.html = fmt.Sprintf("seen with %d", resp.StatusCode)
	}
	return resp, nil
}

func (r *recorder) report(into *Report) {
	r.mu.Lock()
	defer r.mu.Unlock()
	into.note(PointRetryAfter, "%s", cmp.Or(r.retryAfter, NotSeen))
	into.note(PointHTML, "%s", cmp.Or(r.html, NotSeen))
}
