package directory_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// listTypes are the list resources.
var listTypes = []string{"prefactor_environment", "prefactor_agent", "prefactor_agent_deployment"}

// scored is a risk profile that the first agent uses.
func scored(t *testing.T, s *stage) string {
	t.Helper()
	profile := s.AddRiskProfile(s.Account.ID, "strict").ID
	_, err := s.admin.UpdateAgent(t.Context(), s.Agent.ID, prefactor.AgentUpdate{RiskProfileID: prefactor.Some(profile)})
	must(t, err)
	return profile
}

func TestList(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	profile := scored(t, s)
	for name, c := range map[string]struct {
		typeName string
		config   map[string]any
		limit    int64
		want     []string
	}{
		"environments":              {"prefactor_environment", nil, 0, []string{`"production" (`, `"staging" (`}},
		"one environment":           {"prefactor_environment", map[string]any{"account_id": s.Account.ID}, 1, []string{`"production" (`}},
		"agents":                    {"prefactor_agent", nil, 0, []string{`"support-bot" (`, `"billing-bot" (`}},
		"agents with a profile":     {"prefactor_agent", map[string]any{"risk_profile_id": profile}, 0, []string{`"support-bot" (`}},
		"deployments":               {"prefactor_agent_deployment", nil, 0, []string{`"support-bot" in "production" (`, `"support-bot" in "staging" (`, `"billing-bot" in "production" (`, `"billing-bot" in "staging" (`}},
		"deployments of one agent":  {"prefactor_agent_deployment", map[string]any{"agent_id": s.Agent.ID}, 0, []string{`"support-bot" in "production" (`, `"support-bot" in "staging" (`}},
		"deployments of a stranger": {"prefactor_agent_deployment", map[string]any{"agent_id": s.AddAgent(s.AddAccount("Other").ID, "x").ID}, 0, nil},
	} {
		if c.config == nil {
			c.config = map[string]any{}
		}
		for _, resources := range []bool{false, true} {
			listed, err := s.NewCore(nil).Query(t.Context(), c.typeName, c.config, resources, c.limit)
			if (err != nil) != (c.want == nil) {
				t.Errorf("%s: %v", name, err)
			}
			var got []string
			for _, l := range listed {
				got = append(got, strings.TrimSuffix(l.DisplayName, l.ID+")"))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s: got %q, want %q", name, got, c.want)
			}
		}
	}
}

// What is listed is what an import gives.
func TestList_asImported(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	scored(t, s)
	for _, typeName := range listTypes {
		core := s.NewCore(nil)
		listed, err := core.Query(t.Context(), typeName, map[string]any{}, true, 0)
		if err != nil || len(listed) == 0 {
			t.Fatal(typeName, err)
		}
		for _, l := range listed {
			object := core.Resource(t, typeName)
			if err := object.Import(t.Context(), l.ID); err != nil {
				t.Fatal(err)
			}
			for name, value := range object.State {
				if !value.Equal(l.State[name]) {
					t.Errorf("%s: %s is listed as %s and imported as %s", l.DisplayName, name, l.State[name], value)
				}
			}
		}
	}
}

// From what a query writes, all is imported without a change.
func TestList_binary(t *testing.T) {
	t.Parallel()
	if binary := acctest.RequireTerraform(t); binary.OpenTofu || !binary.AtLeast("1.14.0") {
		acctest.NotRun(t, "list resources need Terraform 1.14")
	}
	s := newStage(t, emulator.Variant{})
	scored(t, s)
	c := s.NewCLI(t, "")
	var query strings.Builder
	for _, typeName := range listTypes {
		query.WriteString("list \"" + typeName + "\" \"all\" {\n  provider = prefactor\n}\n")
	}
	c.WriteFile(t, "all.tfquery.hcl", query.String())
	c.MustRun(t, "query", "-generate-config-out=generated.tf")
	plan := c.MustRun(t, "plan", "-out=plan")
	if !strings.Contains(plan, "8 to import, 0 to add, 0 to change, 0 to destroy") {
		raw, err := os.ReadFile(filepath.Join(c.Dir, "generated.tf"))
		t.Fatalf("the plan is\n%s\nof\n%s %v", plan, raw, err)
	}
	c.MustRun(t, "apply", "plan")
	c.MustRun(t, "plan", "-detailed-exitcode")
}
