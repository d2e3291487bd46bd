package token_test

import (
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

func expiresAt(at time.Time) string { return fmt.Sprintf("expires_at = %q", at.Format(time.RFC3339)) }

func TestToken_expiresAt(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	at := w.Clock.Now().Add(1000 * time.Hour)
	elsewhere := at.In(time.FixedZone("", 5*3600+1800))
	w.TestInProcess(t,
		resource.TestStep{
			Config:            apiTokenConfig(expiresAt(at)),
			ConfigStateChecks: []statecheck.StateCheck{value(apiToken, "expires_at", knownvalue.StringExact(at.Format(time.RFC3339)))},
		},
		resource.TestStep{
			Config:           apiTokenConfig(expiresAt(elsewhere)),
			ConfigPlanChecks: does(apiToken, plancheck.ResourceActionNoop),
		},
		resource.TestStep{
			Config:           apiTokenConfig(fmt.Sprintf("expires_at = %q", at.Format("2006-01-02T15:04:05.000000")+"+00:00")),
			ConfigPlanChecks: does(apiToken, plancheck.ResourceActionNoop),
		},
		resource.TestStep{
			Config:           apiTokenConfig(expiresAt(at.Add(time.Hour))),
			ConfigPlanChecks: does(apiToken, plancheck.ResourceActionReplace),
			Check:            w.CheckCount(1),
		},
		resource.TestStep{
			// Without the argument the platform picks the expiry.
			Config:           apiTokenConfig(""),
			ConfigPlanChecks: does(apiToken, plancheck.ResourceActionReplace),
			Check:            w.CheckCount(1),
		},
	)
}

// The offset of the configuration is in the state from the first apply on.
func TestToken_expiresAtWithOffset(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	at := w.Clock.Now().Add(1000 * time.Hour).In(time.FixedZone("", -7*3600))
	w.TestInProcess(t, resource.TestStep{
		Config:            apiTokenConfig(expiresAt(at)),
		ConfigStateChecks: []statecheck.StateCheck{value(apiToken, "expires_at", knownvalue.StringExact(at.Format(time.RFC3339)))},
	})
}

func TestToken_lifetime(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	w.TestInProcess(t,
		resource.TestStep{
			Config: apiTokenConfig(`lifetime = "2160h"`),
			ConfigStateChecks: []statecheck.StateCheck{
				value(apiToken, "expires_at", secondOf(w.Clock.Now().Add(2160*time.Hour))),
			},
		},
		resource.TestStep{
			PreConfig:        func() { w.Clock.Advance(100 * time.Hour) },
			Config:           apiTokenConfig(`lifetime = "2159h60m"`),
			ConfigPlanChecks: does(apiToken, plancheck.ResourceActionNoop),
		},
		resource.TestStep{
			Config:           apiTokenConfig("lifetime = \"2159h60m\"\n status = \"suspended\""),
			ConfigPlanChecks: does(apiToken, plancheck.ResourceActionUpdate),
		},
		resource.TestStep{
			Config:           apiTokenConfig(`lifetime = "100h"`),
			ConfigPlanChecks: does(apiToken, plancheck.ResourceActionReplace),
			Check:            w.CheckCount(1),
		},
		resource.TestStep{
			Config:           apiTokenConfig(""),
			ConfigPlanChecks: does(apiToken, plancheck.ResourceActionReplace),
		},
	)
}

// To write down the expiry that a lifetime has led to changes nothing.
func TestToken_lifetimePinned(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	at := w.Clock.Now().Add(2160 * time.Hour)
	w.TestInProcess(t,
		resource.TestStep{Config: apiTokenConfig(`lifetime = "2160h"`)},
		resource.TestStep{
			Config:           apiTokenConfig(expiresAt(at)),
			ConfigPlanChecks: does(apiToken, plancheck.ResourceActionUpdate),
			Check:            w.CheckAuthenticates(apiToken, true),
		},
		resource.TestStep{
			Config:           apiTokenConfig(`lifetime = "2160h"`),
			ConfigPlanChecks: does(apiToken, plancheck.ResourceActionUpdate),
		},
	)
}

func TestToken_expiryInThePast(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	soon := w.Clock.Now().Add(time.Hour)
	w.TestInProcess(t,
		resource.TestStep{
			Config:      apiTokenConfig(expiresAt(w.Clock.Now().Add(-time.Hour))),
			PlanOnly:    true,
			ExpectError: regexp.MustCompile(`expiry\s+in\s+the\s+past`),
		},
		resource.TestStep{Config: apiTokenConfig(expiresAt(soon))},
		resource.TestStep{
			// It has expired meanwhile; that is no reason to complain.
			PreConfig:        func() { w.Clock.Advance(48 * time.Hour) },
			Config:           apiTokenConfig(expiresAt(soon)),
			ConfigPlanChecks: does(apiToken, plancheck.ResourceActionNoop),
			Check:            w.CheckAuthenticates(apiToken, false),
		},
		resource.TestStep{
			Config:      apiTokenConfig(expiresAt(soon.Add(time.Hour))),
			PlanOnly:    true,
			ExpectError: regexp.MustCompile(`expiry\s+in\s+the\s+past`),
		},
	)
}

func TestToken_badArguments(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	other := w.AddAccount("Other")
	foreign := w.AddEnvironment(other.ID, "production")
	deployment := func(agent, environment string) string {
		return fmt.Sprintf("resource \"prefactor_deployment_token\" \"test\" {\n agent_id = %q\n environment_id = %q\n}\n", agent, environment)
	}
	for name, c := range map[string]struct{ config, says string }{
		"both expiries":      {apiTokenConfig("lifetime = \"1h\"\n expires_at = \"2099-01-01T00:00:00Z\""), `lifetime`},
		"no timestamp":       {apiTokenConfig(`expires_at = "next week"`), `RFC\s*3339`},
		"no duration":        {apiTokenConfig(`lifetime = "90days"`), `(?i)duration`},
		"negative duration":  {apiTokenConfig(`lifetime = "-1h"`), `longer\s+than\s+zero`},
		"no lifetime":        {apiTokenConfig(`lifetime = "0s"`), `longer\s+than\s+zero`},
		"revoked as a wish":  {apiTokenConfig(`status = "revoked"`), `active.*suspended`},
		"name for an id":     {apiTokenConfig(`account_id = "acme"`), `32\s+characters`},
		"upper-case id":      {deployment("01KDVDNA0000001A88CVX6PV3PZGQZN6", w.Production.ID), `upper-case`},
		"letter of no id":    {deployment("01kdvdna0000001a88cvx6pv3pzgqzl6", w.Production.ID), `not\s+allowed`},
		"different accounts": {deployment(w.Agent.ID, foreign.ID), `different\s+accounts`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w.TestOneOf(t, name == "both expiries", resource.TestCase{Steps: []resource.TestStep{{Config: c.config, PlanOnly: true, ExpectError: regexp.MustCompile(c.says)}}})
		})
	}
}

