package token_test

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

// What is not known of the platform must make no difference: the same life of
// a token on each of the platforms that it may turn out to be, by protocol.
func TestToken_everyVariant(t *testing.T) {
	t.Parallel()
	for _, v := range emulator.Variants(testing.Short()) {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, v.Variant)
			token := w.NewCore(nil).Resource(t, "prefactor_deployment_token")
			config := map[string]any{"agent_id": w.Agent.ID, "environment_id": w.Production.ID, "lifetime": "2160h"}
			run := func(want acctest.Action, between func() error) {
				t.Helper()
				p, err := token.Plan(t.Context(), config)
				if err != nil || p.Action != want {
					t.Fatalf("the plan is %+v, not %s: %v", p, want, err)
				}
				if between != nil {
					must(t, between())
				}
				if err := token.Apply(t.Context(), p); err != nil {
					t.Fatal(err)
				}
				if p, err := token.Plan(t.Context(), config); err != nil || p.Action != acctest.NoOp {
					t.Fatalf("the second plan is %+v: %v", p, err)
				}
				if n := len(w.Others()); n != 1 {
					t.Errorf("there are %d tokens", n)
				}
				if want := config["status"] != "suspended"; w.Authenticates(token.Text("token")) != want {
					t.Errorf("whether the token authenticates is not %t", want)
				}
			}
			run(acctest.Create, nil)
			config["status"] = "suspended"
			run(acctest.Update, nil)
			config["status"] = "active"
			// Someone is faster than the apply.
			run(acctest.Update, func() error { return w.Activate(token.Text("id")) })
			must(t, w.Revoke(token.Text("id")))
			run(acctest.Replace, nil)
			must(t, w.DeleteToken(token.Text("id")))
			run(acctest.Create, nil)
			if !v.Variant.ExpiredIsFinal { // There the expired token stays at the platform.
				w.Clock.Advance(2161 * time.Hour)
				run(acctest.Replace, nil)
			}
			if err := w.Revoke(token.Text("id")); err != nil {
				t.Error(err)
			}
			if _, err := token.Run(t.Context(), nil); err != nil {
				t.Error(err)
			}
			must(t, w.NothingLeft(nil))
		})
	}
}

// The two ends of what is plausible, with a binary.
func TestToken_binaryOnVariants(t *testing.T) {
	t.Parallel()
	variants := emulator.Variants(testing.Short())
	for _, v := range []emulator.NamedVariant{variants[0], variants[len(variants)-1]} {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, v.Variant)
			var id string
			w.Test(t,
				resource.TestStep{
					Config: deploymentTokenConfig(w, `lifetime = "2160h"`),
					Check:  resource.ComposeTestCheckFunc(w.CheckAuthenticates(deploymentToken, true), acctest.IDOf(deploymentToken, &id)),
				},
				resource.TestStep{
					Config:           deploymentTokenConfig(w, "lifetime = \"2160h\"\nstatus = \"suspended\""),
					ConfigPlanChecks: does(deploymentToken, plancheck.ResourceActionUpdate),
					Check:            w.CheckStatus(deploymentToken, "suspended"),
				},
				resource.TestStep{
					// Someone is faster than the apply.
					Config: deploymentTokenConfig(w, `lifetime = "2160h"`),
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
						between(func() { must(t, w.Activate(id)) }),
					}},
					Check: w.CheckAuthenticates(deploymentToken, true),
				},
				resource.TestStep{
					PreConfig:        func() { must(t, w.Revoke(id)) },
					Config:           deploymentTokenConfig(w, `lifetime = "2160h"`),
					ConfigPlanChecks: does(deploymentToken, plancheck.ResourceActionReplace),
					Check:            resource.ComposeTestCheckFunc(w.CheckAuthenticates(deploymentToken, true), w.CheckCount(1), acctest.IDOf(deploymentToken, &id)),
				},
				resource.TestStep{
					PreConfig: func() { must(t, w.DeleteToken(id)) },
					Config:    deploymentTokenConfig(w, `lifetime = "2160h"`),
					Check:     resource.ComposeTestCheckFunc(w.CheckAuthenticates(deploymentToken, true), w.CheckCount(1)),
				},
			)
		})
	}
}
