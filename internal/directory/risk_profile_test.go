package directory_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

const profileAt = "prefactor_risk_profile.test"

// ruleset is a ruleset in which all numbers are 1.5, but for those that are given.
func ruleset(thresholds string, others map[string]string) string {
	block := func(keys []string) string {
		var b strings.Builder
		for _, key := range keys {
			number, ok := others[key]
			if !ok {
				number = "1.5"
			}
			if number != "" {
				fmt.Fprintf(&b, "%s = %s\n", key, number)
			}
		}
		return b.String()
	}
	extra := others["extra"]
	return fmt.Sprintf("ruleset = {\n action_multipliers = {\n%s}\n category_weights = {\n%s%s}\n thresholds = {%s}\n}\n",
		block(prefactor.RiskActions()), block(prefactor.RiskCategories()), extra, thresholds)
}

const limits = "medium = 10, high = 20.1, critical = 30"

func profileConfig(arguments, ruleset string) string {
	return config("prefactor_risk_profile", arguments+"\n"+ruleset)
}

func weight(category string) tfjsonpath.Path {
	return tfjsonpath.New("ruleset").AtMapKey("category_weights").AtMapKey(category)
}

func TestRiskProfile(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	var id string
	scored := map[string]string{"minors_data": "10", "criminal_justice": "null", "contact_information": "0.1"}
	s.test(t,
		resource.TestStep{
			Config:           profileConfig("name = \"Strict\"\n description = \"For finance\"", ruleset(limits, nil)),
			ConfigPlanChecks: does(profileAt, plancheck.ResourceActionCreate),
			ConfigStateChecks: []statecheck.StateCheck{
				text(profileAt, "name", "Strict"), text(profileAt, "description", "For finance"),
				statecheck.ExpectKnownValue(profileAt, weight("minors_data"), knownvalue.Float64Exact(1.5)),
			},
			Check: acctest.IDOf(profileAt, &id),
		},
		resource.TestStep{
			// Null and 0 are not the same, and 0.1 stays 0.1.
			Config:           profileConfig("name = \"Stricter\"", ruleset(limits, scored)),
			ConfigPlanChecks: does(profileAt, plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{
				value(profileAt, "description", knownvalue.Null()),
				statecheck.ExpectKnownValue(profileAt, weight("minors_data"), knownvalue.Int64Exact(10)),
				statecheck.ExpectKnownValue(profileAt, weight("criminal_justice"), knownvalue.Null()),
			},
		},
		resource.TestStep{
			// Someone else changes one number; the whole ruleset is replaced.
			PreConfig: func() {
				found, err := s.admin.RiskProfile(t.Context(), id)
				must(t, err)
				found.Ruleset.Value.CategoryWeights["minors_data"] = nil
				_, err = s.admin.UpdateRiskProfile(t.Context(), id, prefactor.RiskProfileUpdate{Ruleset: found.Ruleset})
				must(t, err)
			},
			Config:           profileConfig("name = \"Stricter\"", ruleset(limits, scored)),
			ConfigPlanChecks: does(profileAt, plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(profileAt, weight("minors_data"), knownvalue.Int64Exact(10)),
			},
		},
		resource.TestStep{
			PreConfig:        func() { s.Clock.Advance(acctest.Later); must(t, s.admin.DeleteRiskProfile(t.Context(), id)) },
			Config:           profileConfig("name = \"Stricter\"", ruleset(limits, scored)),
			ConfigPlanChecks: does(profileAt, plancheck.ResourceActionCreate),
		},
	)
}

// A ruleset is sent only when it changes.
func TestRiskProfile_renamed(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	s.testInProcess(t,
		resource.TestStep{Config: profileConfig(`name = "Strict"`, ruleset(limits, nil))},
		resource.TestStep{
			PreConfig: s.ResetRequests,
			Config:    profileConfig(`name = "Stricter"`, ruleset(limits, nil)),
		},
	)
	var updates []string
	for _, r := range s.Requests() {
		if r.Method == http.MethodPut {
			updates = append(updates, string(r.Body))
		}
	}
	if len(updates) != 1 || strings.Contains(updates[0], "ruleset") {
		t.Errorf("sent %s", updates)
	}
}

func TestRiskProfile_rejectedAtPlan(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	for name, c := range map[string]struct{ ruleset, says string }{
		"missing category": {ruleset(limits, map[string]string{"minors_data": ""}), `Missing category.*minors_data`},
		"unknown category": {ruleset(limits, map[string]string{"minors_data": "", "extra": "minor_data = 1\n"}), `no category minor_data.*`},
		"missing action":   {ruleset(limits, map[string]string{"read_data": ""}), `Missing action.*read_data`},
		"weight too large": {ruleset(limits, map[string]string{"minors_data": "10.5"}), `minors_data is 10\.5.*from 0 to 10`},
		"negative":         {ruleset(limits, map[string]string{"read_data": "-1"}), `read_data is -1.*0 or more`},
		"equal":            {ruleset("medium = 10, high = 10, critical = 30", nil), `high is 10, which is not above medium \(10\)`},
		"descending":       {ruleset("medium = 10, high = 20, critical = 15", nil), `critical is 15, which is not above high \(20\)`},
		"zero":             {ruleset("medium = 0, high = 20, critical = 30", nil), `medium is 0, which is not above 0`},
		"no threshold":     {ruleset("medium = 1, high = 20", nil), `critical`},
		"no number":        {ruleset(limits, map[string]string{"minors_data": `"high"`}), `a number is required`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := s.keepsInProcess
			if name == "no number" || name == "missing action" {
				run = s.keeps
			}
			run(t, resource.TestStep{PlanOnly: true, Config: profileConfig(`name = "Strict"`, c.ruleset), ExpectError: regexp.MustCompile(folded(c.says))})
		})
	}
}

