package token_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

// A plan shows what a step makes of the previous token.
func TestPlan_previousKnown(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	config := func(n string, more ...string) string {
		return deploymentTokenConfig(w, fmt.Sprintf(`
  lifetime = "2160h"
  rotation = {
    overlap     = "24h"
    suspend_for = "72h"
    triggers    = { n = %q }
    %s
  }`, n, strings.Join(more, "\n")))
	}
	plans := func(checks ...plancheck.PlanCheck) resource.ConfigPlanChecks {
		return resource.ConfigPlanChecks{PreApply: append(checks, plancheck.ExpectResourceAction(deploymentToken, plancheck.ResourceActionUpdate))}
	}
	known := func(field string, check knownvalue.Check) plancheck.PlanCheck {
		return plancheck.ExpectKnownValue(deploymentToken, tfjsonpath.New("previous").AtMapKey(field), check)
	}
	wholeSecond := knownvalue.StringFunc(func(text string) error {
		if at, err := time.Parse(time.RFC3339, text); err != nil || strings.Contains(text, ".") || at.IsZero() {
			return fmt.Errorf("%q is not a moment in whole seconds", text)
		}
		return nil
	})
	w.Clock.Advance(500 * time.Millisecond)
	w.TestInProcess(t,
		resource.TestStep{Config: config("0")},
		resource.TestStep{
			Config: config("1"),
			ConfigPlanChecks: plans(plancheck.ExpectKnownValue(deploymentToken, tfjsonpath.New("agent_deployment_id"), knownvalue.NotNull()),
				plancheck.ExpectKnownValue(deploymentToken, tfjsonpath.New("status"), knownvalue.StringExact("active"))),
		},
		resource.TestStep{
			PreConfig: func() { w.Clock.Advance(25 * time.Hour) },
			Config:    config("1"),
			ConfigPlanChecks: plans(known("status", knownvalue.StringExact("suspended")), known("id", knownvalue.NotNull()),
				known("suspend_at", wholeSecond), known("remove_at", wholeSecond)),
		},
		resource.TestStep{
			Config:           config("1", "keep_previous = true"),
			ConfigPlanChecks: plans(known("status", knownvalue.StringExact("active")), known("suspend_at", knownvalue.Null()), known("remove_at", knownvalue.Null())),
		},
		resource.TestStep{
			Config:           config("1"),
			ConfigPlanChecks: plans(known("status", knownvalue.StringExact("active"))),
		},
		resource.TestStep{
			PreConfig:        func() { w.Clock.Advance(100 * time.Hour) },
			Config:           config("1"),
			ConfigPlanChecks: plans(plancheck.ExpectKnownValue(deploymentToken, tfjsonpath.New("previous"), knownvalue.Null())),
		},
	)
}

// What was planned for the previous token is not held against an apply before
// which someone revoked or deleted it.
func TestPlan_previousEndedMeanwhile(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(w *acctest.World, id string) error{
		"revoked": func(w *acctest.World, id string) error { return w.Revoke(id) },
		"deleted": func(w *acctest.World, id string) error { return w.DeleteToken(id) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, emulator.Variant{})
			i := w.NewCore(nil).Resource(t, "prefactor_api_token")
			apply(t, i, rotated("0"))
			first := i.Text("id")
			apply(t, i, rotated("1"))
			w.Clock.Advance(25 * time.Hour)
			p, err := i.Plan(t.Context(), rotated("1"))
			must(t, err)
			must(t, end(w, first))
			must(t, i.Apply(t.Context(), p))
			apply(t, i, rotated("1"))
			settled(t, i, rotated("1"))
			if i.Nested("previous", "id") != "" {
				t.Error("the previous token is still in the state")
			}
		})
	}
}

// Each token that a plan removes is named, also where Terraform merges warnings
// with equal summaries.
func TestPlan_removalNamesToken(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	i := w.NewCore(nil).Resource(t, "prefactor_api_token")
	apply(t, i, rotated("0"))
	first := i.Text("id")
	apply(t, i, rotated("1"))
	w.Clock.Advance(25 * time.Hour)
	apply(t, i, rotated("1"))
	warned(t, i, "Previous API token "+first+" will be suspended")
	w.Clock.Advance(73 * time.Hour)
	apply(t, i, rotated("1"))
	warned(t, i, "Previous API token "+first+" will be removed")
}

// A rotation of which only the suspension fails says which tokens work now.
func TestRotation_suspensionFails(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	i := w.NewCore(map[string]any{"max_retries": int64(0)}).Resource(t, "prefactor_api_token")
	config := func(n string) map[string]any { return rotated(n, func(_, r map[string]any) { r["overlap"] = "0s" }) }
	apply(t, i, config("0"))
	first := i.Text("id")
	w.Inject(emulator.Fault{Method: http.MethodPost, Path: "/api_token/:id/suspend", Kind: emulator.FaultStatus, Status: 503})
	_, err := i.Run(t.Context(), config("1"))
	if err == nil {
		t.Fatal("no error")
	}
	for _, says := range []string{"The new token " + i.Text("id") + " was created and is in the state.", "The previous token " + first + " still works. Apply again to continue."} {
		if !strings.Contains(err.Error(), says) {
			t.Errorf("the error does not say %q: %s", says, err)
		}
	}
	w.ClearFaults()
	apply(t, i, config("1"))
	must(t, statusOf(w, first, "suspended"))
	settled(t, i, config("1"))
}
