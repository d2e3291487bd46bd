package directory_test

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/provider"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

func TestEnvironment(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	same := statecheck.CompareValue(compare.ValuesSame())
	follow := func(checks ...statecheck.StateCheck) []statecheck.StateCheck {
		return append(checks, same.AddStateValue(environmentAt, pathOf("id")))
	}
	var id string
	s.test(t,
		resource.TestStep{
			Config:           environmentConfig(`name = "qa"` + "\n purpose = \"testing\"\n description = \"For QA\""),
			ConfigPlanChecks: does(environmentAt, plancheck.ResourceActionCreate),
			ConfigStateChecks: follow(
				text(environmentAt, "name", "qa"), text(environmentAt, "purpose", "testing"), text(environmentAt, "description", "For QA"),
				text(environmentAt, "account_id", s.Account.ID),
			),
			Check: acctest.IDOf(environmentAt, &id),
		},
		resource.TestStep{
			// What is left out stays, or goes: a purpose stays.
			Config:            environmentConfig(`name = "quality"`),
			ConfigPlanChecks:  does(environmentAt, plancheck.ResourceActionUpdate),
			ConfigStateChecks: follow(text(environmentAt, "name", "quality"), text(environmentAt, "purpose", "testing"), value(environmentAt, "description", knownvalue.Null())),
		},
		resource.TestStep{
			Config:            environmentConfig(`name = "quality"` + "\n description = \"\""),
			ConfigPlanChecks:  does(environmentAt, plancheck.ResourceActionUpdate),
			ConfigStateChecks: follow(text(environmentAt, "purpose", "testing"), text(environmentAt, "description", "")),
		},
		resource.TestStep{
			// Written down, it is the account that it is in already.
			Config:            environmentConfig(fmt.Sprintf("name = \"quality\"\n description = \"\"\n account_id = %q", s.Account.ID)),
			ConfigPlanChecks:  does(environmentAt, plancheck.ResourceActionNoop),
			ConfigStateChecks: follow(),
		},
		resource.TestStep{
			// Someone gives it another name.
			PreConfig: func() {
				_, err := s.admin.UpdateEnvironment(t.Context(), id, prefactor.EnvironmentUpdate{Name: "renamed"})
				must(t, err)
			},
			Config:            environmentConfig(`name = "quality"`),
			ConfigPlanChecks:  does(environmentAt, plancheck.ResourceActionUpdate),
			ConfigStateChecks: follow(text(environmentAt, "name", "quality")),
		},
		resource.TestStep{
			// Someone deletes it.
			PreConfig:        func() { s.Clock.Advance(acctest.Later); must(t, s.admin.DeleteEnvironment(t.Context(), id)) },
			Config:           environmentConfig(`name = "quality"`),
			ConfigPlanChecks: does(environmentAt, plancheck.ResourceActionCreate),
		},
	)
}

func TestEnvironment_otherAccount(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	environment := s.NewCore(nil).Resource(t, "prefactor_environment")
	if _, err := environment.Run(t.Context(), map[string]any{"name": "qa"}); err != nil {
		t.Fatal(err)
	}
	// Another default of the provider does not touch what exists.
	environment.Use(s.NewCore(map[string]any{"account_id": s.Agent.ID}))
	for account, want := range map[any]acctest.Action{nil: acctest.NoOp, s.Account.ID: acctest.NoOp, s.Agent.ID: acctest.Replace} {
		if p, err := environment.Plan(t.Context(), map[string]any{"name": "qa", "account_id": account}); err != nil || p.Action != want {
			t.Errorf("%v: %+v, %v", account, p, err)
		}
	}
}

// The account of a new environment is the provider's, else the only one that
// the credentials can see.
func TestEnvironment_account(t *testing.T) {
	t.Parallel()
	t.Run("the provider's is planned", func(t *testing.T) {
		t.Parallel()
		s := newStage(t, emulator.Variant{})
		s.Inject(noAccounts())
		s.testInProcess(t, resource.TestStep{
			Config: s.ProviderBlock(fmt.Sprintf("account_id = %q", s.Account.ID)) + environmentConfig(`name = "qa"`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectKnownValue(environmentAt, pathOf("account_id"), knownvalue.StringExact(s.Account.ID)),
			}},
		})
	})
	t.Run("none is known", func(t *testing.T) {
		t.Parallel()
		s := newStage(t, emulator.Variant{})
		s.Inject(noAccounts())
		s.testInProcess(t, resource.TestStep{
			Config:      environmentConfig(`name = "qa"`),
			ExpectError: regexp.MustCompile(`(?s)account\s+could\s+not\s+be\s+determined.*Set\s+account_id`),
		})
	})
	t.Run("more than one", func(t *testing.T) {
		t.Parallel()
		s := newStage(t, emulator.Variant{})
		s.Inject(twoAccounts(s))
		s.testInProcess(t, resource.TestStep{
			Config:      environmentConfig(`name = "qa"`),
			ExpectError: regexp.MustCompile(`(?s)2\s+accounts:\s+"Acme"\s+\(` + s.Account.ID + `\),\s+"Zoo"`),
		})
	})
	t.Run("another's", func(t *testing.T) {
		t.Parallel()
		s := newStage(t, emulator.Variant{})
		s.testInProcess(t, resource.TestStep{
			Config:      environmentConfig(fmt.Sprintf("name = \"qa\"\n account_id = %q", s.Agent.ID)),
			ExpectError: regexp.MustCompile(`(?s)rejects\s+this\s+value:\s+account_id\s+does\s+not\s+exist`),
		})
	})
}

// A purpose that the platform does not know is an error of the plan.
func TestEnvironment_purpose(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	environment := s.NewCore(nil).Resource(t, "prefactor_environment")
	for _, purpose := range []string{"", "prod", "Production"} {
		_, err := environment.Plan(t.Context(), map[string]any{"name": "qa", "purpose": purpose})
		says(t, err, `purpose value must be one of`)
	}
	if len(s.Requests()) > 0 {
		t.Error("the platform was asked")
	}
}

// choosing is a platform that picks a purpose where none is given.
type choosing struct{ tfkit.API }

func (c choosing) CreateEnvironment(ctx context.Context, n prefactor.NewEnvironment) (prefactor.Created[prefactor.Environment], error) {
	n.Purpose = cmp.Or(n.Purpose, "development")
	return c.API.CreateEnvironment(ctx, n)
}

func (c choosing) UpdateEnvironment(ctx context.Context, id string, u prefactor.EnvironmentUpdate) (prefactor.Environment, error) {
	if u.Purpose == "" {
		u.Purpose = "development"
	}
	return c.API.UpdateEnvironment(ctx, id, u)
}

func TestEnvironment_purposeOfThePlatform(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	environment := s.NewCore(nil, provider.WithAPI(func(a tfkit.API) tfkit.API { return choosing{a} })).Resource(t, "prefactor_environment")
	for _, name := range []string{"qa", "quality"} {
		config := map[string]any{"name": name}
		if _, err := environment.Run(t.Context(), config); err != nil {
			t.Fatal(err)
		}
		if p, err := environment.Plan(t.Context(), config); err != nil || p.Action != acctest.NoOp || environment.Text("purpose") != "development" {
			t.Errorf("%+v, %v, purpose %q", p, err, environment.Text("purpose"))
		}
	}
}
