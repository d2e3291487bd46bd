package docs

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

// The guide about adopting, step by step, on an account with tokens of each
// kind: all are imported and none is changed.
func TestGuide_adopting(t *testing.T) {
	t.Parallel()
	look, adopt := shows(t, "adopting.md", `output "found"`), shows(t, "adopting.md", `variable "tokens"`)
	if why := whyNot(acctest.RequireTerraform(t), adopt); why != "" {
		acctest.NotRun(t, why)
	}
	w := acctest.NewWorld(t, emulator.Variant{})
	account := emulator.TokenSpec{Scope: "account", AccountID: w.Account.ID}
	deployment := emulator.TokenSpec{Scope: "agent_deployment", AccountID: w.Account.ID, AgentID: w.Agent.ID, EnvironmentID: w.Production.ID}
	legacy := emulator.TokenSpec{Scope: "environment", AccountID: w.Account.ID, EnvironmentID: w.Production.ID}
	for _, spec := range []emulator.TokenSpec{account, account, deployment, deployment, legacy, account} {
		w.AddToken(spec)
	}
	all := w.Tokens()
	for i, click := range map[int]func(string) error{1: w.Suspend, 3: w.Suspend, 6: w.Revoke} {
		if err := click(all[i].ID); err != nil {
			t.Fatal(err)
		}
	}
	before := w.Tokens()

	c := w.NewCLI(t, look)
	c.MustRun(t, "apply", "-auto-approve")
	// Warnings of the error stream stand before it.
	_, printed, _ := strings.Cut(c.MustRun(t, "output", "-json", "found"), "{")
	var found map[string]any
	if err := json.Unmarshal([]byte("{"+printed), &found); err != nil {
		t.Fatalf("%v: %s", err, printed)
	}
	tokens, err := json.Marshal(map[string]any{"tokens": found})
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(c.Dir, "tokens.auto.tfvars.json"), string(tokens))
	write(t, filepath.Join(c.Dir, "adopt.tf"), adopt)
	// The provider's own, two account tokens and two deployment tokens.
	if out := c.MustRun(t, "plan"); !strings.Contains(out, "Plan: 5 to import, 0 to add, 0 to change, 0 to destroy.") {
		t.Fatalf("the plan does not import and nothing else:\n%s", out)
	}
	c.MustRun(t, "apply", "-auto-approve")
	c.MustRun(t, "plan", "-detailed-exitcode")
	for i, after := range w.Tokens() {
		after.LastUsedAt = before[i].LastUsedAt
		if after != before[i] {
			t.Errorf("the import changed a token: %+v, before it was %+v", after, before[i])
		}
	}
}

// What the guide has terraform query list is there, and is not empty.
func TestGuide_query(t *testing.T) {
	t.Parallel()
	query := shows(t, "adopting.md", `list "prefactor_api_token"`)
	if why := whyNot(acctest.RequireTerraform(t), query); why != "" {
		acctest.NotRun(t, why)
	}
	w := acctest.NewWorld(t, emulator.Variant{})
	bot, _ := w.AddToken(emulator.TokenSpec{Scope: "agent_deployment", AccountID: w.Account.ID, AgentID: w.Agent.ID, EnvironmentID: w.Production.ID})
	c := w.NewCLI(t, `provider "prefactor" {}`)
	write(t, filepath.Join(c.Dir, "all.tfquery.hcl"), query)
	out := c.MustRun(t, "query")
	for _, id := range []string{w.Admin.ID, bot.ID} {
		if !strings.Contains(out, id) {
			t.Errorf("token %s is not listed:\n%s", id, out)
		}
	}
}

// shows is the block of a guide that has a text in it.
func shows(t *testing.T, guide, text string) string {
	t.Helper()
	_, fences := split(read(t, "templates", "guides", guide))
	for _, f := range fences {
		if strings.Contains(f.body, text) {
			return f.body
		}
	}
	t.Fatalf("%s does not show %s", guide, text)
	return ""
}
