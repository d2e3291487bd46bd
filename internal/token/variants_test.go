package token_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

// What is not known of the platform must make no difference: the same life of
// a token on each of the platforms that it may turn out to be.
func TestToken_everyVariant(t *testing.T) {
	t.Parallel()
	for _, v := range emulator.Variants() {
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
