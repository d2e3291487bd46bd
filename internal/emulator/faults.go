package emulator

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// FaultKind is a kind of fault.
type FaultKind int

// The kinds of faults. Those named ...After carry the request out first: its
// effect remains, and only the response is faulty or missing.
const (
	// FaultLatency only delays, by Latency.
	FaultLatency FaultKind = iota
	// FaultStatus responds with Status (500 when zero) with an error of the API
	// (Code, Message).
	FaultStatus
	// FaultStatusAfter does so after the commit.
	FaultStatusAfter
	// FaultHTML responds with Status (500 when zero) and an HTML page, as a proxy does.
	FaultHTML
	// FaultHTMLAfter does so after the commit.
	FaultHTMLAfter
	// FaultRaw responds with Status (500 when zero), Body and Header, unchanged.
	FaultRaw
	// FaultCutBefore cuts the connection before the request is carried out.
	FaultCutBefore
	// FaultCutAfter cuts the connection after the request was carried out.
	FaultCutAfter
	// FaultCutBody cuts the connection in the middle of the response body.
	FaultCutBody
	// FaultTruncatedJSON sends half of the response as if it were complete.
	FaultTruncatedJSON
	// FaultWrongTypes sends the response with numbers in place of strings.
	FaultWrongTypes
	// FaultMissingFields omits Fields from the object or records of the response, and
	// "token" from the response itself: the value of a new token is next to the object.
	FaultMissingFields
	// FaultEmptyBody sends the status of the response without a body.
	FaultEmptyBody
	// FaultNoDetails sends a success without details.
	FaultNoDetails
	// FaultRedirect responds with Status (302 when zero) and a Location.
	FaultRedirect
	// FaultNotYet responds with 404 for a token that was created less than For ago.
	FaultNotYet
	// FaultLaggingList lists the tokens as of For ago.
	FaultLaggingList
	// FaultSlowBody sends the body byte by byte, within Latency in total.
	FaultSlowBody
	// FaultRouter responds with Status (404 when zero) and JSON that is not in the
	// API's form, as a router or gateway does.
	FaultRouter
	// FaultDate shifts the Date of the response by For.
	FaultDate
	// FaultSet sets the values of Set in the object or records of the response.
	FaultSet
	// FaultBigBody responds with 200 and a body of 10 MB.
	FaultBigBody
)

// Fault is a fault in the requests that it matches.
type Fault struct {
	// Method and Path choose the requests. Path is a pattern without the
	// prefix, such as "/api_token/:id/suspend". Empty matches every request.
	Method, Path string
	// Skip is how many matching requests succeed first. Times is how many fail
	// after that; 0 means all.
	Skip, Times int
	// Probability is the share of matching requests that fail; 0 means all.
	Probability float64

	// After carries the request out before a fault that sends another response: its
	// effect remains. In Message and Body, {token} is then the value of the
	// token that it created.
	After bool

	Kind       FaultKind
	Status     int
	Code       string
	Message    string
	RetryAfter string
	Location   string
	Body       []byte
	Header     http.Header
	Latency    time.Duration
	For        time.Duration
	Fields     []string
	Set        map[string]any
}

type faults struct {
	mu   sync.Mutex
	all  []*armed
	rand *rand.Rand
}

type armed struct {
	Fault

	seen, hits int
}

// Inject adds a fault. Of several that match a request, the first one decides
// what goes wrong; their delays add up.
func (p *Platform) Inject(f Fault) {
	p.faults.mu.Lock()
	defer p.faults.mu.Unlock()
	p.faults.all = append(p.faults.all, &armed{Fault: f})
}

// ClearFaults removes all faults.
func (p *Platform) ClearFaults() {
	p.faults.mu.Lock()
	defer p.faults.mu.Unlock()
	p.faults.all = nil
}

// FaultHits is how many requests matched the current faults.
func (p *Platform) FaultHits() int {
	p.faults.mu.Lock()
	defer p.faults.mu.Unlock()
	n := 0
	for _, f := range p.faults.all {
		n += f.hits
	}
	return n
}

// activeFaults are the faults of one request.
type activeFaults struct {
	delay time.Duration
	fault Fault
}

