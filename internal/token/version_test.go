package token_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/provider"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// createdNow checks that a version is that of a token created at the present of
// the test's clock, of which others were created in the same second.
func createdNow(w *acctest.World, others int64) knownvalue.Check {
	return knownvalue.Int64Func(func(got int64) error {
		if want := w.Clock.Now().Unix() + others; got != want {
			return fmt.Errorf("the version is %d, not %d", got, want)
		}
		return nil
	})
}

// The version increases with each new token, however it came to be, and it is
// unknown in each plan that creates one.
func TestVersion(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	consumer := "\nresource \"terraform_data\" \"consumer\" {\n  input = prefactor_api_token.test.version\n}\n"
	config := func(arguments string) string { return apiTokenConfig(arguments) + consumer }
	step := func(arguments string, others int64, before func()) resource.TestStep {
		return resource.TestStep{
			PreConfig: before,
			Config:    config(arguments),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectUnknownValue(apiToken, tfjsonpath.New("version")),
				plancheck.ExpectUnknownValue("terraform_data.consumer", tfjsonpath.New("output")),
			}},
			ConfigStateChecks: []statecheck.StateCheck{value(apiToken, "version", createdNow(w, others))},
		}
	}
	rotation := func(reason string) string {
		return fmt.Sprintf("lifetime = \"200h\"\nrotation = {\n triggers = { reason = %q }\n}", reason)
	}
	suspended := step(rotation("two"), 2, func() {})
	suspended.Config = config(rotation("two") + "\nstatus = \"suspended\"")
	suspended.ConfigPlanChecks = resource.ConfigPlanChecks{}
	w.Test(t,
		step(`lifetime = "100h"`, 0, nil),
		step(`lifetime = "200h"`, 1, nil), // Replaced within the same second.
		resource.TestStep{
			Config:            config(rotation("one")),
			ConfigStateChecks: []statecheck.StateCheck{value(apiToken, "version", createdNow(w, 1))},
		},
		step(rotation("two"), 2, nil), // Rotated within the same second.
		suspended,                     // What creates no token leaves it.
		step(rotation("three"), 0, func() { w.Clock.Advance(time.Hour) }),
		step(rotation("three"), 0, func() {
			for _, k := range w.Others() {
				must(t, w.DeleteToken(k.ID))
			}
		}),
	)
}

// The replacement is created before the old token is destroyed.
func TestVersion_createBeforeDestroy(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	config := func(lifetime string) string {
		return apiTokenConfig(fmt.Sprintf("lifetime = %q\nlifecycle {\n create_before_destroy = true\n}", lifetime))
	}
	w.Test(t,
		resource.TestStep{Config: config("100h"), ConfigStateChecks: []statecheck.StateCheck{value(apiToken, "version", createdNow(w, 0))}},
		resource.TestStep{
			PreConfig:         func() { w.Clock.Advance(time.Second) },
			Config:            config("200h"),
			ConfigPlanChecks:  does(apiToken, plancheck.ResourceActionCreateBeforeDestroy),
			ConfigStateChecks: []statecheck.StateCheck{value(apiToken, "version", createdNow(w, 0))},
		},
	)
}

func TestVersion_imported(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	existing, _ := w.AddToken(emulator.TokenSpec{Scope: "account", AccountID: w.Account.ID})
	created := w.Clock.Now().Unix()
	w.Clock.Advance(time.Hour)
	token := w.NewCore(nil).Resource(t, "prefactor_api_token")
	must(t, token.Import(t.Context(), existing.ID))
	if got := token.State["version"].String(); !strings.Contains(got, fmt.Sprintf("\"%d\"", created)) {
		t.Errorf("the version is %s, not %d", got, created)
	}
}

// undated gives created tokens ids without a time, and no inserted_at.
type undated struct{ tfkit.API }

func (u undated) CreateToken(ctx context.Context, n prefactor.NewToken) (prefactor.CreatedToken, error) {
	created, err := u.API.CreateToken(ctx, n)
	created.ID, created.InsertedAt = "opaque", prefactor.Field[prefactor.Timestamp]{}
	return created, err
}

// A token whose creation time the API does not say was created now.
func TestVersion_unknownCreation(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	token := w.NewCore(nil, provider.WithAPI(func(a tfkit.API) tfkit.API { return undated{a} })).Resource(t, "prefactor_api_token")
	_, err := token.Run(t.Context(), map[string]any{})
	must(t, err)
	if got, now := token.State["version"].String(), w.Clock.Now().Unix(); !strings.Contains(got, fmt.Sprintf("\"%d\"", now)) {
		t.Errorf("the version is %s, not %d", got, now)
	}
}
