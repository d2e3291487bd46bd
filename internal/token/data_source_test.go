package token_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

const tokensData = "data.prefactor_api_tokens.test" //nolint:gosec // An address, not a credential.

func tokensConfig(arguments string) string {
	return fmt.Sprintf("data \"prefactor_api_tokens\" \"test\" {\n%s\n}\n", arguments)
}

// ids lists the ids that the data source is to show, oldest first.
func ids(tokens ...emulator.Token) knownvalue.Check {
	checks := make([]knownvalue.Check, len(tokens))
	for i, k := range tokens {
		checks[i] = knownvalue.ObjectPartial(map[string]knownvalue.Check{"id": knownvalue.StringExact(k.ID)})
	}
	return knownvalue.ListExact(checks)
}

func TestTokensData(t *testing.T) {
	t.Parallel()
	for _, v := range emulator.Variants(true) {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, v.Variant)
			account, _ := w.AddToken(emulator.TokenSpec{Scope: "account", AccountID: w.Account.ID, CreatedBy: w.User.ID})
			deployment, _ := w.AddToken(emulator.TokenSpec{Scope: "agent_deployment", AccountID: w.Account.ID, AgentID: w.Agent.ID, EnvironmentID: w.Production.ID})
			staging, _ := w.AddToken(emulator.TokenSpec{Scope: "agent_deployment", AccountID: w.Account.ID, AgentID: w.OtherAgent.ID, EnvironmentID: w.Staging.ID})
			legacy, _ := w.AddToken(emulator.TokenSpec{Scope: "environment", AccountID: w.Account.ID, EnvironmentID: w.Production.ID})
			must(t, w.Suspend(account.ID))
			must(t, w.Revoke(staging.ID))
			list := func(want ...emulator.Token) statecheck.StateCheck {
				return statecheck.ExpectKnownValue(tokensData, tfjsonpath.New("tokens"), ids(want...))
			}
			steps := []resource.TestStep{
				{Config: tokensConfig(""), ConfigStateChecks: []statecheck.StateCheck{
					list(w.Admin, account, deployment, staging, legacy),
					statecheck.ExpectKnownValue(tokensData, tfjsonpath.New("tokens").AtSliceIndex(2), knownvalue.ObjectPartial(map[string]knownvalue.Check{
						"scope":               knownvalue.StringExact("agent_deployment"),
						"status":              knownvalue.StringExact("active"),
						"account_id":          knownvalue.StringExact(w.Account.ID),
						"agent_id":            knownvalue.StringExact(w.Agent.ID),
						"environment_id":      knownvalue.StringExact(w.Production.ID),
						"agent_deployment_id": knownvalue.NotNull(),
						"expires_at":          knownvalue.NotNull(),
						"created_at":          knownvalue.NotNull(),
						"last_used_at":        knownvalue.Null(),
					})),
					statecheck.ExpectKnownValue(tokensData, tfjsonpath.New("tokens").AtSliceIndex(0).AtMapKey("last_used_at"), knownvalue.NotNull()),
				}},
				{Config: tokensConfig(`scope = "agent_deployment"`), ConfigStateChecks: []statecheck.StateCheck{list(deployment, staging)}},
				{Config: tokensConfig(`scope = "environment"`), ConfigStateChecks: []statecheck.StateCheck{list(legacy)}},
				{Config: tokensConfig(`status = "suspended"`), ConfigStateChecks: []statecheck.StateCheck{list(account)}},
				{Config: tokensConfig(fmt.Sprintf("agent_id = %q\n status = \"revoked\"", w.OtherAgent.ID)), ConfigStateChecks: []statecheck.StateCheck{list(staging)}},
				{Config: tokensConfig(fmt.Sprintf("environment_id = %q", w.Production.ID)), ConfigStateChecks: []statecheck.StateCheck{list(deployment, legacy)}},
			}
			if v.Name != "plausible" && v.Name != "everything odd" {
				// The filters work on what the first step shows.
				steps = steps[:1]
			}
			w.TestOneOf(t, v.Name == "plausible", resource.TestCase{CheckDestroy: resource.ComposeTestCheckFunc(), Steps: steps})
		})
	}
}

func TestTokensData_manyPages(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	want := []emulator.Token{w.Admin}
	for range 250 {
		w.Clock.Advance(time.Millisecond)
		k, _ := w.AddToken(emulator.TokenSpec{Scope: "account", AccountID: w.Account.ID})
		want = append(want, k)
	}
	w.TestInProcessWith(t, resource.TestCase{
		CheckDestroy: resource.ComposeTestCheckFunc(),
		Steps: []resource.TestStep{
			{Config: tokensConfig(""), ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(tokensData, tfjsonpath.New("tokens"), ids(want...))}},
		},
	})
}

