package prefactor

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
)

// Defaults of Config. The cap on requests in flight is what the vendor's own
// dashboard found to work best; more of them end in time-outs. The waits are
// those of the vendor's clients.
const (
	DefaultBaseURL               = "https://app.prefactorai.com"
	DefaultMaxRetries            = 5
	DefaultRequestTimeout        = 30 * time.Second
	DefaultMaxConcurrentRequests = 6
	DefaultRetryWaitMin          = 250 * time.Millisecond
	DefaultRetryWaitMax          = 60 * time.Second
)

const (
	apiPrefix = "/api/v1"

	// maxBody is the most that is read of a response. A page of 100 tokens has
	// about 50 kB; the limit leaves room for a platform that ignores the
	// page size and bounds the memory that a broken response can take.
	maxBody = 8 << 20
)

// Config has the address of the platform and the settings. Zero values mean the
// defaults above, except for MaxRetries, where 0 means none.
type Config struct {
	// BaseURL is the platform's address without /api/v1.
	BaseURL string
	// Token authenticates every request. It is in no error and no log.
	Token string
	// Version is the provider's own, for the user agent.
	Version string
	// UserAgent is the whole header; by default it is Product of the version.
	UserAgent string
	// MaxRetries is how often a request is retried after its first attempt.
	MaxRetries int
	// RequestTimeout bounds one attempt, from connecting to the last byte.
	RequestTimeout time.Duration
	// MaxConcurrentRequests caps the requests in flight of this client.
	MaxConcurrentRequests int
	// RetryWaitMin and RetryWaitMax bound the wait before a retry.
	RetryWaitMin, RetryWaitMax time.Duration
	// Now is the local clock; nil means time.Now.
	Now func() time.Time
	// Transport is the network; nil means TLS 1.2 or newer with proxies from
	// the environment.
	Transport http.RoundTripper
}

// Client calls the API. It is safe for concurrent use.
type Client struct {
	base      *url.URL
	retrying  *retryablehttp.Client
	secrets   secrets
	clock     clock
	userAgent string
	sdk       string
	token     string
	limiter   *limiter
	// sortingRejected tells that the platform does not accept an order.
	sortingRejected atomic.Bool
	// deleted are the ids of what this client has deleted.
	deleted  sync.Map
	onChange func(path string) (ended func())
}

// OnChange has a function called before each request that is no read, with its path,
// and what that returns after the response. It is set before the first request.
func (c *Client) OnChange(changing func(path string) (ended func())) { c.onChange = changing }

// AddSecret keeps a value out of logs and errors from now on.
func (c *Client) AddSecret(value string) { c.secrets.add(value) }

// Product is the provider in a user agent.
func Product(version string) string {
	return "terraform-provider-prefactor/" + version + " (+https://registry.terraform.io/providers/prefactordev/prefactor)"
}

// New returns a client; it sends nothing yet.
func New(c Config) (*Client, error) {
	base, err := url.Parse(cmp.Or(c.BaseURL, DefaultBaseURL))
	if err != nil || base.Host == "" {
		return nil, errors.New("the platform's address is not a URL")
	}
	client := &Client{
		base:      base,
		clock:     clock{local: c.Now},
		userAgent: cmp.Or(c.UserAgent, Product(c.Version)),
		sdk:       "terraform-provider-prefactor@" + c.Version,
		token:     c.Token,
	}
	client.secrets.add(c.Token)
	c.MaxConcurrentRequests = cmp.Or(c.MaxConcurrentRequests, DefaultMaxConcurrentRequests)
	c.RequestTimeout = cmp.Or(c.RequestTimeout, DefaultRequestTimeout)
	c.RetryWaitMin, c.RetryWaitMax = cmp.Or(c.RetryWaitMin, DefaultRetryWaitMin), cmp.Or(c.RetryWaitMax, DefaultRetryWaitMax)
	if c.Transport == nil {
		c.Transport = newNetwork(c.MaxConcurrentRequests)
	}
	client.limiter = newLimiter(c.MaxConcurrentRequests)
	client.retrying = newRetrying(c, client)
	return client, nil
}

// Now is the platform's time: the local clock, corrected by the Date of responses
// where the two are more than a minute apart. Expiry is judged by the platform's
// clock, so that a laptop that is an hour off neither rotates too early nor
// creates a token that has expired already.
func (c *Client) Now() time.Time { return c.clock.now() }

// LocalNow is the time of the local clock alone, which the platform's does not
// correct.
func (c *Client) LocalNow() time.Time { return c.clock.localNow() }

// MostInFlight is the highest number of requests that were in flight at once.
func (c *Client) MostInFlight() int { return c.limiter.highest() }