// A number that is known only after an apply is not in the way of the others.
func TestRiskProfile_unknownNumbers(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	number := "resource \"terraform_data\" \"number\" {\n input = 15\n}\n"
	s.test(t,
		resource.TestStep{
			Config:      number + profileConfig(`name = "Strict"`, ruleset("medium = 20, high = terraform_data.number.output, critical = 18", nil)),
			ExpectError: regexp.MustCompile(folded(`critical is 18, which is not above medium \(20\)`)),
		},
		resource.TestStep{
			Config: number + profileConfig(`name = "Strict"`, ruleset("medium = 10, high = terraform_data.number.output, critical = 30", map[string]string{"minors_data": "terraform_data.number.output / 3"})),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(profileAt, weight("minors_data"), knownvalue.Int64Exact(5)),
			},
		},
	)
}

// The API is not known to reject what the provider accepts; if it does, its
// words are shown.
func TestRiskProfile_rejected(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	s.Inject(emulator.Fault{
		Method: "POST", Path: "/risk_profile", Kind: emulator.FaultRaw, Status: 422, Header: map[string][]string{"Content-Type": {"application/json"}},
		Body: []byte(`{"status":"error","code":"validation_errors","message":"invalid","errors":{"ruleset":["is too strict"]}}`),
	})
	s.test(t, resource.TestStep{
		Config:      profileConfig(`name = "Strict"`, ruleset(limits, nil)),
		ExpectError: regexp.MustCompile(folded(`Cannot create the risk profile.*is too strict`)),
	})
}

// The deletion of a profile that agents use is not rejected, so plan and apply warn.
func TestRiskProfile_inUse(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	profile := s.NewCore(nil).Resource(t, "prefactor_risk_profile")
	_, err := profile.Run(t.Context(), profileArguments("Strict", 1))
	must(t, err)
	_, err = s.admin.UpdateAgent(t.Context(), s.Agent.ID, prefactor.AgentUpdate{RiskProfileID: prefactor.Some(profile.Text("id"))})
	must(t, err)
	p, err := profile.Plan(t.Context(), nil)
	must(t, err)
	if !profile.Warned(`"Strict" is used by one agent: "support-bot"`) {
		t.Errorf("the plan warns of %v", profile.Warnings)
	}
	must(t, profile.Apply(t.Context(), p))
	if !profile.Warned(`"Strict" was deleted while it was used by one agent: "support-bot"`) {
		t.Errorf("the apply warns of %v", profile.Warnings)
	}
}

func TestRiskProfile_data(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	strict := s.AddRiskProfile(s.Account.ID, "Strict")
	s.AddRiskProfile(s.Account.ID, "Lenient")
	s.keeps(t,
		resource.TestStep{
			Config: data("prefactor_risk_profiles", "") + `
data "prefactor_risk_profile" "by_name" {
  name = "Strict"
}

data "prefactor_risk_profile" "by_id" {
  id = "` + strict.ID + `"
}

data "prefactor_risk_profile_template" "standard" {
  template_name = "Standard"
}

resource "prefactor_risk_profile" "test" {
  name    = "Ours"
  ruleset = merge(data.prefactor_risk_profile_template.standard.ruleset, {
    category_weights = merge(data.prefactor_risk_profile_template.standard.ruleset.category_weights, { minors_data = 10 })
  })
}
`,
			ConfigStateChecks: []statecheck.StateCheck{
				text("data.prefactor_risk_profile.by_name", "id", strict.ID),
				text("data.prefactor_risk_profile.by_id", "name", "Strict"),
				statecheck.ExpectKnownValue("data.prefactor_risk_profile.by_id", weight("behavioural_and_inferred"), knownvalue.Int64Exact(2)),
				statecheck.ExpectKnownValue("data.prefactor_risk_profile_template.standard", weight("criminal_justice"), knownvalue.Null()),
				statecheck.ExpectKnownValue(profileAt, weight("minors_data"), knownvalue.Int64Exact(10)),
				value("data.prefactor_risk_profiles.test", "risk_profiles", rows("name", "Lenient", "Strict")),
			},
		},
		resource.TestStep{Config: data("prefactor_risk_profile", `name = "strict"`), ExpectError: regexp.MustCompile(folded(`no risk profile whose name is "strict"`))},
		resource.TestStep{Config: data("prefactor_risk_profile_template", `template_name = "Other"`), ExpectError: regexp.MustCompile(folded(`There is no template "Other"`))},
	)
}