func TestTokensData_badFilters(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	for arguments, says := range map[string]string{
		`scope = "agent"`:      `agent_deployment`,
		`status = "expired"`:   `revoked`,
		`agent_id = "bot"`:     `32\s+characters`,
		`environment_id = "x"`: `32\s+characters`,
		`account_id = ""`:      `32\s+characters`,

		`unused_for = "90 days"`:        `duration`,
		`unused_for = "-1h"`:            `longer\s+than\s+zero`,
		`expires_within = "0s"`:         `longer\s+than\s+zero`,
		`created_before = "yesterday"`:  `RFC\s?3339`,
		`created_before = "2027-01-01"`: `RFC\s?3339`,
	} {
		t.Run(arguments, func(t *testing.T) {
			t.Parallel()
			w.TestOneOf(t, arguments == `scope = "agent"`, resource.TestCase{
				CheckDestroy: resource.ComposeTestCheckFunc(),
				Steps:        []resource.TestStep{{Config: tokensConfig(arguments), PlanOnly: true, ExpectError: regexp.MustCompile(says)}},
			})
		})
	}
}

func TestTokenData(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	legacy, secret := w.AddToken(emulator.TokenSpec{Scope: "environment", AccountID: w.Account.ID, EnvironmentID: w.Production.ID})
	config := func(id string) string {
		return fmt.Sprintf("data \"prefactor_api_token\" \"test\" {\n id = %q\n}\n", id)
	}
	const address = "data.prefactor_api_token.test"
	w.TestInProcessWith(t, resource.TestCase{
		CheckDestroy: resource.ComposeTestCheckFunc(),
		Steps: []resource.TestStep{
			{Config: config(w.Agent.ID), ExpectError: regexp.MustCompile(`There\s+is\s+no\s+token`)},
			{Config: config("x"), PlanOnly: true, ExpectError: regexp.MustCompile(`32\s+characters`)},
			{
				Config: config(legacy.ID),
				ConfigStateChecks: []statecheck.StateCheck{
					value(address, "scope", knownvalue.StringExact("environment")),
					value(address, "environment_id", knownvalue.StringExact(w.Production.ID)),
					value(address, "agent_id", knownvalue.Null()),
					value(address, "last_used_at", knownvalue.Null()),
					value(address, "expired", knownvalue.Bool(false)),
				},
			},
			{
				PreConfig:         func() { ping(t, w, secret) },
				Config:            config(legacy.ID),
				ConfigStateChecks: []statecheck.StateCheck{value(address, "last_used_at", knownvalue.NotNull())},
			},
		},
	})
}

// The questions of an audit: what ends soon, what is not used, what is old.
func TestTokensData_audit(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	add := func(left time.Duration) (emulator.Token, string) {
		k, secret := w.AddToken(emulator.TokenSpec{Scope: "agent_deployment", AccountID: w.Account.ID, AgentID: w.Agent.ID, EnvironmentID: w.Production.ID, ExpiresAt: w.Clock.Now().Add(left)})
		return k, secret
	}
	const day = 24 * time.Hour
	forgotten, _ := add(400 * day)
	abandoned, once := add(400 * day)
	ping(t, w, once)
	busy, often := add(400 * day)
	gone, _ := add(99 * day)
	soon, _ := add(107 * day)
	w.Clock.Advance(100 * day)
	created := w.Clock.Now()
	fresh, _ := add(20 * day)
	ping(t, w, often)
	step := func(filters string, want ...emulator.Token) resource.TestStep {
		return resource.TestStep{
			Config:            tokensConfig("scope = \"agent_deployment\"\n" + filters),
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(tokensData, tfjsonpath.New("tokens"), ids(want...))},
		}
	}
	w.TestInProcessWith(t, resource.TestCase{
		CheckDestroy: resource.ComposeTestCheckFunc(),
		Steps: []resource.TestStep{
			step(`unused_for = "2160h"`, forgotten, abandoned, gone, soon),
			step("unused_for = \"2160h\"\n never_used = true", forgotten, gone, soon),
			step("never_used = true", forgotten, gone, soon, fresh),
			step("never_used = false", abandoned, busy),
			step(`expires_within = "168h"`, soon),
			step(`expired = true`, gone),
			step("expired = false\n never_used = true", forgotten, soon, fresh),
			step(`expires_within = "167h59m"`),
			step(`expires_within = "480h"`, soon, fresh),
			step(fmt.Sprintf("created_before = %q", created.Format(time.RFC3339)), forgotten, abandoned, busy, gone, soon),
			step(fmt.Sprintf("created_before = %q", created.Add(time.Second).Format(time.RFC3339)), forgotten, abandoned, busy, gone, soon, fresh),
		},
	})
}

