package docs

import (
	"fmt"
	"strings"
	"testing"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

// The actions of the guide for a leak, by the commands that it names: a token
// is suspended, activated and revoked.
func TestGuide_incident(t *testing.T) {
	t.Parallel()
	_, fences := split(read(t, "templates", "guides", "incident.md"))
	var actions, commands string
	for _, f := range fences {
		switch {
		case strings.Contains(f.body, `variable "leaked"`):
			actions = f.body
		case strings.Contains(f.body, "TF_VAR_leaked"):
			commands = f.body
		}
	}
	if why := whyNot(acctest.RequireTerraform(t), actions); why != "" {
		acctest.NotRun(t, why)
	}
	w := acctest.NewWorld(t, emulator.Variant{})
	leaked, _ := w.AddToken(emulator.TokenSpec{Scope: "environment", AccountID: w.Account.ID, EnvironmentID: w.Production.ID})
	c := w.NewCLI(t, actions)
	c.Env = append(c.Env, fmt.Sprintf("TF_VAR_leaked=[%q]", leaked.ID))
	for _, step := range []struct{ invoke, status string }{
		{"-invoke=action.prefactor_suspend_token.leaked", "suspended"},
		{"-invoke=action.prefactor_activate_token.leaked", "active"},
		{"-invoke=action.prefactor_revoke_token.leaked", "revoked"},
	} {
		if !strings.Contains(commands, "terraform apply "+step.invoke) {
			t.Errorf("%s is not in the guide", step.invoke)
		}
		c.MustRun(t, "apply", "-auto-approve", step.invoke)
		if got, _ := w.Token(leaked.ID); got.Status != step.status {
			t.Errorf("after %s the token is %s", step.invoke, got.Status)
		}
	}
}
