package token_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

// withStatus sets the status in a configuration.
func withStatus(status string) func(config, rotation map[string]any) {
	return func(c, _ map[string]any) { c["status"] = status }
}

// warned wants one of the last run's warnings to have a summary.
func warned(t *testing.T, i *acctest.Instance, summary string) {
	t.Helper()
	for _, w := range i.Warnings {
		if strings.Contains(w.Summary, summary) {
			return
		}
	}
	t.Errorf("no warning %q in: %s", summary, said(i))
}

// The response to a leak at night is not undone by the next scheduled apply.
func TestStatus_suspendedOutside(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	i := w.NewCore(nil).Resource(t, "prefactor_api_token")
	apply(t, i, rotated("0"))
	first := i.Text("id")
	must(t, w.Suspend(first))

	// Neither now, nor when a rotation is due, nor when the token has expired.
	for _, wait := range []time.Duration{0, 77 * 24 * time.Hour, 20 * 24 * time.Hour} {
		w.Clock.Advance(wait)
		apply(t, i, rotated("0"))
		warned(t, i, "API token "+first+" was suspended outside Terraform")
		if wait > 0 {
			warned(t, i, "Renewal of suspended API token "+first+" is postponed")
		}
		settled(t, i, rotated("0"))
		must(t, statusOf(w, first, "suspended"))
		if i.Text("id") != first || len(w.Others()) != 1 {
			t.Fatalf("the token was renewed: %+v", w.Others())
		}
	}

	// A trigger rotates, and the plan says that the new token is active.
	apply(t, i, rotated("1"))
	warned(t, i, "Suspended API token "+first+" will be replaced by an active one")
	if i.Text("status") != "active" || !w.Authenticates(i.Text("token")) {
		t.Errorf("the new token is %s", i.Text("status"))
	}
	must(t, statusOf(w, first, "suspended"))
	settled(t, i, rotated("1"))
}

// Without a rotation block an expired token is replaced, but not by an active
// one where it was suspended outside.
func TestStatus_suspendedAndExpired(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	i := w.NewCore(nil).Resource(t, "prefactor_api_token")
	config := map[string]any{"lifetime": "24h"}
	apply(t, i, config)
	first := i.Text("id")
	must(t, w.Suspend(first))
	w.Clock.Advance(25 * time.Hour)
	apply(t, i, config)
	warned(t, i, "Renewal of suspended API token "+first+" is postponed")
	must(t, statusOf(w, first, "suspended"))

	// A change of the configuration replaces it, and the plan says by what.
	apply(t, i, map[string]any{"lifetime": "48h"})
	warned(t, i, "Suspended API token "+first+" will be replaced by an active one")
	if !w.Authenticates(i.Text("token")) {
		t.Error("the new token does not authenticate")
	}
}

// A configured status is enforced, and an activation is announced.
func TestStatus_configured(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	i := w.NewCore(nil).Resource(t, "prefactor_api_token")
	on, off, open := map[string]any{"status": "active"}, map[string]any{"status": "suspended"}, map[string]any{}
	apply(t, i, open)
	id := i.Text("id")
	must(t, statusOf(w, id, "active"))
	apply(t, i, off)
	must(t, statusOf(w, id, "suspended"))
	// No longer configured: it stays as it is.
	if p, err := i.Plan(t.Context(), open); err != nil || p.Action != acctest.NoOp {
		t.Errorf("the plan without status: %+v, %v", p, err)
	}
	p, err := i.Plan(t.Context(), on)
	must(t, err)
	warned(t, i, "API token "+id+" will be activated")
	must(t, i.Apply(t.Context(), p))
	must(t, statusOf(w, id, "active"))
	settled(t, i, on)
	must(t, w.Suspend(id))
	apply(t, i, on)
	must(t, statusOf(w, id, "active"))
}

// status = "suspended" also suspends a predecessor in its overlap, and what was
// suspended so stays suspended until keep_previous asks for it.
func TestStatus_previous(t *testing.T) {
	t.Parallel()
	keep := func(_, r map[string]any) { r["keep_previous"] = true }
	for name, more := range map[string][]func(c, r map[string]any){"overlap": nil, "kept": {keep}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, emulator.Variant{})
			i := w.NewCore(nil).Resource(t, "prefactor_api_token")
			with := func(more ...func(c, r map[string]any)) map[string]any { return rotated("1", more...) }
			apply(t, i, rotated("0"))
			first := i.Text("id")
			apply(t, i, with(more...))
			second := i.Text("id")
			must(t, statusOf(w, first, "active"))
			off := with(append(more, withStatus("suspended"))...)
			apply(t, i, off)
			must(t, statusOf(w, first, "suspended"))
			must(t, statusOf(w, second, "suspended"))
			settled(t, i, off)
			on := with(append(more, withStatus("active"))...)
			apply(t, i, on)
			must(t, statusOf(w, second, "active"))
			must(t, statusOf(w, first, map[string]string{"overlap": "suspended", "kept": "active"}[name]))
			settled(t, i, on)
			apply(t, i, with(keep, withStatus("active")))
			must(t, statusOf(w, first, "active"))
		})
	}
}