// What only the platform can know lands on the attribute that it is about.
func TestToken_refusedField(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	w.Test(t, resource.TestStep{
		Config:      fmt.Sprintf("resource \"prefactor_deployment_token\" \"test\" {\n agent_id = %q\n environment_id = %q\n}\n", w.Production.ID, w.Production.ID),
		ExpectError: regexp.MustCompile(`(?s)with prefactor_deployment_token\.test,.*agent_id`),
	})
}

// With ignore_changes an expires_at that is no longer configured stays: the
// apply decides as the plan did.
func TestExpiry_removedButIgnored(t *testing.T) {
	t.Parallel()
	for _, rotation := range []string{"", "rotation = { before_expiry = \"24h\" }\n"} {
		w := acctest.NewWorld(t, emulator.Variant{})
		var first string
		w.Test(t,
			resource.TestStep{Config: apiTokenConfig(rotation + "expires_at = \"2099-01-01T00:00:00Z\""), Check: acctest.IDOf(apiToken, &first)},
			resource.TestStep{
				Config: apiTokenConfig(rotation + "require_unused_for = \"0s\"\nlifecycle { ignore_changes = [expires_at] }"),
				Check: func(*terraform.State) error {
					if n := len(w.Others()); n != 1 {
						return fmt.Errorf("%d tokens", n)
					}
					return statusOf(w, first, "active")
				},
			},
		)
	}
}
