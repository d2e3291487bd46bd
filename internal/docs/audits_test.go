package docs

import (
	"fmt"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

// No check of the audits warns of an account where everything is in order, and
// each warns of what it is about.
func TestAudits(t *testing.T) {
	t.Parallel()
	config := read(t, "examples", "audits", "main.tf")
	var checks []string
	for _, found := range regexp.MustCompile(`(?m)^check "([a-z_]+)"`).FindAllStringSubmatch(config, -1) {
		checks = append(checks, found[1])
	}
	w := acctest.NewWorld(t, emulator.Variant{})
	ada := w.AddAdminUser(w.Account.ID, "Ada", "ada@example.com")
	w.AddToken(emulator.TokenSpec{Scope: "account", AccountID: w.Account.ID, CreatedBy: ada.ID, ExpiresAt: w.Clock.Now().Add(60 * 24 * time.Hour)})
	c := w.NewCLI(t, config)
	c.Env = append(c.Env, fmt.Sprintf(`TF_VAR_exceptions={"the provider's own" = %q}`, w.Admin.ID))
	if got := failedChecks(c.MustRun(t, "plan")); len(got) > 0 {
		t.Errorf("%v failed on an account in order", got)
	}

	// Tokens of the past, and not a clock of the future: of an API whose clock
	// differs, the first response alone does not correct the provider's.
	const past = 100 * 24 * time.Hour
	w.Clock.Advance(-past)
	w.AddToken(emulator.TokenSpec{Scope: "account", AccountID: w.Account.ID, CreatedBy: "01kdvdna0000001a88cvx6pv3pzgqzn6", ExpiresAt: w.Clock.Now().Add(110 * 24 * time.Hour)})
	w.AddToken(emulator.TokenSpec{Scope: "environment", AccountID: w.Account.ID, EnvironmentID: w.Production.ID, CreatedBy: ada.ID})
	suspended, _ := w.AddToken(emulator.TokenSpec{Scope: "account", AccountID: w.Account.ID, CreatedBy: ada.ID})
	if err := w.Suspend(suspended.ID); err != nil {
		t.Fatal(err)
	}
	w.Clock.Advance(past)
	want := slices.DeleteFunc(checks, func(name string) bool { return name == "every_token_expires" }) // The emulator has no such token.
	slices.Sort(want)
	if got := failedChecks(c.MustRun(t, "plan")); !slices.Equal(got, want) {
		t.Errorf("%v failed, want %v", got, want)
	}
}

var failedCheck = regexp.MustCompile(`in check "([a-z_]+)":`)

func failedChecks(out string) []string {
	var names []string
	for _, found := range failedCheck.FindAllStringSubmatch(out, -1) {
		names = append(names, found[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}
