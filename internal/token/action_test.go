package token_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

const (
	suspendAction  = "prefactor_suspend_token"
	activateAction = "prefactor_activate_token"
	revokeAction   = "prefactor_revoke_token"
)

// tokensOf are one token of each scope, and one deployment token more.
type tokensOf struct {
	account, deployment, other, legacy emulator.Token
}

func addTokens(w *acctest.World) tokensOf {
	add := func(scope, agent, environment string) emulator.Token {
		token, _ := w.AddToken(emulator.TokenSpec{Scope: scope, AccountID: w.Account.ID, AgentID: agent, EnvironmentID: environment, ExpiresAt: w.Clock.Now().Add(720 * time.Hour)})
		return token
	}
	return tokensOf{
		account:    add("account", "", ""),
		deployment: add("agent_deployment", w.Agent.ID, w.Production.ID),
		other:      add("agent_deployment", w.Agent.ID, w.Staging.ID),
		legacy:     add("environment", "", w.Production.ID),
	}
}

func id(token emulator.Token) map[string]any { return map[string]any{"id": token.ID} }

func listOf(tokens ...emulator.Token) map[string]any {
	var list []any
	for _, k := range tokens {
		list = append(list, k.ID)
	}
	return map[string]any{"ids": list}
}

// want compares what an error says with a pattern; empty is no error.
func want(t *testing.T, err error, says string) {
	t.Helper()
	switch {
	case err == nil && says != "":
		t.Errorf("no error, want %s", says)
	case err != nil && says == "":
		t.Error(err)
	case err != nil && !regexp.MustCompile(says).MatchString(err.Error()):
		t.Errorf("got %s\nwant %s", err, says)
	}
}

func TestActions(t *testing.T) {
	t.Parallel()
	for _, v := range emulator.Variants(testing.Short()) {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, v.Variant)
			k := addTokens(w)
			core := w.NewCore(nil)
			for _, step := range []struct {
				action   string
				status   string
				messages []string
			}{
				{suspendAction, "suspended", []string{"account token %s: suspended", "deployment token %s: suspended", "environment token %s: suspended"}},
				{suspendAction, "suspended", []string{"account token %s: is already suspended, nothing to do", "deployment token %s: is already suspended, nothing to do", "environment token %s: is already suspended, nothing to do"}},
				{activateAction, "active", []string{"account token %s: activated", "deployment token %s: activated", "environment token %s: activated"}},
				{activateAction, "active", []string{"account token %s: is already active, nothing to do", "deployment token %s: is already active, nothing to do", "environment token %s: is already active, nothing to do"}},
				{revokeAction, "revoked", []string{"account token %s: revoked", "deployment token %s: revoked", "environment token %s: revoked"}},
				{revokeAction, "revoked", []string{"account token %s: is already revoked, nothing to do", "deployment token %s: is already revoked, nothing to do", "environment token %s: is already revoked, nothing to do"}},
			} {
				w.ResetRequests()
				messages, err := core.Invoke(t.Context(), step.action, listOf(k.account, k.deployment, k.legacy))
				if err != nil {
					t.Fatal(err)
				}
				for i, token := range []emulator.Token{k.account, k.deployment, k.legacy} {
					must(t, statusOf(w, token.ID, step.status))
					if m := fmt.Sprintf(step.messages[i], token.ID); !slices.Contains(messages, m) {
						t.Errorf("%q is not among the messages %q", m, messages)
					}
				}
				if strings.Contains(step.messages[0], "already") && w.Calls("POST", "/"+strings.Split(step.action, "_")[1]) > 0 {
					t.Errorf("%s was sent for nothing", step.action)
				}
			}
			must(t, statusOf(w, k.other.ID, "active"))
			_, err := core.Invoke(t.Context(), activateAction, id(k.account))
			want(t, err, `1 of 1 token not activated(?s).*account token `+k.account.ID+`: the token is revoked`)
		})
	}
}

