package coalesce_test

import (
	"net/http"
	"testing"
)

// newNetwork is a transport of the test's own, whose connections end with it.
func newNetwork(tb testing.TB) *http.Transport {
	tb.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 10}
	tb.Cleanup(transport.CloseIdleConnections)
	return transport
}
