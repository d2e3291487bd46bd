package token_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

// rotating is a token of 90 days that is renewed two weeks before it ends,
// with its dependant: an output that a consumer reads.
func rotating(more string) string {
	return apiTokenConfig(`
  lifetime = "2160h"
  rotation = {
    before_expiry = "336h"
    overlap       = "24h"
    suspend_for   = "72h"
    `+more+`
  }`) + `
resource "terraform_data" "consumer" {
  input = prefactor_api_token.test.version
}
output "token" {
  value     = prefactor_api_token.test.token
  sensitive = true
}
`
}

// previous is a state check for a field of the previous token.
func previous(address, field string, check knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New("previous").AtMapKey(field), check)
}

func TestRotation_wholeLife(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	var first, second string
	noPrevious := value(apiToken, "previous", knownvalue.Null())
	w.Test(t,
		resource.TestStep{
			Config:            rotating(""),
			ConfigStateChecks: []statecheck.StateCheck{value(apiToken, "version", createdNow(w, 0)), noPrevious},
			Check:             acctest.IDOf(apiToken, &first),
		},
		resource.TestStep{
			PreConfig:        func() { w.Clock.Advance(75 * 24 * time.Hour) },
			Config:           rotating(""),
			ConfigPlanChecks: does(apiToken, plancheck.ResourceActionNoop),
		},
		resource.TestStep{
			PreConfig: func() { w.Clock.Advance(2 * 24 * time.Hour) },
			Config:    rotating(""),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(apiToken, plancheck.ResourceActionUpdate),
				plancheck.ExpectResourceAction("terraform_data.consumer", plancheck.ResourceActionUpdate),
				plancheck.ExpectUnknownValue(apiToken, tfjsonpath.New("token")),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				value(apiToken, "version", createdNow(w, 0)),
				previous(apiToken, "status", knownvalue.StringExact("active")),
				previous(apiToken, "id", knownvalue.StringFunc(func(s string) error {
					if s != first {
						return fmt.Errorf("the previous token is %s, not %s", s, first)
					}
					return nil
				})),
			},
			Check: resource.ComposeTestCheckFunc(
				w.CheckAuthenticates(apiToken, true), w.CheckCount(2), acctest.IDOf(apiToken, &second),
				func(*terraform.State) error { return statusOf(w, first, "active") },
			),
		},
		resource.TestStep{
			PreConfig:         func() { w.Clock.Advance(25 * time.Hour) },
			Config:            rotating(""),
			ConfigPlanChecks:  does(apiToken, plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{previous(apiToken, "status", knownvalue.StringExact("suspended"))},
			Check: resource.ComposeTestCheckFunc(
				w.CheckAuthenticates(apiToken, true), resource.TestCheckResourceAttrPtr(apiToken, "id", &second),
				func(*terraform.State) error { return statusOf(w, first, "suspended") },
			),
		},
		resource.TestStep{
			// The way back.
			Config:            rotating("keep_previous = true"),
			ConfigStateChecks: []statecheck.StateCheck{previous(apiToken, "status", knownvalue.StringExact("active")), previous(apiToken, "remove_at", knownvalue.Null())},
			Check:             func(*terraform.State) error { return statusOf(w, first, "active") },
		},
		resource.TestStep{
			PreConfig:        func() { w.Clock.Advance(5 * 24 * time.Hour) },
			Config:           rotating("keep_previous = true"),
			ConfigPlanChecks: does(apiToken, plancheck.ResourceActionNoop),
		},
		resource.TestStep{
			// Taken back: its time begins anew.
			Config: rotating(""),
			Check:  func(*terraform.State) error { return statusOf(w, first, "active") },
		},
		resource.TestStep{
			PreConfig: func() { w.Clock.Advance(25 * time.Hour) },
			Config:    rotating(""),
			Check:     func(*terraform.State) error { return statusOf(w, first, "suspended") },
		},
		resource.TestStep{
			PreConfig:         func() { w.Clock.Advance(73 * time.Hour) },
			Config:            rotating(""),
			ConfigPlanChecks:  does(apiToken, plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{noPrevious},
			Check:             resource.ComposeTestCheckFunc(w.CheckCount(1), w.CheckAuthenticates(apiToken, true)),
		},
	)
}

func TestRotation_triggers(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	config := func(reason string) string {
		return deploymentTokenConfig(w, fmt.Sprintf("rotation = {\n triggers = { reason = %q }\n overlap = \"0s\"\n suspend_for = \"1h\"\n}", reason))
	}
	w.TestInProcess(t,
		resource.TestStep{Config: deploymentTokenConfig(w, "")},
		resource.TestStep{
			// To adopt a rotation block renews nothing.
			Config: config("adopted"),
			Check:  w.CheckCount(1),
		},
		resource.TestStep{
			Config: config("leaked"),
			ConfigStateChecks: []statecheck.StateCheck{
				value(deploymentToken, "version", createdNow(w, 1)),
				previous(deploymentToken, "status", knownvalue.StringExact("suspended")),
			},
			Check: resource.ComposeTestCheckFunc(w.CheckAuthenticates(deploymentToken, true), w.CheckCount(2)),
		},
		resource.TestStep{
			// Once more, while the previous one still lives: the older one goes first.
			Config:            config("leaked again"),
			ConfigStateChecks: []statecheck.StateCheck{value(deploymentToken, "version", createdNow(w, 2))},
			Check:             resource.ComposeTestCheckFunc(w.CheckAuthenticates(deploymentToken, true), w.CheckCount(2)),
		},
		resource.TestStep{
			// Without the block what was begun is still brought to its end.
			PreConfig:         func() { w.Clock.Advance(2 * time.Hour) },
			Config:            deploymentTokenConfig(w, ""),
			ConfigStateChecks: []statecheck.StateCheck{value(deploymentToken, "previous", knownvalue.Null())},
			Check:             resource.ComposeTestCheckFunc(w.CheckCount(1), w.CheckAuthenticates(deploymentToken, true)),
		},
	)
}

// What would replace a token rotates it where there is a rotation block.
func TestRotation_insteadOfReplacement(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ before, after string }{
		"lifetime":           {`lifetime = "100h"`, `lifetime = "200h"`},
		"expires_at":         {`expires_at = "2098-01-01T00:00:00Z"`, `expires_at = "2099-01-01T00:00:00Z"`},
		"expires_at removed": {`expires_at = "2098-01-01T00:00:00Z"`, ``},
		"expiry to lifetime": {`expires_at = "2098-01-01T00:00:00Z"`, `lifetime = "200h"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, emulator.Variant{})
			w.TestOneOf(t, name == "lifetime", resource.TestCase{Steps: []resource.TestStep{
				{Config: apiTokenConfig(c.before + "\nrotation = {}")},
				{
					Config:            apiTokenConfig(c.after + "\nrotation = {}"),
					ConfigPlanChecks:  does(apiToken, plancheck.ResourceActionUpdate),
					ConfigStateChecks: []statecheck.StateCheck{value(apiToken, "version", createdNow(w, 1))},
					Check:             resource.ComposeTestCheckFunc(w.CheckAuthenticates(apiToken, true), w.CheckCount(2)),
				},
			}})
		})
	}
}

func TestRotation_revokedElsewhere(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	var first string
	w.Test(t,
		resource.TestStep{Config: rotating(""), Check: acctest.IDOf(apiToken, &first)},
		resource.TestStep{
			PreConfig:         func() { must(t, w.Revoke(first)) },
			Config:            rotating(""),
			ConfigPlanChecks:  does(apiToken, plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{value(apiToken, "previous", knownvalue.Null()), value(apiToken, "version", createdNow(w, 1))},
			Check:             resource.ComposeTestCheckFunc(w.CheckAuthenticates(apiToken, true), w.CheckCount(1)),
		},
	)
}

// What happens to the previous token elsewhere needs no repair.
func TestRotation_previousElsewhere(t *testing.T) {
	t.Parallel()
	for name, act := range map[string]func(w *acctest.World, id string) error{
		"gone":      func(w *acctest.World, id string) error { return w.DeleteToken(id) },
		"revoked":   func(w *acctest.World, id string) error { return w.Revoke(id) },
		"suspended": func(w *acctest.World, id string) error { return w.Suspend(id) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, emulator.Variant{})
			i := w.NewCore(nil).Resource(t, "prefactor_api_token")
			apply(t, i, rotatingConfig("1"))
			first := i.Text("id")
			apply(t, i, rotatingConfig("2"))
			must(t, w.CheckCount(2)(nil))
			settled(t, i, rotatingConfig("2"))
			must(t, act(w, first))
			w.Clock.Advance(25 * time.Hour)
			apply(t, i, rotatingConfig("2"))
			if !w.Authenticates(i.Text("token")) {
				t.Error("the token's value does not authenticate")
			}
			settled(t, i, rotatingConfig("2"))
			w.Clock.Advance(73 * time.Hour)
			apply(t, i, rotatingConfig("2"))
			if previous := i.State["previous"]; !previous.IsNull() {
				t.Errorf("previous is %s", previous)
			}
			must(t, w.CheckCount(1)(nil))
			settled(t, i, rotatingConfig("2"))
			apply(t, i, nil)
			must(t, w.NothingLeft(nil))
		})
	}
}

func TestRotation_expired(t *testing.T) {
	t.Parallel()
	t.Run("with rotation", func(t *testing.T) {
		t.Parallel()
		w := acctest.NewWorld(t, emulator.Variant{})
		w.Test(t,
			resource.TestStep{Config: rotating("")},
			resource.TestStep{
				PreConfig:        func() { w.Clock.Advance(100 * 24 * time.Hour) },
				Config:           rotating(""),
				ConfigPlanChecks: does(apiToken, plancheck.ResourceActionUpdate),
				Check:            w.CheckAuthenticates(apiToken, true),
			},
		)
	})
	t.Run("with lifetime", func(t *testing.T) {
		t.Parallel()
		w := acctest.NewWorld(t, emulator.Variant{})
		w.Test(t,
			resource.TestStep{Config: apiTokenConfig(`lifetime = "24h"`)},
			resource.TestStep{
				PreConfig:        func() { w.Clock.Advance(25 * time.Hour) },
				Config:           apiTokenConfig(`lifetime = "24h"`),
				ConfigPlanChecks: does(apiToken, plancheck.ResourceActionReplace),
				Check:            resource.ComposeTestCheckFunc(w.CheckAuthenticates(apiToken, true), w.CheckCount(1)),
			},
		)
	})
}

func TestRotation_badDurations(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	for name, c := range map[string]struct{ config, says string }{
		"due at once":      {`lifetime = "100h"` + "\nrotation = { before_expiry = \"100h\" }", `due\s+for\s+renewal\s+immediately`},
		"overlap too long": {"rotation = {\n before_expiry = \"10h\"\n overlap = \"11h\"\n}", `expires\s+before\s+the\s+overlap`},
		"overlap > life":   {"lifetime = \"10h\"\nrotation = { overlap = \"11h\" }", `expires\s+before\s+the\s+overlap\s+ends`},
		"negative overlap": {"rotation = { overlap = \"-1h\" }", `zero\s+or\s+longer`},
		"negative suspend": {"rotation = { suspend_for = \"-1h\" }", `zero\s+or\s+longer`},
		"no before_expiry": {"rotation = { before_expiry = \"0s\" }", `longer\s+than\s+zero`},
		"no duration":      {"rotation = { overlap = \"a day\" }", `(?i)duration`},
		"bad policy":       {`deletion_policy = "keep"`, `abandon`},
		"negative unused":  {`require_unused_for = "-1h"`, `zero\s+or\s+longer`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w.TestOneOf(t, name == "due at once", resource.TestCase{Steps: []resource.TestStep{{Config: apiTokenConfig(c.config), PlanOnly: true, ExpectError: regexp.MustCompile(c.says)}}})
		})
	}
}

func TestRotation_afterImport(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	existing, _ := w.AddToken(emulator.TokenSpec{Scope: "account", AccountID: w.Account.ID, ExpiresAt: w.Clock.Now().Add(2160 * time.Hour)})
	w.Test(t,
		resource.TestStep{
			Config: importBlock(apiToken, existing.ID) + rotating(`triggers = { reason = "" }`),
			Check:  resource.ComposeTestCheckFunc(resource.TestCheckResourceAttr(apiToken, "id", existing.ID), w.CheckCount(1)),
		},
		resource.TestStep{
			Config:           rotating(`triggers = { reason = "first value" }`),
			ConfigPlanChecks: does(apiToken, plancheck.ResourceActionUpdate),
			Check:            resource.ComposeTestCheckFunc(w.CheckAuthenticates(apiToken, true), w.CheckCount(2)),
		},
	)
}

func TestDeletionPolicy(t *testing.T) {
	t.Parallel()
	for policy, want := range map[string]string{"delete": "", "revoke": "revoked", "suspend": "suspended", "abandon": "active"} {
		t.Run(policy, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, emulator.Variant{})
			config := func(n string) string {
				return apiTokenConfig(fmt.Sprintf("deletion_policy = %q\nrotation = { triggers = { n = %q } }", policy, n))
			}
			w.TestOneOf(t, policy == "revoke", resource.TestCase{
				Steps: []resource.TestStep{{Config: config("1")}, {Config: config("2"), Check: w.CheckCount(2)}},
				CheckDestroy: func(*terraform.State) error {
					left := w.Others()
					if want == "" && len(left) == 0 {
						return nil
					}
					if len(left) != 2 || left[0].Status != want || left[1].Status != want {
						return fmt.Errorf("%s left %+v", policy, left)
					}
					return nil
				},
			})
		})
	}
}

func TestRequireUnusedFor(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	config := apiTokenConfig(`require_unused_for = "168h"`)
	use := func() {
		for _, secret := range w.Secrets() {
			if w.Authenticates(secret) && secret != w.AdminToken {
				ping(t, w, secret)
			}
		}
	}
	w.Test(t,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig:   use,
			Config:      config,
			Destroy:     true,
			ExpectError: regexp.MustCompile(`(?s)was\s+last\s+used\s+at.*require_unused_for\s+=\s+"0s"`),
		},
		resource.TestStep{
			// Used between plan and apply.
			PreConfig:        func() { w.Clock.Advance(200 * time.Hour) },
			Config:           config,
			Destroy:          true,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{between(use)}},
			ExpectError:      regexp.MustCompile(`was\s+last\s+used\s+at`),
		},
		resource.TestStep{
			PreConfig: func() { w.Clock.Advance(200 * time.Hour) },
			Config:    config,
			Check:     w.CheckCount(1),
		},
	)
}

// A plan in words: the warnings that the person reads.
func TestRotation_words(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	core := w.NewCore(nil)
	token := core.Resource(t, "prefactor_api_token")
	config := map[string]any{"lifetime": "2160h", "rotation": map[string]any{"before_expiry": "336h"}}
	run := func(want acctest.Action, phrases ...string) {
		t.Helper()
		action, err := token.Run(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		if action != want {
			t.Errorf("the action is %s, not %s", action, want)
		}
		for _, phrase := range phrases {
			if !token.Warned(phrase) {
				t.Errorf("no warning says %q: %s", phrase, said(token))
			}
		}
		if action, err := token.Run(t.Context(), config); err != nil || action != acctest.NoOp {
			t.Errorf("the second plan is %s, %v", action, err)
		}
	}
	run(acctest.Create)
	w.Clock.Advance(77 * 24 * time.Hour)
	run(acctest.Update, "will be rotated", "336h is left", "stays active for 24h")
	w.Clock.Advance(24 * time.Hour)
	run(acctest.Update, "will be suspended", "keep_previous = true activates it again")
	config["rotation"].(map[string]any)["keep_previous"] = true
	run(acctest.Update, "will be activated")
	config["rotation"].(map[string]any)["keep_previous"] = false
	run(acctest.Update, "will no longer be kept")
	w.Clock.Advance(24 * time.Hour)
	run(acctest.Update, "will be suspended")
	w.Clock.Advance(72 * time.Hour)
	run(acctest.Update, "will be revoked and deleted", "cannot be undone")
}

func said(i *acctest.Instance) string {
	var all []string
	for _, w := range i.Warnings {
		all = append(all, w.Summary+": "+w.Detail)
	}
	return strings.Join(all, "\n")
}

// A refresh that finds nothing new leaves the state file as it is, or drift
// detection would report a difference each time.
func TestRotation_quietRefresh(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	token := w.NewCore(nil).Resource(t, "prefactor_api_token")
	config := rotatingConfig("1")
	config["require_unused_for"] = "1h"
	for _, n := range []string{"1", "2"} {
		config["rotation"] = rotatingConfig(n)["rotation"]
		if _, err := token.Run(t.Context(), config); err != nil {
			t.Fatal(err)
		}
	}
	before, private := fmt.Sprint(token.State), token.Private()
	for range 3 {
		w.Clock.Advance(time.Hour)
		ping(t, w, token.Text("token"))
		if err := token.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(token.State) != before || token.Private() != private {
			t.Errorf("the refresh changed the state: %s, then %s", private, token.Private())
		}
	}
}

// Without a refresh the plan knows what the last refresh knew.
func TestRotation_withoutRefresh(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	token := w.NewCore(nil).Resource(t, "prefactor_api_token")
	config := rotatingConfig("1")
	if _, err := token.Run(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	w.Clock.Advance(77 * 24 * time.Hour)
	if p, err := token.PlanWithoutRefresh(t.Context(), config); err != nil || p.Action != acctest.NoOp {
		t.Errorf("without a refresh the plan is %+v, %v", p, err)
	}
	if err := token.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	p, err := token.PlanWithoutRefresh(t.Context(), config)
	if err != nil || p.Action != acctest.Update {
		t.Fatalf("after a refresh the plan is %+v, %v", p, err)
	}
	w.Clock.Advance(10 * 24 * time.Hour)
	if err := token.Apply(t.Context(), p); err != nil || token.Nested("previous", "status") != "active" {
		t.Errorf("the plan was applied with %v", err)
	}
}

// A before_expiry that is new counts from the first refresh that has it: the
// apply that brings it changes nothing else, and the next one rotates.
func TestRotation_retimed(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	i := w.NewCore(nil).Resource(t, "prefactor_api_token")
	config := map[string]any{"lifetime": "2160h"}
	apply(t, i, config)
	id := i.Text("id")
	w.Clock.Advance(1000 * time.Hour)
	for _, before := range []string{"100h", "1500h"} {
		config["rotation"] = map[string]any{"before_expiry": before}
		p, err := i.PlanWithoutRefresh(t.Context(), config)
		must(t, err)
		if p.Action != acctest.Update || len(i.Warnings) > 0 {
			t.Errorf("%s: the plan is %s, with %v", before, p.Action, i.Warnings)
		}
		// However late.
		w.Clock.Advance(100 * time.Hour)
		must(t, i.Apply(t.Context(), p))
		if i.Text("id") != id {
			t.Fatalf("%s: the token was rotated", before)
		}
	}
	apply(t, i, config)
	if i.Text("id") == id {
		t.Error("the token was not rotated")
	}
	settled(t, i, config)
}