func TestActions_filter(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		action string
		filter func(w *acctest.World) map[string]any
		hits   func(k tokensOf) []emulator.Token
		status string
	}{
		"agent": {suspendAction, func(w *acctest.World) map[string]any { return map[string]any{"agent_id": w.Agent.ID} }, func(k tokensOf) []emulator.Token { return []emulator.Token{k.deployment, k.other} }, "suspended"},
		"agent and environment": {revokeAction, func(w *acctest.World) map[string]any {
			return map[string]any{"agent_id": w.Agent.ID, "environment_id": w.Staging.ID}
		}, func(k tokensOf) []emulator.Token { return []emulator.Token{k.other} }, "revoked"},
		"environment":  {revokeAction, func(w *acctest.World) map[string]any { return map[string]any{"environment_id": w.Production.ID} }, func(k tokensOf) []emulator.Token { return []emulator.Token{k.deployment, k.legacy} }, "revoked"},
		"legacy scope": {revokeAction, func(*acctest.World) map[string]any { return map[string]any{"scope": "environment"} }, func(k tokensOf) []emulator.Token { return []emulator.Token{k.legacy} }, "revoked"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, emulator.Variant{AgentID: "details"})
			k := addTokens(w)
			gone, _ := w.AddToken(emulator.TokenSpec{Scope: "agent_deployment", AccountID: w.Account.ID, AgentID: w.Agent.ID, EnvironmentID: w.Staging.ID})
			must(t, w.Revoke(gone.ID))
			hits := c.hits(k)
			config := c.filter(w)
			config["confirm_count"] = len(hits) + 1
			_, err := w.NewCore(nil).Invoke(t.Context(), c.action, config)
			listed := fmt.Sprintf(`.*No changes were made.*confirm_count = %d:.* token .*in \w+ \(%s, active, expires \d{4}-\d\d-\d\d\)`, len(hits), hits[0].ID)
			want(t, err, fmt.Sprintf(`(?s)matches %d .*tokens?, and confirm_count is %d`, len(hits), len(hits)+1)+listed)
			config["confirm_count"] = 0
			messages, err := w.NewCore(nil).Invoke(t.Context(), c.action, config)
			want(t, err, "")
			if dry := strings.Join(messages, "\n"); !regexp.MustCompile(fmt.Sprintf(`(?s)matches %d .*confirm_count is 0\.`, len(hits)) + listed).MatchString(dry) {
				t.Errorf("the dry run says %s", dry)
			}
			for _, token := range []emulator.Token{k.account, k.deployment, k.other, k.legacy} {
				must(t, statusOf(w, token.ID, "active"))
			}
			config["confirm_count"] = len(hits)
			messages, err = w.NewCore(nil).Invoke(t.Context(), c.action, config)
			want(t, err, "")
			if len(messages) != len(hits)+1 || !strings.Contains(messages[0], "the filter matches") {
				t.Errorf("the messages are %q", messages)
			}
			for _, token := range []emulator.Token{k.account, k.deployment, k.other, k.legacy} {
				status := "active"
				if slices.Contains(hits, token) {
					status = c.status
				}
				must(t, statusOf(w, token.ID, status))
			}
			// They are not matched again: none is left.
			_, err = w.NewCore(nil).Invoke(t.Context(), c.action, config)
			want(t, err, `matches no active .*token`)
		})
	}
}

// What a filter matches depends on what can be done.
func TestActions_filterByStatus(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	k := addTokens(w)
	must(t, w.Suspend(k.other.ID))
	core := w.NewCore(nil)
	agent := func(n int) map[string]any { return map[string]any{"agent_id": w.Agent.ID, "confirm_count": n} }
	for _, step := range []struct {
		action string
		count  int
	}{{suspendAction, 1}, {activateAction, 2}, {suspendAction, 2}, {revokeAction, 2}} {
		if _, err := core.Invoke(t.Context(), step.action, agent(step.count)); err != nil {
			t.Errorf("%s: %v", step.action, err)
		}
	}
}

// A suspension of a revoked token is a success: the token authenticates nobody.
func TestActions_suspendRevoked(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	k := addTokens(w)
	must(t, w.Revoke(k.account.ID))
	messages, err := w.NewCore(nil).Invoke(t.Context(), suspendAction, listOf(k.account, k.legacy))
	want(t, err, "")
	if m := fmt.Sprintf("account token %s: is already revoked, nothing to do", k.account.ID); !slices.Contains(messages, m) {
		t.Errorf("%q is not among the messages %q", m, messages)
	}
	must(t, statusOf(w, k.account.ID, "revoked"))
	must(t, statusOf(w, k.legacy.ID, "suspended"))
}

