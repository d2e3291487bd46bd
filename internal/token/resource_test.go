package token_test

import (
	"errors"
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

const (
	apiToken        = "prefactor_api_token.test"
	deploymentToken = "prefactor_deployment_token.test"
)

func apiTokenConfig(arguments string) string {
	return fmt.Sprintf("resource \"prefactor_api_token\" \"test\" {\n%s\n}\n", arguments)
}

func deploymentTokenConfig(w *acctest.World, arguments string) string {
	return fmt.Sprintf("resource \"prefactor_deployment_token\" \"test\" {\n  agent_id = %q\n  environment_id = %q\n%s\n}\n", w.Agent.ID, w.Production.ID, arguments)
}

// does is a plan check for what happens to the resource at an address.
func does(address string, action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

func value(address, attribute string, check knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), check)
}

func TestAPIToken(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	sameToken := statecheck.CompareValue(compare.ValuesSame())
	sameID := statecheck.CompareValue(compare.ValuesSame())
	follow := func(more ...statecheck.StateCheck) []statecheck.StateCheck {
		return append(more,
			sameToken.AddStateValue(apiToken, tfjsonpath.New("token")),
			sameID.AddStateValue(apiToken, tfjsonpath.New("id")),
		)
	}
	w.Test(t,
		resource.TestStep{
			Config:           apiTokenConfig(""),
			ConfigPlanChecks: does(apiToken, plancheck.ResourceActionCreate),
			ConfigStateChecks: follow(
				value(apiToken, "status", knownvalue.StringExact("active")),
				value(apiToken, "account_id", knownvalue.StringExact(w.Account.ID)),
				value(apiToken, "expires_at", knownvalue.NotNull()),
				value(apiToken, "lifetime", knownvalue.Null()),
				value(apiToken, "created_at", knownvalue.StringExact(w.Clock.Now().Format(time.RFC3339))),
			),
			Check: w.CheckAuthenticates(apiToken, true),
		},
		resource.TestStep{
			Config:            apiTokenConfig(`status = "suspended"`),
			ConfigPlanChecks:  does(apiToken, plancheck.ResourceActionUpdate),
			ConfigStateChecks: follow(value(apiToken, "status", knownvalue.StringExact("suspended"))),
			Check:             resource.ComposeTestCheckFunc(w.CheckStatus(apiToken, "suspended"), w.CheckAuthenticates(apiToken, false)),
		},
		resource.TestStep{
			Config:            apiTokenConfig(`status = "active"`),
			ConfigPlanChecks:  does(apiToken, plancheck.ResourceActionUpdate),
			ConfigStateChecks: follow(),
			Check:             w.CheckAuthenticates(apiToken, true),
		},
		resource.TestStep{
			RefreshState: true,
			Check:        w.CheckAuthenticates(apiToken, true),
		},
		resource.TestStep{
			ResourceName:            apiToken,
			ImportState:             true,
			ImportStateVerify:       true,
			ImportStateVerifyIgnore: []string{"token"},
		},
	)
}

func TestDeploymentToken(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	other := fmt.Sprintf("resource \"prefactor_deployment_token\" \"test\" {\n agent_id = %q\n environment_id = %q\n}\n", w.OtherAgent.ID, w.Production.ID)
	otherEnvironment := fmt.Sprintf("resource \"prefactor_deployment_token\" \"test\" {\n agent_id = %q\n environment_id = %q\n}\n", w.OtherAgent.ID, w.Staging.ID)
	w.Test(t,
		resource.TestStep{
			Config:           deploymentTokenConfig(w, ""),
			ConfigPlanChecks: does(deploymentToken, plancheck.ResourceActionCreate),
			ConfigStateChecks: []statecheck.StateCheck{
				value(deploymentToken, "agent_id", knownvalue.StringExact(w.Agent.ID)),
				value(deploymentToken, "environment_id", knownvalue.StringExact(w.Production.ID)),
				value(deploymentToken, "agent_deployment_id", knownvalue.NotNull()),
				value(deploymentToken, "account_id", knownvalue.StringExact(w.Account.ID)),
			},
			Check: w.CheckAuthenticates(deploymentToken, true),
		},
		resource.TestStep{
			ResourceName:            deploymentToken,
			ImportState:             true,
			ImportStateVerify:       true,
			ImportStateVerifyIgnore: []string{"token"},
		},
		resource.TestStep{
			Config:           other,
			ConfigPlanChecks: does(deploymentToken, plancheck.ResourceActionReplace),
			Check:            resource.ComposeTestCheckFunc(w.CheckAuthenticates(deploymentToken, true), w.CheckCount(1)),
		},
		resource.TestStep{
			Config:           otherEnvironment,
			ConfigPlanChecks: does(deploymentToken, plancheck.ResourceActionReplace),
			Check:            w.CheckCount(1),
		},
	)
}