func (f *faults) take(method, path string) *activeFaults {
	f.mu.Lock()
	defer f.mu.Unlock()
	active := &activeFaults{}
	for _, a := range f.all {
		if a.Method != "" && a.Method != method {
			continue
		}
		if _, ok := match(a.Path, path); a.Path != "" && !ok {
			continue
		}
		if a.Times > 0 && a.hits >= a.Times {
			continue
		}
		a.seen++
		if a.seen <= a.Skip || (a.Probability > 0 && f.rand.Float64() >= a.Probability) {
			continue
		}
		if active.fault.Kind != FaultLatency && a.Kind != FaultLatency {
			continue
		}
		a.hits++
		if a.Kind != FaultSlowBody {
			active.delay += a.Latency
		}
		if a.Kind != FaultLatency {
			active.fault = a.Fault
		}
	}
	return active
}

// wait delays the request; false means that the client has disconnected.
func (a *activeFaults) wait(r *http.Request) bool {
	if a.delay <= 0 {
		return true
	}
	timer := time.NewTimer(a.delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// before applies the faults that come before the request is carried out. It returns the
// status that was sent, 0 for a cut, and whether the request ends here.
func (a *activeFaults) before(p *Platform, w http.ResponseWriter) (int, bool) {
	f := a.fault
	switch f.Kind {
	case FaultCutBefore:
		panic(http.ErrAbortHandler)
	case FaultStatus, FaultHTML, FaultRaw, FaultRedirect, FaultRouter:
		if f.After {
			return 0, false
		}
		return f.send(p, w), true
	case FaultBigBody:
		body := append([]byte(`{"status":"success","details":{"id":"`), bytes.Repeat([]byte("x"), 10<<20)...)
		sendRaw(w, http.StatusOK, "application/json", append(body, `"}}`...))
		return http.StatusOK, true
	default:
		return 0, false
	}
}

// after applies the faults that come after the request was carried out.
func (a *activeFaults) after(p *Platform, w http.ResponseWriter, r *http.Request, entry *Request, result answer) {
	f := a.fault
	note := func(status int) {
		p.mu.Lock()
		defer p.mu.Unlock()
		entry.Status = status
	}
	switch f.Kind {
	case FaultCutAfter:
		panic(http.ErrAbortHandler)
	case FaultStatusAfter, FaultHTMLAfter, FaultStatus, FaultHTML, FaultRaw, FaultRedirect, FaultRouter:
		value, _ := result.body["token"].(string)
		f.Message = strings.ReplaceAll(f.Message, "{token}", value)
		f.Body = bytes.ReplaceAll(f.Body, []byte("{token}"), []byte(value))
		note(f.send(p, w))
	case FaultDate:
		note(result.status)
		w.Header().Set("Date", p.now().Add(f.For).UTC().Format(http.TimeFormat))
		p.write(w, result)
	case FaultSet:
		note(result.status)
		result.body = mangled(result.body, func(o object) { maps.Copy(o, f.Set) })
		p.write(w, result)
	case FaultCutBody:
		note(result.status)
		raw, _ := json.Marshal(result.body)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(raw)))
		w.WriteHeader(withBody(result.status))
		_, _ = w.Write(raw[:len(raw)/2])
		if flusher, ok := w.(http.Flusher); ok {
			flusher.Flush()
		}
		panic(http.ErrAbortHandler)
	case FaultTruncatedJSON:
		note(result.status)
		raw, _ := json.Marshal(result.body)
		sendRaw(w, withBody(result.status), "application/json", raw[:len(raw)/2])
	case FaultEmptyBody:
		note(result.status)
		sendRaw(w, withBody(result.status), "application/json", nil)
	case FaultNoDetails:
		note(result.status)
		sendRaw(w, withBody(result.status), "application/json", []byte(`{"status":"success"}`))
	case FaultWrongTypes:
		note(result.status)
		result.body = mangled(result.body, func(o object) {
			for k, v := range o {
				if _, isText := v.(string); isText && k != "status" && k != "token" && k != "code" && k != "message" {
					o[k] = 42
				}
			}
		})
		p.write(w, result)
	case FaultMissingFields:
		note(result.status)
		result.body = mangled(result.body, func(o object) {
			for _, field := range f.Fields {
				delete(o, field)
			}
		})
		if slices.Contains(f.Fields, "token") {
			delete(result.body, "token")
		}
		p.write(w, result)
	case FaultSlowBody:
		note(result.status)
		slowly(w, r, result, f.Latency)
	default:
		note(result.status)
		p.write(w, result)
	}
}

// hides is the 404 of a token that was created too recently to be visible, or nil.
func (a *activeFaults) hides(p *Platform, r route, id string) *failure {
	if a.fault.Kind != FaultNotYet || !strings.HasPrefix(r.pattern, "/api_token/:id") {
		return nil
	}
	if row, ok := p.objects[id].(*tokenRow); ok && p.now().Sub(row.InsertedAt) < a.fault.For {
		return errNotFound("api_token")
	}
	return nil
}