// What is wrong is said without a request, both where the configuration is
// validated and where values come from variables, which validation does not see.
func TestActions_configuration(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	k := addTokens(w)
	unknown := tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
	const ways = `exactly one of: id; ids; a filter`
	for name, c := range map[string]struct {
		config map[string]any
		says   string
	}{
		"nothing":               {map[string]any{}, `(?s)which tokens.*` + ways},
		"only a number":         {map[string]any{"confirm_count": 3}, ways},
		"id and ids":            {map[string]any{"id": k.account.ID, "ids": []any{k.legacy.ID}}, `(?s)Both id and ids.*` + ways},
		"id and filter":         {map[string]any{"id": k.account.ID, "scope": "account", "confirm_count": 1}, `Both token ids and a filter`},
		"ids and filter":        {map[string]any{"ids": []any{k.account.ID}, "agent_id": w.Agent.ID}, `Both token ids and a filter`},
		"filter without number": {map[string]any{"scope": "account"}, `(?s)A filter needs confirm_count.*set confirm_count = 0`},
		"id with a number":      {map[string]any{"id": k.account.ID, "confirm_count": 1}, `confirm_count is only for a filter`},
		"no ids":                {map[string]any{"ids": []any{}}, `ids is empty`},
		"twice":                 {listOf(k.account, k.legacy, k.account), `ids\[0\] and ids\[2\] are the same`},
		"no id":                 {map[string]any{"id": "ci"}, `id must be a Prefactor id`},
		"no id in the list":     {map[string]any{"ids": []any{k.account.ID, "ci"}}, `ids\[1\] must be a Prefactor id`},
		"null in the list":      {map[string]any{"ids": []any{nil}}, `ids\[0\] must be a Prefactor id`},
		"no agent":              {map[string]any{"agent_id": "support-bot", "confirm_count": 1}, `agent_id must be a Prefactor id`},
		"unknown id":            {map[string]any{"id": unknown}, ""},
		"unknown filter":        {map[string]any{"agent_id": unknown}, ""},
		"unknown in the list":   {map[string]any{"ids": []any{unknown, unknown}}, ""},
		"one id":                {id(k.account), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			core := w.NewCore(nil)
			want(t, core.Validate(t.Context(), revokeAction, c.config), c.says)
			want(t, core.PlanAction(t.Context(), revokeAction, c.config), c.says)
			if c.says != "" {
				_, err := core.InvokeUnplanned(t.Context(), revokeAction, c.config)
				want(t, err, c.says)
			}
		})
	}
	for name, c := range map[string]struct {
		config map[string]any
		says   string
	}{
		"no scope": {map[string]any{"scope": "everything", "confirm_count": 1}, `(?s)scope.*agent_deployment`},
		"less":     {map[string]any{"scope": "account", "confirm_count": -1}, `at least 0`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want(t, w.NewCore(nil).Validate(t.Context(), revokeAction, c.config), c.says)
		})
	}
	t.Cleanup(func() {
		if n := len(w.Requests()); n > 0 {
			t.Errorf("%d requests were sent", n)
		}
	})
}

// One that fails stops no other, and the error says what became of each.
func TestActions_partly(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	k := addTokens(w)
	w.Clock.Advance(acctest.Later)
	must(t, w.Revoke(k.legacy.ID))
	w.Inject(emulator.Fault{Method: "POST", Path: "/api_token/" + k.deployment.ID + "/revoke", Kind: emulator.FaultStatus, Status: 403})
	ids := listOf(k.account, k.deployment, k.legacy)
	ids["ids"] = append(ids["ids"].([]any), w.Agent.ID, k.other.ID)
	messages, err := w.NewCore(nil).Invoke(t.Context(), revokeAction, ids)
	want(t, err, `(?s)^2 of 5 tokens not revoked: Not revoked:\n  deployment token `+k.deployment.ID+`: .*403.*\n  token `+w.Agent.ID+`: there is no such token.*`+
		`\n\nRevoked:\n  account token `+k.account.ID+`\n  deployment token `+k.other.ID+`\n\nRevoked already:\n  environment token `+k.legacy.ID+`\n\n.*does not permit`)
	if len(messages) != 5 {
		t.Errorf("the messages are %q", messages)
	}
	must(t, statusOf(w, k.account.ID, "revoked"))
	must(t, statusOf(w, k.deployment.ID, "active"))
	must(t, statusOf(w, k.other.ID, "revoked"))
}