func TestTokensData_names(t *testing.T) {
	t.Parallel()
	for _, v := range emulator.Variants(testing.Short()) {
		if v.Name != "plausible" && v.Name != "everything odd" {
			continue
		}
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, v.Variant)
			for range 3 {
				w.AddToken(emulator.TokenSpec{Scope: "agent_deployment", AccountID: w.Account.ID, AgentID: w.Agent.ID, EnvironmentID: w.Production.ID})
			}
			w.AddToken(emulator.TokenSpec{Scope: "environment", AccountID: w.Account.ID, EnvironmentID: w.Staging.ID})
			gone := w.OtherAgent.ID[:31] + "0"
			if gone == w.OtherAgent.ID {
				gone = w.OtherAgent.ID[:31] + "1"
			}
			w.AddToken(emulator.TokenSpec{Scope: "agent_deployment", AccountID: w.Account.ID, AgentID: gone, EnvironmentID: w.Staging.ID})
			if v.Variant.AgentID != "" {
				gone = "unknown agent"
			}
			named := func(agent, environment, label knownvalue.Check) knownvalue.Check {
				return knownvalue.ObjectPartial(map[string]knownvalue.Check{"agent_name": agent, "environment_name": environment, "scope_label": label})
			}
			text, null := knownvalue.StringExact, knownvalue.Null()
			deployment := named(text(w.Agent.Name), text(w.Production.Name), text(fmt.Sprintf("Agent deployment (%s · %s)", w.Agent.Name, w.Production.Name)))
			w.TestInProcessWith(t, resource.TestCase{
				CheckDestroy: resource.ComposeTestCheckFunc(),
				Steps: []resource.TestStep{{
					Config: tokensConfig("resolve_names = true"),
					ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(tokensData, tfjsonpath.New("tokens"), knownvalue.ListExact([]knownvalue.Check{
						named(null, null, text("Account")), deployment, deployment, deployment,
						named(null, text(w.Staging.Name), text(fmt.Sprintf("Environment (%s)", w.Staging.Name))),
						named(null, text(w.Staging.Name), text(fmt.Sprintf("Agent deployment (%s · %s)", gone, w.Staging.Name))),
					}))},
				}, {
					// No name is asked for where none is wanted.
					PreConfig: func() {
						if a, e, k := lists(w, "agent"), lists(w, "environment"), lists(w, "api_token"); a == 0 || a > k || e != a {
							t.Errorf("%d lists of agents and %d of environments for %d of tokens", a, e, k)
						}
						w.ResetRequests()
					},
					Config:            tokensConfig(""),
					ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(tokensData, tfjsonpath.New("tokens").AtSliceIndex(1), named(null, null, null))},
				}},
			})
			if lists(w, "agent")+lists(w, "environment") > 0 {
				t.Error("names were asked for")
			}
		})
	}
}

// lists counts the requests for a list.
func lists(w *acctest.World, of string) int {
	n := 0
	for _, r := range w.Requests() {
		if strings.HasSuffix(r.Path, "/"+of) {
			n++
		}
	}
	return n
}

// All that look something up in one run share the lists.
func TestTokens_sharedNames(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	w.AddToken(emulator.TokenSpec{Scope: "agent_deployment", AccountID: w.Account.ID, AgentID: w.Agent.ID, EnvironmentID: w.Production.ID})
	c := w.NewCLI(t, fmt.Sprintf(`
data "prefactor_api_tokens" "all" {
  resolve_names = true
}
data "prefactor_api_tokens" "active" {
  resolve_names = true
  status        = "active"
}
data "prefactor_agent" "one" {
  name = %q
}
data "prefactor_environment" "one" {
  name = %q
}
output "names" {
  value = [data.prefactor_api_tokens.all.tokens[1].agent_name, data.prefactor_api_tokens.active.tokens[1].environment_name]
}
`, w.Agent.Name, w.Production.Name))
	w.ResetRequests()
	if out := c.MustRun(t, "plan"); !strings.Contains(out, `"`+w.Agent.Name+`"`) || !strings.Contains(out, `"`+w.Production.Name+`"`) {
		t.Errorf("no names in\n%s", out)
	}
	if a, e := lists(w, "agent"), lists(w, "environment"); a != 1 || e != 1 {
		t.Errorf("%d lists of agents, %d of environments", a, e)
	}
}
