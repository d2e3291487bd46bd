package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

func TestRun(t *testing.T) {
	w := acctest.NewWorld(t, emulator.Variant{})
	t.Setenv("PREFACTOR_API_URL", w.URL)
	t.Setenv("PREFACTOR_API_TOKEN", w.AdminToken)
	t.Setenv("PREFACTOR_PROFILE", "")
	t.Setenv("PREFACTOR_ACCOUNT_ID", "")
	var out bytes.Buffer
	if err := run(t.Context(), &out, false, true); err == nil || len(w.Requests()) > 0 {
		t.Errorf("without being allowed: %v, and %d requests", err, len(w.Requests()))
	}
	if err := run(t.Context(), &out, true, true); err != nil {
		t.Fatal(err)
	}
	if want := "0 tokens of killed runs at " + w.URL; !strings.Contains(out.String(), want) {
		t.Errorf("%q does not say %q", out.String(), want)
	}
}