// A list that does not come touches nothing.
func TestActions_listFails(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	k := addTokens(w)
	w.Inject(emulator.Fault{Method: "GET", Path: "/api_token", Kind: emulator.FaultStatus, Status: 401, Code: "bad_authtoken"})
	_, err := w.NewCore(nil).Invoke(t.Context(), revokeAction, map[string]any{"agent_id": w.Agent.ID, "confirm_count": 2})
	want(t, err, `(?s)Cannot list the tokens.*does not accept the provider's own token`)
	must(t, statusOf(w, k.deployment.ID, "active"))
}

// An answer that is lost on its way back is no failure.
func TestActions_lostAnswer(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	k := addTokens(w)
	w.Inject(emulator.Fault{Method: "POST", Path: "/api_token/:id/revoke", Kind: emulator.FaultCutAfter})
	_, err := w.NewCore(map[string]any{"max_retries": 0}).Invoke(t.Context(), revokeAction, id(k.account))
	want(t, err, "")
	must(t, statusOf(w, k.account.ID, "revoked"))
}

func TestActions_lockout(t *testing.T) {
	t.Parallel()
	invoke := func(ctx context.Context, w *acctest.World, block map[string]any, config map[string]any) error {
		_, err := w.NewCore(block).Invoke(ctx, revokeAction, config)
		return err
	}
	t.Run("by id", func(t *testing.T) {
		t.Parallel()
		w := acctest.NewWorld(t, emulator.Variant{})
		k := addTokens(w)
		err := invoke(t.Context(), w, nil, listOf(w.Admin, k.account))
		want(t, err, `(?s)^1 of 2 tokens not revoked: the provider would lock itself out: .*itself authenticates with.*allow_self_lockout.*Revoked:\n  account token `+k.account.ID)
		must(t, statusOf(w, w.Admin.ID, "active"))
	})
	t.Run("by filter", func(t *testing.T) {
		t.Parallel()
		w := acctest.NewWorld(t, emulator.Variant{})
		k := addTokens(w)
		err := invoke(t.Context(), w, nil, map[string]any{"scope": "account", "confirm_count": 2})
		want(t, err, `itself authenticates with`)
		must(t, statusOf(w, w.Admin.ID, "active"))
		must(t, statusOf(w, k.account.ID, "revoked"))
	})
	// Two are in use, and one of them is the provider's own.
	t.Run("one of two", func(t *testing.T) {
		t.Parallel()
		w := acctest.NewWorld(t, emulator.Variant{OpaqueTokens: true})
		k := addTokens(w)
		busy, secret := w.AddToken(emulator.TokenSpec{Scope: "account", AccountID: w.Account.ID})
		core := w.NewCore(nil, eachProbe(func() { ping(t, w, secret) }, ""))
		_, err := core.Invoke(t.Context(), revokeAction, map[string]any{"scope": "account", "confirm_count": 3})
		want(t, err, `(?s)^2 of 3 .*authenticates with one of .*cannot be determined which one.*allow_self_lockout`)
		must(t, statusOf(w, w.Admin.ID, "active"))
		must(t, statusOf(w, busy.ID, "active"))
		must(t, statusOf(w, k.account.ID, "revoked"))
		// When it is not in use it is known to be another one.
		must(t, invoke(t.Context(), w, nil, id(busy)))
	})
	// On purpose: the provider's own token comes last, so that the rest is done.
	t.Run("on purpose", func(t *testing.T) {
		t.Parallel()
		w := acctest.NewWorld(t, emulator.Variant{})
		for range 20 {
			w.AddToken(emulator.TokenSpec{Scope: "account", AccountID: w.Account.ID})
		}
		must(t, invoke(t.Context(), w, map[string]any{"allow_self_lockout": true}, map[string]any{"scope": "account", "confirm_count": 21}))
		for _, token := range w.Tokens() {
			must(t, statusOf(w, token.ID, "revoked"))
		}
	})
	t.Run("not told", func(t *testing.T) {
		t.Parallel()
		w := acctest.NewWorld(t, emulator.Variant{OpaqueTokens: true})
		k := addTokens(w)
		w.Inject(emulator.Fault{Method: "GET", Path: "/api_token", Kind: emulator.FaultStatus, Status: 500})
		want(t, invoke(t.Context(), w, map[string]any{"max_retries": 0}, listOf(k.account, k.deployment)), `(?s)cannot be determined.*Revoked:\n  deployment token`)
		must(t, statusOf(w, k.account.ID, "active"))
	})
}