// A rotation while status is "suspended" suspends both tokens.
func TestStatus_rotatedWhileOff(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	i := w.NewCore(nil).Resource(t, "prefactor_api_token")
	apply(t, i, rotated("0"))
	off := rotated("1", withStatus("suspended"))
	apply(t, i, off)
	for _, k := range w.Others() {
		if k.Status != "suspended" {
			t.Errorf("token %s is %s", k.ID, k.Status)
		}
	}
	settled(t, i, off)
}

// An imported token keeps its status.
func TestStatus_imported(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	existing, _ := w.AddToken(emulator.TokenSpec{Scope: "account", AccountID: w.Account.ID, ExpiresAt: w.Clock.Now().Add(2160 * time.Hour)})
	must(t, w.Suspend(existing.ID))
	i := w.NewCore(nil).Resource(t, "prefactor_api_token")
	must(t, i.Import(t.Context(), existing.ID))
	settled(t, i, map[string]any{})
	must(t, statusOf(w, existing.ID, "suspended"))
}

// With ignore_changes a revocation outside is no status that a new token gets.
func TestStatus_ignoreChanges(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	var config strings.Builder
	var checks []resource.TestCheckFunc
	var ids, revoked [6]string
	for n, body := range []string{
		"rotation = { before_expiry = \"24h\" }\nlifetime = \"2160h\"\nlifecycle { ignore_changes = [status] }",
		"status = \"active\"\nrotation = { before_expiry = \"24h\" }\nlifetime = \"2160h\"\nlifecycle { ignore_changes = [status] }",
		"lifecycle { ignore_changes = [status] }",
		"status = \"active\"\nlifecycle { ignore_changes = [status] }",
		"rotation = { before_expiry = \"24h\" }\nlifetime = \"2160h\"\nlifecycle { ignore_changes = all }",
		"lifecycle { ignore_changes = all }",
	} {
		name := fmt.Sprintf("ignores_%d", n)
		fmt.Fprintf(&config, "resource \"prefactor_api_token\" %q {\n%s\n}\n", name, body)
		checks = append(checks, acctest.IDOf("prefactor_api_token."+name, &ids[n]), w.CheckAuthenticates("prefactor_api_token."+name, true))
	}
	w.Test(t,
		resource.TestStep{Config: config.String(), Check: resource.ComposeTestCheckFunc(checks...)},
		resource.TestStep{
			PreConfig: func() {
				revoked = ids
				for _, id := range revoked {
					must(t, w.Revoke(id))
				}
			},
			Config: config.String(),
			Check: resource.ComposeTestCheckFunc(append(checks, w.CheckCount(len(ids)), func(*terraform.State) error {
				for _, id := range revoked {
					if _, there := w.Token(id); there {
						return fmt.Errorf("the revoked token %s is still there", id)
					}
				}
				return nil
			})...),
		},
		resource.TestStep{Config: config.String(), PlanOnly: true},
	)
}

// A suspension outside stays with ignore_changes too, and a rotation that is due
// then leaves both tokens suspended.
func TestStatus_ignoredAndSuspended(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	body := apiTokenConfig("rotation = { before_expiry = \"336h\" }\nlifetime = \"2160h\"\nlifecycle { ignore_changes = [status] }")
	var first string
	w.Test(t,
		resource.TestStep{Config: body, Check: acctest.IDOf(apiToken, &first)},
		resource.TestStep{
			PreConfig:        func() { must(t, w.Suspend(first)); w.Clock.Advance(80 * 24 * time.Hour) },
			Config:           body,
			ConfigPlanChecks: does(apiToken, plancheck.ResourceActionUpdate),
			Check:            w.CheckAuthenticates(apiToken, false),
		},
		resource.TestStep{Config: body, PlanOnly: true},
	)
}

// A change of the environment while a rotation is due is a replacement and
// nothing else.
func TestReplacement_whileDue(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	i := w.NewCore(nil).Resource(t, "prefactor_deployment_token")
	config := func(environment string) map[string]any {
		return rotated("0", func(c, _ map[string]any) { c["agent_id"], c["environment_id"] = w.Agent.ID, environment })
	}
	apply(t, i, config(w.Staging.ID))
	w.Clock.Advance(80 * 24 * time.Hour)
	p, err := i.Plan(t.Context(), config(w.Production.ID))
	must(t, err)
	if p.Action != acctest.Replace || len(i.Warnings) != 0 {
		t.Errorf("the plan is %s: %s", p.Action, said(i))
	}
	must(t, i.Apply(t.Context(), p))
	if n := len(w.Others()); n != 1 {
		t.Errorf("%d tokens are left", n)
	}
}

// A token that is suspended between a plan and its apply is not replaced by an
// active one, which the plan did not say.
func TestStatus_suspendedAfterPlan(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	i := w.NewCore(nil).Resource(t, "prefactor_api_token")
	apply(t, i, rotated("0"))
	first := i.Text("id")
	p, err := i.Plan(t.Context(), rotated("1"))
	must(t, err)
	must(t, w.Suspend(first))
	want(t, i.Apply(t.Context(), p), "was suspended after the plan")
	if i.Text("id") != first || len(w.Others()) != 1 {
		t.Fatalf("the token was rotated: %+v", w.Others())
	}
	apply(t, i, rotated("1"))
	warned(t, i, "Suspended API token "+first+" will be replaced by an active one")
	settled(t, i, rotated("1"))
}
