package docs

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

// The actions of the guide for a leak, by the commands that it names: a token
// is suspended, activated and revoked.
func TestGuide_incident(t *testing.T) {
	t.Parallel()
	actions := shows(t, "incident.md", `variable "leaked"`)
	steps := []struct{ invoke, status string }{
		{"-invoke=action.prefactor_suspend_token.leaked", "suspended"},
		{"-invoke=action.prefactor_activate_token.leaked", "active"},
		{"-invoke=action.prefactor_revoke_token.leaked", "revoked"},
	}
	for _, step := range steps {
		shows(t, "incident.md", "terraform apply "+step.invoke)
	}
	if why := whyNot(acctest.RequireTerraform(t), actions); why != "" {
		acctest.NotRun(t, why)
	}
	w := acctest.NewWorld(t, emulator.Variant{})
	leaked, _ := w.AddToken(emulator.TokenSpec{Scope: "environment", AccountID: w.Account.ID, EnvironmentID: w.Production.ID})
	c := w.NewCLI(t, actions)
	c.Env = append(c.Env, fmt.Sprintf("TF_VAR_leaked=[%q]", leaked.ID))
	for _, step := range steps {
		c.MustRun(t, "apply", "-auto-approve", step.invoke)
		if got, _ := w.Token(leaked.ID); got.Status != step.status {
			t.Errorf("after %s the token is %s", step.invoke, got.Status)
		}
	}
}

// The command of the guide finds a token by its value in a state: one in plain
// text, an encrypted one, and a previous one.
func TestGuide_searchState(t *testing.T) {
	t.Parallel()
	jq, err := exec.LookPath("jq")
	if err != nil {
		acctest.NotRun(t, "the command needs jq")
	}
	_, fences := split(read(t, "templates", "guides", "incident.md"))
	script := ""
	for _, f := range fences {
		if strings.Contains(f.body, "terraform state pull") {
			script = f.body
		}
	}
	w := acctest.NewWorld(t, emulator.Variant{})
	config := func(n string) string {
		return fmt.Sprintf(`
resource "prefactor_api_token" "plain" {
  count    = 2
  lifetime = "90d"
  rotation = { triggers = { n = %q } }
}
resource "prefactor_api_token" "encrypted" {
  lifetime   = "90d"
  recipients = ["age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"]
}
resource "terraform_data" "other" {}
`, n)
	}
	c := w.NewCLI(t, config("1"))
	c.MustRun(t, "apply", "-auto-approve")
	c.Write(t, config("2"))
	c.MustRun(t, "apply", "-auto-approve")
	c.WriteFile(t, "state.json", c.MustRun(t, "state", "pull"))
	state := c.MustRun(t, "show", "-json")
	script = strings.ReplaceAll(strings.ReplaceAll(script, "terraform state pull", "cat state.json"), "read -rs LEAKED\n", "")
	script = strings.ReplaceAll(script, "| jq ", "| "+jq+" ")
	found := map[string]int{}
	for _, secret := range w.Secrets() {
		cmd := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", script)
		cmd.Dir, cmd.Env = c.Dir, append(os.Environ(), "LEAKED="+secret)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		address, id, _ := strings.Cut(strings.TrimSpace(string(out)), " token: ")
		if id != "" && !strings.Contains(state, id) {
			t.Errorf("%s is not in the state", out)
		}
		found[address]++
	}
	want := map[string]int{
		"prefactor_api_token.plain: current": 2, "prefactor_api_token.plain: previous": 2, "prefactor_api_token.encrypted: current": 1,
		"": 1, // The provider's own.
	}
	if !maps.Equal(found, want) {
		t.Errorf("found %v, want %v", found, want)
	}
}