func TestToken_createdSuspended(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	w.TestInProcess(t,
		resource.TestStep{
			Config: deploymentTokenConfig(w, `status = "suspended"`),
			Check:  resource.ComposeTestCheckFunc(w.CheckStatus(deploymentToken, "suspended"), w.CheckAuthenticates(deploymentToken, false)),
		},
		resource.TestStep{
			Config:           deploymentTokenConfig(w, `status = "active"`),
			ConfigPlanChecks: does(deploymentToken, plancheck.ResourceActionUpdate),
			Check:            w.CheckAuthenticates(deploymentToken, true),
		},
	)
}

// The suspend behind a create fails: the token must be in the state, and the
// next apply must end with exactly one suspended token.
func TestToken_suspendBehindCreateFails(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	w.TestInProcess(t,
		resource.TestStep{
			PreConfig: func() {
				w.Inject(emulator.Fault{Path: "/api_token/:id/suspend", Kind: emulator.FaultStatus, Status: 500})
			},
			Config:      apiTokenConfig(`status = "suspended"`),
			ExpectError: regexp.MustCompile(`(?s)created\s+but\s+not\s+suspended.*is\s+in\s+the\s+state`),
		},
		resource.TestStep{
			PreConfig: w.ClearFaults,
			Config:    apiTokenConfig(`status = "suspended"`),
			Check:     resource.ComposeTestCheckFunc(w.CheckStatus(apiToken, "suspended"), w.CheckCount(1)),
		},
	)
}

func TestToken_suspendedElsewhere(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	var id string
	w.Test(t,
		resource.TestStep{Config: apiTokenConfig(`status = "active"`), Check: acctest.IDOf(apiToken, &id)},
		resource.TestStep{
			PreConfig:          func() { must(t, w.Suspend(id)) },
			RefreshState:       true,
			ExpectNonEmptyPlan: true,
			RefreshPlanChecks: resource.RefreshPlanChecks{PostRefresh: []plancheck.PlanCheck{
				plancheck.ExpectNonEmptyPlan(), plancheck.ExpectResourceAction(apiToken, plancheck.ResourceActionUpdate),
			}},
		},
		resource.TestStep{
			Config:           apiTokenConfig(`status = "active"`),
			ConfigPlanChecks: does(apiToken, plancheck.ResourceActionUpdate),
			Check:            resource.ComposeTestCheckFunc(w.CheckStatus(apiToken, "active"), resource.TestCheckResourceAttrPtr(apiToken, "id", &id), w.CheckAuthenticates(apiToken, true)),
		},
	)
}

// Whoever was faster has already done what was planned: nothing is sent.
func TestToken_alreadyAsWanted(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	var id string
	w.TestInProcess(t,
		resource.TestStep{Config: apiTokenConfig(""), Check: acctest.IDOf(apiToken, &id)},
		resource.TestStep{
			Config: apiTokenConfig(`status = "suspended"`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(apiToken, plancheck.ResourceActionUpdate),
				between(func() { must(t, w.Suspend(id)); w.ResetRequests() }),
			}},
			Check: func(*terraform.State) error {
				if n := w.Calls("POST", "/suspend"); n != 0 {
					return fmt.Errorf("suspended %d times what was suspended already", n)
				}
				return nil
			},
		},
	)
}

func TestToken_revokedElsewhere(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]func(*acctest.World) string{
		"active":    func(*acctest.World) string { return apiTokenConfig("") },
		"suspended": func(*acctest.World) string { return apiTokenConfig(`status = "suspended"`) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, emulator.Variant{})
			var id string
			w.TestOneOf(t, name == "active", resource.TestCase{Steps: []resource.TestStep{
				{Config: config(w), Check: acctest.IDOf(apiToken, &id)},
				{
					PreConfig:        func() { must(t, w.Revoke(id)) },
					Config:           config(w),
					ConfigPlanChecks: does(apiToken, plancheck.ResourceActionReplace),
					Check: resource.ComposeTestCheckFunc(w.CheckCount(1), w.CheckStatus(apiToken, name), func(*terraform.State) error {
						if _, found := w.Token(id); found {
							return errors.New("the revoked token's row is still there")
						}
						return nil
					}),
				},
			}})
		})
	}
}

