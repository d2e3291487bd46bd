package prefactor_test

import (
	"net/http/httptest"
	"testing"

	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

// platform is one with an account and a token of it.
func platform(variant ...emulator.Variant) (p *emulator.Platform, value string) {
	options := emulator.Options{}
	if len(variant) > 0 {
		options.Variant = variant[0]
	}
	p = emulator.New(options)
	_, value = p.AddToken(emulator.TokenSpec{Scope: "account", AccountID: p.AddAccount("Acme").ID})
	return p, value
}

func listen(t *testing.T, p *emulator.Platform) string {
	t.Helper()
	s := httptest.NewServer(p)
	t.Cleanup(s.Close)
	return s.URL
}
