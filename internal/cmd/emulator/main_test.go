package main

import (
	"bytes"
	"context"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// buffer is written by the server and read by the test.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func TestServe(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	out := &buffer{}
	done := make(chan error, 1)
	go func() { done <- serve(ctx, out, "127.0.0.1:0", true, time.Millisecond) }()

	exported := regexp.MustCompile(`(?s)PREFACTOR_API_URL=(\S+).*PREFACTOR_API_TOKEN=(\S+)`)
	var found []string
	for deadline := time.Now().Add(10 * time.Second); found == nil && time.Now().Before(deadline); {
		found = exported.FindStringSubmatch(out.String())
	}
	if found == nil {
		t.Fatalf("it does not say what to export: %s", out)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, found[1]+"/api/v1/ping", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+found[2])
	resp, err := (&http.Client{}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("the exported token is answered with %s", resp.Status)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	after := out.String()
	if !strings.Contains(after, "GET    /api/v1/ping") || strings.Count(after, found[2]) != 1 {
		t.Errorf("the log of requests is wrong: %s", after)
	}
}

func TestListen_loopbackOnly(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"0.0.0.0:0", "[::]:0", ":0", "192.0.2.1:80", "example.com:80"} {
		if l, err := listen(t.Context(), address); err == nil {
			_ = l.Close()
			t.Errorf("listens on %s", address)
		}
	}
}