// Revoked between plan and apply: the apply says so, and the next one mends it.
func TestToken_revokedBetweenPlanAndApply(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	var id string
	w.TestInProcess(t,
		resource.TestStep{Config: apiTokenConfig(""), Check: acctest.IDOf(apiToken, &id)},
		resource.TestStep{
			Config:           apiTokenConfig(`status = "suspended"`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{between(func() { must(t, w.Revoke(id)) })}},
			ExpectError:      regexp.MustCompile(`the\s+token\s+is\s+revoked`),
		},
		resource.TestStep{
			Config:           apiTokenConfig(`status = "suspended"`),
			ConfigPlanChecks: does(apiToken, plancheck.ResourceActionReplace),
			Check:            resource.ComposeTestCheckFunc(w.CheckStatus(apiToken, "suspended"), w.CheckCount(1)),
		},
	)
}

func TestToken_goneElsewhere(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	var id string
	w.TestInProcess(t,
		resource.TestStep{Config: deploymentTokenConfig(w, ""), Check: acctest.IDOf(deploymentToken, &id)},
		resource.TestStep{
			PreConfig:        func() { must(t, w.DeleteToken(id)) },
			Config:           deploymentTokenConfig(w, ""),
			ConfigPlanChecks: does(deploymentToken, plancheck.ResourceActionCreate),
			Check:            resource.ComposeTestCheckFunc(w.CheckAuthenticates(deploymentToken, true), w.CheckCount(1)),
		},
	)
}

// Nothing but a confirmed 404 drops a token from the state.
func TestToken_readFailures(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault emulator.Fault
		says  string
	}{
		"401":          {emulator.Fault{Kind: emulator.FaultStatus, Status: 401, Code: "bad_authtoken"}, `does\s+not\s+accept\s+the\s+provider's\s+own\s+token`},
		"403":          {emulator.Fault{Kind: emulator.FaultStatus, Status: 403, Code: "not_permitted"}, `does\s+not\s+permit`},
		"500":          {emulator.Fault{Kind: emulator.FaultStatus, Status: 500}, `HTTP\s+500`},
		"html 502":     {emulator.Fault{Kind: emulator.FaultHTML, Status: 502}, `HTML\s+page`},
		"html 404":     {emulator.Fault{Kind: emulator.FaultHTML, Status: 404}, `HTML\s+page`},
		"broken json":  {emulator.Fault{Kind: emulator.FaultTruncatedJSON}, `broken\s+or\s+truncated\s+JSON`},
		"empty body":   {emulator.Fault{Kind: emulator.FaultEmptyBody}, `the\s+body\s+is\s+empty`},
		"no details":   {emulator.Fault{Kind: emulator.FaultNoDetails}, `has\s+no\s+details`},
		"wrong types":  {emulator.Fault{Kind: emulator.FaultWrongTypes}, `cannot\s+be\s+used`},
		"cut":          {emulator.Fault{Kind: emulator.FaultCutBefore}, `connection\s+was\s+closed`},
		"rate limited": {emulator.Fault{Kind: emulator.FaultStatus, Status: 429}, `rate\s+limit`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, emulator.Variant{})
			i := w.NewCore(nil).Resource(t, "prefactor_api_token")
			apply(t, i, map[string]any{})
			id := i.Text("id")
			fault := c.fault
			fault.Path = "/api_token/:id"
			fault.Method = "GET"
			w.Inject(fault)
			_, err := i.Run(t.Context(), map[string]any{})
			if err == nil {
				t.Error("the apply succeeded")
			}
			want(t, err, c.says)
			w.ClearFaults()
			settled(t, i, map[string]any{})
			if i.Text("id") != id || !w.Authenticates(i.Text("token")) || len(w.Others()) != 1 {
				t.Errorf("the state has token %s, not %s; there are %+v", i.Text("id"), id, w.Others())
			}
			apply(t, i, nil)
			must(t, w.NothingLeft(nil))
		})
	}
}

// Credentials of another account see none of the tokens. That is not "gone":
// it would forget living tokens and make them again elsewhere.
func TestToken_credentialsOfAnotherAccount(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	elsewhere := w.AddAccount("Other")
	_, stranger := w.AddToken(emulator.TokenSpec{Scope: "account", AccountID: elsewhere.ID})
	strangers := fmt.Sprintf("provider \"prefactor\" {\n api_url = %q\n api_token = %q\n}\n", w.URL, stranger)
	w.TestWith(t, resource.TestCase{
		CheckDestroy: func(*terraform.State) error { return nil },
		Steps: []resource.TestStep{
			{Config: apiTokenConfig("")},
			{Config: strangers + apiTokenConfig(""), PreConfig: func() { w.Clock.Advance(acctest.Later) }, ExpectError: regexp.MustCompile(`credentials\s+cannot\s+see`)},
			{Config: strangers + apiTokenConfig(""), Destroy: true, ExpectError: regexp.MustCompile(`credentials\s+cannot\s+see`)},
			{Config: apiTokenConfig(""), ConfigPlanChecks: does(apiToken, plancheck.ResourceActionNoop)},
		},
	})
}
