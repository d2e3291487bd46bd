package prefactor_test

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// network is a transport without sockets, for what must not wait in real time.
type network func(*http.Request) (*http.Response, error)

func (n network) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer func() { _ = r.Body.Close() }()
	}
	return n(r)
}

// overNetwork puts the client on such a network, with the default waits.
func overNetwork(n network) func(*prefactor.Config) {
	return func(c *prefactor.Config) {
		c.Transport, c.RetryWaitMin, c.RetryWaitMax, c.RequestTimeout = n, 0, 0, 0
	}
}

func canned(status int, header http.Header, body string) *http.Response {
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{
		StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
}

func newTLSServer(t *testing.T) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}