// request is one call: what it is called in an error, and what is sent.
type request struct {
	op     string
	method string
	path   string
	query  url.Values
	body   any
	// allowSingle accepts a list that comes as one object under details, and
	// allowEmpty a success without a body (204).
	allowSingle, allowEmpty bool
}

// failed is an error of this request.
func (r request) failed(message string) *Error {
	return &Error{Op: r.op, Method: r.method, Path: r.path, Message: message}
}

// response is the API's success in each of its forms.
type response struct {
	Status     string          `json:"status"`
	Details    json.RawMessage `json:"details"`
	Summaries  json.RawMessage `json:"summaries"`
	Pagination json.RawMessage `json:"pagination"`
	Sorting    json.RawMessage `json:"sorting"`
	Token      json.RawMessage `json:"token"`
	Ruleset    json.RawMessage `json:"ruleset"`

	// status is the HTTP status, attempts is how many times the request was sent.
	status, attempts int
	// ambiguous tells that an earlier attempt may have been carried out too.
	ambiguous bool
}

// call sends a request with retries and returns the API's response. Its errors are
// *Error.
func (c *Client) call(ctx context.Context, r request) (*response, error) {
	if c.onChange != nil && r.method != http.MethodGet {
		defer c.onChange(r.path)()
	}
	trace := &attempts{}
	parsed, err := c.send(withAttempts(ctx, trace), r, trace)
	if err == nil {
		parsed.ambiguous, parsed.attempts = trace.ambiguous, trace.count
		return parsed, nil
	}
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Message: c.describeNetwork(err), err: err}
	}
	e.Op, e.Method, e.Path = r.op, r.method, r.path
	e.Attempts = trace.count
	e.Ambiguous = r.method != http.MethodGet && (trace.ambiguous || errors.Is(e, ErrIdempotencyKeyUsed))
	return nil, e
}

func (c *Client) send(ctx context.Context, r request, trace *attempts) (*response, error) {
	var payload any
	if r.body != nil {
		encoded, err := json.Marshal(r.body)
		if err != nil {
			return nil, err
		}
		payload = encoded
	}
	target := c.base.JoinPath(apiPrefix, r.path)
	target.RawQuery = r.query.Encode()
	req, err := retryablehttp.NewRequestWithContext(ctx, r.method, target.String(), payload)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.userAgent)
	req.Header.Set("X-Prefactor-SDK", c.sdk)
	if payload != nil {
		req.Header.Set("Content-Type", "application/json")
	}

	var parsed *response
	var failure *Error
	responded := 0
	// The body is read within the attempt, so that a response that is cut off is
	// retried like a connection that fails.
	req.SetResponseHandler(func(resp *http.Response) error {
		responded = trace.count
		parsed, failure = c.read(r, resp)
		if failure == nil {
			return nil
		}
		if !failure.fromAPI || failure.hasToken {
			// A proxy responded, but the platform may have received the request.
			trace.ambiguous = true
		}
		if wait := trace.rejectedWait; wait > 0 && asksToWait(resp.StatusCode) {
			failure.final = true
			failure.Message += fmt.Sprintf("; the API asks the provider to wait %s, and the provider waits at most %s in total", wait, maxPause)
		}
		return failure
	})
	resp, err := c.retrying.Do(req)
	if resp != nil {
		_ = resp.Body.Close()
	}
	switch {
	case parsed != nil:
		// Also after an interrupt: what has happened cannot be undone.
		return parsed, nil
	case ctx.Err() != nil && (failure == nil || failure.retryable()):
		message := "interrupted: " + ctx.Err().Error()
		if failure != nil {
			message += "; the last response was " + failure.reason()
		}
		return nil, &Error{Message: message, err: ctx.Err()}
	case failure != nil && responded == trace.count:
		return nil, failure
	}
	// Of several attempts, the last one had no response at all.
	return nil, err
}

