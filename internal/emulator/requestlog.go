package emulator

import (
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Request is one request as it was received.
type Request struct {
	Method, Path string
	Query        url.Values
	// Header excludes Authorization; TokenID is the id of the token that was used.
	Header  http.Header
	TokenID string
	Body    []byte
	// Status is that of the response, 0 if the connection was cut.
	Status int
	At     time.Time
}

// requestLog stores every request, and how many were handled at once.
type requestLog struct {
	mu       sync.Mutex
	requests []*Request
	inFlight int
	most     int
	watch    func(Request)
}

func (l *requestLog) begin(r *http.Request, at time.Time) *Request {
	header := r.Header.Clone()
	header.Del("Authorization")
	entry := &Request{Method: r.Method, Path: r.URL.Path, Query: r.URL.Query(), Header: header, At: at}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests = append(l.requests, entry)
	l.inFlight++
	l.most = max(l.most, l.inFlight)
	return entry
}

func (l *requestLog) end(entry *Request) {
	l.mu.Lock()
	l.inFlight--
	watch := l.watch
	l.mu.Unlock()
	if watch != nil {
		watch(*entry)
	}
}

// Watch calls f with each request after its response was sent.
func (p *Platform) Watch(f func(Request)) {
	p.log.mu.Lock()
	defer p.log.mu.Unlock()
	p.log.watch = f
}

// Requests are the requests since the last reset, in the order in which they
// were received. Requests that are still being handled are included.
func (p *Platform) Requests() []Request {
	// While the platform is locked, no handler can write its entry.
	p.mu.Lock()
	defer p.mu.Unlock()
	p.log.mu.Lock()
	defer p.log.mu.Unlock()
	all := make([]Request, len(p.log.requests))
	for i, r := range p.log.requests {
		all[i] = *r
	}
	return all
}

// ResetRequests deletes the requests so far.
func (p *Platform) ResetRequests() {
	p.log.mu.Lock()
	defer p.log.mu.Unlock()
	p.log.requests = nil
	p.log.most = p.log.inFlight
}

// InFlightMax is the highest number of requests handled at once since the last reset.
func (p *Platform) InFlightMax() int {
	p.log.mu.Lock()
	defer p.log.mu.Unlock()
	return p.log.most
}