// What is not known when the action runs is no filter that matches all.
func TestActions_notKnown(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	k := addTokens(w)
	open := unknownOf(tftypes.String)
	for _, config := range []map[string]any{
		{"id": open, "confirm_count": 4},
		{"id": open},
		{"ids": unknownOf(tftypes.List{ElementType: tftypes.String})},
		{"agent_id": open, "confirm_count": 4},
		{"agent_id": w.Agent.ID, "scope": open, "confirm_count": 2},
	} {
		_, err := w.NewCore(map[string]any{"allow_self_lockout": true}).InvokeUnplanned(t.Context(), suspendAction, config)
		want(t, err, "not known yet")
	}
	for _, token := range []emulator.Token{w.Admin, k.account, k.deployment, k.other, k.legacy} {
		must(t, statusOf(w, token.ID, "active"))
	}
}

// requireActions is for tests that invoke actions, or query, with a binary.
func requireActions(t *testing.T) {
	t.Helper()
	binary := acctest.RequireTerraform(t)
	if binary.OpenTofu || !binary.AtLeast("1.14.0") {
		acctest.NotRun(t, "actions and list resources need Terraform 1.14")
	}
}

func TestActions_binary(t *testing.T) {
	t.Parallel()
	requireActions(t)
	w := acctest.NewWorld(t, emulator.Variant{})
	k := addTokens(w)
	action := func(kind, name, config string) string {
		return fmt.Sprintf("action %q %q {\n config {\n%s\n }\n}\n", kind, name, config)
	}
	c := w.NewCLI(t, action(revokeAction, "leaked", fmt.Sprintf("id = %q", k.legacy.ID))+
		action(suspendAction, "agent", fmt.Sprintf("agent_id = %q\nconfirm_count = var.count_of", w.Agent.ID))+
		"variable \"count_of\" {\n default = 1\n}\n"+
		action(revokeAction, "own", fmt.Sprintf("ids = [%q, var.more]", w.Admin.ID))+
		"variable \"more\" {\n default = \"ci\"\n}\n")
	out := c.MustRun(t, "apply", "-auto-approve", "-invoke=action.prefactor_revoke_token.leaked")
	must(t, statusOf(w, k.legacy.ID, "revoked"))
	if !strings.Contains(out, "environment token "+k.legacy.ID+": revoked") {
		t.Errorf("no progress in\n%s", out)
	}
	for _, step := range []struct {
		args []string
		says string
	}{
		{[]string{"-invoke=action.prefactor_suspend_token.agent"}, `(?s)matches 2 active tokens.*No changes were\s+made.*` + k.other.ID},
		{[]string{"-invoke=action.prefactor_suspend_token.agent", "-var=count_of=2"}, ""},
		{[]string{"-invoke=action.prefactor_revoke_token.own"}, `(?s)ids\[1\].*must be a\s+Prefactor id`},
		{[]string{"-invoke=action.prefactor_revoke_token.own", "-var=more=" + k.account.ID}, `(?s)1 of 2 tokens not revoked.*` + w.Admin.ID + `.*Revoked:.*` + k.account.ID},
	} {
		out, err := c.Run(t, append([]string{"apply", "-auto-approve"}, step.args...)...)
		if (err == nil) != (step.says == "") || !regexp.MustCompile(step.says).MatchString(strings.ReplaceAll(out, "│ ", "")) {
			t.Errorf("%s: %v\n%s", step.args, err, out)
		}
	}
	must(t, statusOf(w, k.deployment.ID, "suspended"))
	must(t, statusOf(w, k.other.ID, "suspended"))
	must(t, statusOf(w, w.Admin.ID, "active"))
	must(t, statusOf(w, k.account.ID, "revoked"))
}

