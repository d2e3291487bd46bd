package coalesce_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/coalesce"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// Over real connections: as few requests, no more of them at once than the
// platform bears, and nothing left behind.
func TestOverTheNetwork(t *testing.T) {
	t.Parallel()
	scene := newWorld(t, emulator.Variant{}, 1001)
	a := scene.accounts[0]
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	transport := &http.Transport{MaxIdleConnsPerHost: 10}
	t.Cleanup(transport.CloseIdleConnections)
	client, err := prefactor.New(prefactor.Config{BaseURL: server.URL, Token: a.secret, Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	scene.reader = coalesce.New(client)
	a.Inject(emulator.Fault{Kind: emulator.FaultLatency, Latency: time.Millisecond})
	got := scene.readAll(t, a.tokens, 10)
	if reads, lists := scene.reads(), scene.lists(); reads != 11 || lists != 11 {
		t.Errorf("%d reads and %d pages, want 11 of each", reads, lists)
	}
	if n := a.InFlightMax(); n > prefactor.DefaultMaxConcurrentRequests {
		t.Errorf("%d requests at once", n)
	}
	a.ClearFaults()
	scene.checkAll(t, got)
}