// lag replaces a list of tokens by an older one: without newer tokens,
// and with those that existed then. Their statuses are the current ones.
func (a *activeFaults) lag(c *call, r route, result answer) answer {
	if a.fault.Kind != FaultLaggingList || r.method != http.MethodGet || r.pattern != "/api_token" || result.status != http.StatusOK {
		return result
	}
	then := c.p.now().Add(-a.fault.For)
	rows := rowsOf(where(c.p, func(t *tokenRow) bool { return t.AccountID == c.token.AccountID && !t.InsertedAt.After(then) }))
	for _, t := range c.p.past {
		if t.AccountID == c.token.AccountID && !t.InsertedAt.After(then) && t.deletedAt.After(then) {
			rows = append(rows, t)
		}
	}
	lagging, f := c.list(rows)
	if f != nil {
		return c.p.failed(f)
	}
	return lagging
}

// send sends the response of the fault.
func (f Fault) send(p *Platform, w http.ResponseWriter) int {
	status := f.Status
	switch {
	case status == 0 && f.Kind == FaultRedirect:
		status = http.StatusFound
	case status == 0 && f.Kind == FaultRouter:
		status = http.StatusNotFound
	case status == 0:
		status = http.StatusInternalServerError
	}
	maps.Copy(w.Header(), f.Header)
	if f.RetryAfter != "" {
		w.Header().Set("Retry-After", f.RetryAfter)
	}
	switch f.Kind {
	case FaultRedirect:
		w.Header().Set("Location", f.Location)
		w.WriteHeader(status)
	case FaultHTML, FaultHTMLAfter:
		message := f.Message
		if message == "" {
			message = "The server is over capacity."
		}
		sendRaw(w, status, "text/html; charset=utf-8", []byte("<!doctype html><html><head><title>"+http.StatusText(status)+
			"</title><style>body{}</style></head><body><h1>"+http.StatusText(status)+"</h1><p>"+message+"</p></body></html>"))
	case FaultRouter:
		p.write(w, answer{status, routerPage(status)})
	case FaultRaw:
		sendRaw(w, status, w.Header().Get("Content-Type"), f.Body)
	default:
		code, message := f.Code, f.Message
		if code == "" {
			code = cmp.Or(codes[status], "unexpected")
		}
		if message == "" {
			message = "injected"
		}
		p.write(w, p.failed(&failure{status: status, code: code, message: message}))
	}
	return status
}

// codes are the documented ones that go with a status.
var codes = map[int]string{
	http.StatusBadRequest: "bad_request", http.StatusUnauthorized: "bad_authtoken", http.StatusForbidden: "not_permitted",
	http.StatusNotFound: "not_found", http.StatusConflict: "invalid_action", http.StatusUnprocessableEntity: "validation_errors",
}

func sendRaw(w http.ResponseWriter, status int, contentType string, body []byte) {
	if contentType != "" {
		w.Header().Set("Content-Type", contentType)
	}
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// withBody is a status that may have a body.
func withBody(status int) int {
	if status == http.StatusNoContent {
		return http.StatusOK
	}
	return status
}

// mangled changes the object or the records of a response, in a copy: the response
// itself may be stored for a repeated request.
func mangled(body object, change func(object)) object {
	raw, err := json.Marshal(body)
	if err != nil {
		return body
	}
	var o object
	if json.Unmarshal(raw, &o) != nil || o == nil {
		return body
	}
	for _, key := range []string{"details", "summaries"} {
		switch v := o[key].(type) {
		case object:
			change(v)
		case []any:
			for _, row := range v {
				if r, ok := row.(object); ok {
					change(r)
				}
			}
		}
	}
	return o
}

func slowly(w http.ResponseWriter, r *http.Request, a answer, total time.Duration) {
	raw, _ := json.Marshal(a.body)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(withBody(a.status))
	flusher, _ := w.(http.Flusher)
	ticker := time.NewTicker(max(total/time.Duration(len(raw)+1), time.Microsecond))
	defer ticker.Stop()
	for chunk := range slices.Chunk(raw, 1) {
		select {
		case <-r.Context().Done():
			return
		case <-ticker.C:
		}
		_, _ = w.Write(chunk)
		if flusher != nil {
			flusher.Flush()
		}
	}
}