// Actions that a change of a resource triggers, before and after it.
func TestActions_trigger(t *testing.T) {
	t.Parallel()
	requireActions(t)
	w := acctest.NewWorld(t, emulator.Variant{})
	k := addTokens(w)
	config := func(lifetime, before, after string) string {
		return fmt.Sprintf(`
action "prefactor_suspend_token" "before" {
  config {
    id = %q
  }
}
action "prefactor_revoke_token" "after" {
  config {
    id = %q
  }
}
resource "prefactor_api_token" "new" {
  lifetime = %q
  rotation = { before_expiry = "1h" }
  lifecycle {
    action_trigger {
      events  = [before_create, before_update]
      actions = [action.prefactor_suspend_token.before]
    }
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.prefactor_revoke_token.after]
    }
  }
}
`, before, after, lifetime)
	}
	// A failure before the change prevents it.
	c := w.NewCLI(t, config("720h", w.Admin.ID, k.legacy.ID))
	out, err := c.Run(t, "apply", "-auto-approve")
	if err == nil || !strings.Contains(out, "1 of 1 token not suspended: the provider would lock itself out") {
		t.Errorf("%v\n%s", err, out)
	}
	must(t, statusOf(w, k.legacy.ID, "active"))
	if n := w.Calls("POST", "/api_token"); n != 0 {
		t.Errorf("%d tokens were created", n)
	}
	// A failure after the change leaves the change: the token is in the state.
	c.Write(t, config("720h", k.account.ID, w.Admin.ID))
	out, err = c.Run(t, "apply", "-auto-approve")
	if err == nil || !strings.Contains(out, "1 of 1 token not revoked: the provider would lock itself out") {
		t.Errorf("%v\n%s", err, out)
	}
	must(t, statusOf(w, k.account.ID, "suspended"))
	c.Write(t, config("720h", k.account.ID, k.legacy.ID))
	c.MustRun(t, "plan", "-detailed-exitcode")
	// A create triggers both, and so does a rotation, which is an update.
	c.MustRun(t, "apply", "-auto-approve", "-replace=prefactor_api_token.new")
	must(t, statusOf(w, k.legacy.ID, "revoked"))
	c.Write(t, config("721h", k.account.ID, k.other.ID))
	c.MustRun(t, "apply", "-auto-approve")
	must(t, statusOf(w, k.other.ID, "revoked"))
	c.MustRun(t, "plan", "-detailed-exitcode")
}

// With on_failure, a failure before the change does not prevent it.
func TestActions_triggerOnFailure(t *testing.T) {
	t.Parallel()
	requireActions(t)
	w := acctest.NewWorld(t, emulator.Variant{})
	c := w.NewCLI(t, fmt.Sprintf(`
action "prefactor_suspend_token" "own" {
  config {
    id = %q
  }
}
resource "prefactor_api_token" "new" {
  lifetime = "720h"
  lifecycle {
    action_trigger {
      events     = [before_create]
      actions    = [action.prefactor_suspend_token.own]
      on_failure = continue
    }
  }
}
`, w.Admin.ID))
	if out, err := c.Run(t, "validate"); err != nil && strings.Contains(out, `An argument named "on_failure" is not expected here`) {
		acctest.NotRun(t, "this Terraform has no on_failure in action_trigger")
	}
	out := c.MustRun(t, "apply", "-auto-approve")
	if !strings.Contains(out, "the provider would lock itself out") {
		t.Errorf("the failure is not reported:\n%s", out)
	}
	must(t, statusOf(w, w.Admin.ID, "active"))
	if n := w.Calls("POST", "/api_token"); n != 1 {
		t.Errorf("%d tokens were created", n)
	}
}
