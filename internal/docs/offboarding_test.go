package docs

import (
	"strings"
	"testing"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

// The guide about offboarding: the tokens of a user are found before and after
// the removal of the user, and the nightly check fails until they are revoked.
func TestGuide_offboarding(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	token, lee, stays := leaver(w)
	c := w.NewCLI(t, shows(t, "offboarding.md", `data "prefactor_api_tokens" "leaver"`))
	nightly := w.NewCLI(t, shows(t, "offboarding.md", "postcondition"))
	nightly.MustRun(t, "plan")
	find := func(who string) {
		t.Helper()
		c.Env = append(c.Env, "TF_VAR_leaver="+who)
		out := c.MustRun(t, "plan")
		if !strings.Contains(out, token.ID) || !strings.Contains(out, token.CreatedBy) || strings.Contains(out, stays.ID) {
			t.Errorf("the tokens of %s are\n%s", who, out)
		}
	}
	find("lee@example.com")
	if err := w.RemoveAdminUser(lee.ID); err != nil {
		t.Fatal(err)
	}
	find(lee.ID)
	if out, err := c.Run(t, "plan", "-var=leaver=lee@example.com"); err == nil {
		t.Errorf("an unknown address finds\n%s", out)
	}
	if out, err := nightly.Run(t, "plan"); err == nil || !strings.Contains(out, token.ID) {
		t.Errorf("%v: the check does not find the token:\n%s", err, out)
	}
	c.MustRun(t, "apply", "-auto-approve")
	if out := c.MustRun(t, "output", "-json", "tokens"); !strings.Contains(out, `"id":"`+token.ID+`"`) {
		t.Errorf("the output is %s", out)
	}
	if err := w.Revoke(token.ID); err != nil {
		t.Fatal(err)
	}
	nightly.MustRun(t, "plan")
}

// The actions of the guide, by the commands that it names.
func TestGuide_offboardingActions(t *testing.T) {
	t.Parallel()
	actions := shows(t, "offboarding.md", `action "prefactor_suspend_token" "leaver"`)
	steps := []struct{ args, status string }{
		{"-invoke=action.prefactor_suspend_token.leaver", "active"},
		{"-invoke=action.prefactor_suspend_token.leaver -var=count_of_tokens=1", "suspended"},
		{"-invoke=action.prefactor_activate_token.leaver -var=count_of_tokens=1", "active"},
		{"-invoke=action.prefactor_revoke_token.leaver -var=count_of_tokens=1", "revoked"},
	}
	for _, step := range steps {
		shows(t, "offboarding.md", "terraform apply "+strings.ReplaceAll(step.args, "tokens=1", "tokens=2"))
	}
	if why := whyNot(acctest.RequireTerraform(t), actions); why != "" {
		acctest.NotRun(t, why)
	}
	w := acctest.NewWorld(t, emulator.Variant{})
	token, lee, stays := leaver(w)
	c := w.NewCLI(t, shows(t, "offboarding.md", `data "prefactor_api_tokens" "leaver"`)+actions)
	c.Env = append(c.Env, "TF_VAR_leaver="+lee.ID)
	for _, step := range steps {
		c.MustRun(t, append([]string{"apply", "-auto-approve"}, strings.Fields(step.args)...)...)
		if got, _ := w.Token(token.ID); got.Status != step.status {
			t.Errorf("after %s the token is %s", step.args, got.Status)
		}
	}
	if got, _ := w.Token(stays.ID); got.Status != "active" {
		t.Errorf("the token of another user is %s", got.Status)
	}
}

// leaver adds a user with a token, who leaves, and a token of another user.
func leaver(w *acctest.World) (emulator.Token, emulator.AdminUser, emulator.Token) {
	kim, lee := w.AddAdminUser(w.Account.ID, "Kim", "kim@example.com"), w.AddAdminUser(w.Account.ID, "Lee", "lee@example.com")
	add := func(u emulator.AdminUser) emulator.Token {
		k, _ := w.AddToken(emulator.TokenSpec{Scope: "agent_deployment", AccountID: w.Account.ID, AgentID: w.Agent.ID, EnvironmentID: w.Production.ID, CreatedBy: u.ID})
		return k
	}
	return add(lee), lee, add(kim)
}
