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
	_, fences := split(read(t, "templates", "guides", "adopting.md"))
	var look, adopt string
	for _, f := range fences {
		switch {
		case strings.Contains(f.body, `output "found"`):
			look = f.body
		case strings.Contains(f.body, `variable "tokens"`):
			adopt = f.body
		}
	}
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
	var found map[string]any
	printed := c.MustRun(t, "output", "-json", "found")
	if err := json.Unmarshal([]byte(printed[strings.Index(printed, "{"):]), &found); err != nil {
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
