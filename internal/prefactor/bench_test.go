package prefactor_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

func BenchmarkToken(b *testing.B) {
	body := single(tokenID)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, body)
	}))
	defer s.Close()
	c := newClient(b, s.URL)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Token(b.Context(), tokenID); err != nil {
			b.Fatal(err)
		}
	}
}