// read parses one HTTP response into the API's, or into an *Error.
func (c *Client) read(r request, resp *http.Response) (*response, *Error) {
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	_ = resp.Body.Close()
	failed := func(message string, err error) (*response, *Error) {
		return nil, &Error{Status: resp.StatusCode, Message: message, err: err}
	}
	if err != nil {
		return failed("the connection broke while the response was read: "+c.describeNetwork(err), err)
	}
	if len(body) > maxBody {
		return failed(fmt.Sprintf("the response is larger than %d MiB", maxBody>>20), errTooLarge)
	}
	parsed := response{status: resp.StatusCode}
	notJSON := json.Unmarshal(body, &parsed)
	// First of all: whatever else is wrong with a response, the value of a token
	// in it is a secret.
	var value string
	if json.Unmarshal(orNull(parsed.Token), &value) == nil {
		c.secrets.add(value)
	}
	if e := parseError(resp.StatusCode, body, c.secrets.redact); e != nil {
		c.clock.observe(resp)
		e.hasToken = value != ""
		return nil, e
	}
	describe := func() string {
		return describeBody(resp.Header.Get("Content-Type"), body, func(text string) string {
			text = cleanRedacted(text, maxExtract, c.secrets.redact)
			// The response to a change can contain a value that is not known yet:
			// nothing of it is repeated.
			if r.method != http.MethodGet || text == "" {
				return ""
			}
			return fmt.Sprintf(" (%q)", text)
		})
	}
	switch {
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		return failed(c.redirectMessage(resp), nil)
	case resp.StatusCode < 200 || resp.StatusCode > 299:
		return failed("the response is not from the API: "+describe(), nil)
	case r.allowEmpty && len(bytes.TrimSpace(body)) == 0:
		return &response{status: resp.StatusCode}, nil
	case isCutOff(body, notJSON):
		return failed("the response is not from the API: "+describe(), io.ErrUnexpectedEOF)
	case notJSON != nil:
		return failed("the response is not from the API: "+describe(), nil)
	case parsed.Status != "success" || (!r.allowEmpty && parsed.Details == nil && parsed.Summaries == nil && parsed.Ruleset == nil):
		return failed("the response has no details: "+describe(), nil)
	}
	c.clock.observe(resp)
	return &parsed, nil
}

// callFor sends a request whose response has an object as its details.
func callFor[T any](ctx context.Context, c *Client, r request) (found T, a *response, err error) {
	if a, err = c.call(ctx, r); err != nil {
		return found, a, err
	}
	found, err = decode[T](c, r, a, a.Details)
	return found, a, err
}

// decode reads a part of a response.
func decode[T any](c *Client, r request, a *response, raw json.RawMessage) (T, error) {
	var decoded, none T
	if raw == nil || string(raw) == "null" {
		return none, c.malformed(r, a, "it contains none of the expected objects")
	}
	if err := json.Unmarshal(raw, &decoded); err != nil {
		return none, c.malformed(r, a, describeDecode(err))
	}
	if err := checkWords(reflect.ValueOf(decoded)); err != nil {
		return none, c.malformed(r, a, err.Error())
	}
	return decoded, nil
}

// word is what a word of the API looks like; not all of them are known.
var word = regexp.MustCompile(`^[a-z][a-z0-9_]{0,60}$`)

// reference is what the id of an object that is only referred to looks like.
var reference = regexp.MustCompile(`^[0-9A-Za-z@._-]{1,100}$`)

// checkWords checks what is printed without redaction: each id is a PFID, and
// each status, scope and so on is a word. The errors do not repeat them.
func checkWords(v reflect.Value) error {
	if v.Kind() == reflect.Slice {
		for i := range v.Len() {
			if err := checkWords(v.Index(i)); err != nil {
				return err
			}
		}
	}
	if v.Kind() != reflect.Struct {
		return nil
	}
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		var text string
		switch f := v.Field(i).Interface().(type) {
		case string:
			text = f
		case Field[string]:
			if !f.Known() {
				continue
			}
			text = f.Value
		default:
			continue
		}
		switch {
		case slices.Contains([]string{"id", "account_id", "agent_id", "environment_id", "agent_deployment_id"}, name) && !pfid.Valid(text),
			strings.HasSuffix(name, "_id") && !reference.MatchString(text):
			return errors.New(name + " is missing or not an id")
		case slices.Contains([]string{"status", "token_scope", "token_type", "purpose"}, name) && !word.MatchString(text):
			return errors.New(name + " is not a word")
		}
	}
	return nil
}

// malformed is the error of a response in the API's form that cannot be used.
func (c *Client) malformed(r request, a *response, what string) *Error {
	e := r.failed("the response cannot be used: " + cleanRedacted(what, maxMessage, c.secrets.redact))
	e.Status, e.Attempts, e.Ambiguous = a.status, a.attempts, r.method != http.MethodGet
	return e
}

// isCutOff tells that err, from parsing body, is because the rest is missing.
func isCutOff(body []byte, err error) bool {
	syntax, ok := errors.AsType[*json.SyntaxError](err)
	if !ok || syntax.Offset < int64(len(body)) {
		return false
	}
	trimmed := bytes.TrimSpace(body)
	return len(trimmed) == 0 || trimmed[0] == '{' || trimmed[0] == '['
}

// describeDecode describes a JSON error without the values.
func describeDecode(err error) string {
	if typeErr, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		// The kind of value is followed by the value itself if it is a number.
		kind, _, _ := strings.Cut(typeErr.Value, " ")
		return fmt.Sprintf("%s has the wrong type (%s)", cmp.Or(typeErr.Field, "the object"), kind)
	}
	return err.Error()
}
