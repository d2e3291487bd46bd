package token_test

import (
	"fmt"
	"regexp"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

// team are two users, one who was removed, and a token of each; and a token
// without a known creator.
type team struct {
	jo, sam, left                     emulator.AdminUser
	joToken, samToken, leftToken, old emulator.Token
}

func newTeam(t *testing.T, w *acctest.World) team {
	t.Helper()
	m := team{
		jo:   w.AddAdminUser(w.Account.ID, "Jo", "jo@example.com"),
		sam:  w.AddAdminUser(w.Account.ID, "", "sam@example.com"),
		left: w.AddAdminUser(w.Account.ID, "Lee", "lee@example.com"),
	}
	add := func(creator string) emulator.Token {
		k, _ := w.AddToken(emulator.TokenSpec{Scope: "agent_deployment", AccountID: w.Account.ID, AgentID: w.Agent.ID, EnvironmentID: w.Production.ID, CreatedBy: creator})
		return k
	}
	m.joToken, m.samToken, m.leftToken, m.old = add(m.jo.ID), add(m.sam.ID), add(m.left.ID), add("")
	must(t, w.RemoveAdminUser(m.left.ID))
	return m
}

func TestCreator_data(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	m := newTeam(t, w)
	step := func(filters string, want ...emulator.Token) resource.TestStep {
		return resource.TestStep{
			Config:            tokensConfig("scope = \"agent_deployment\"\n" + filters),
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(tokensData, tfjsonpath.New("tokens"), ids(want...))},
		}
	}
	creator := func(id, email, name knownvalue.Check) knownvalue.Check {
		return knownvalue.ObjectPartial(map[string]knownvalue.Check{"created_by_admin_user_id": id, "created_by_email": email, "created_by_name": name})
	}
	text, null := knownvalue.StringExact, knownvalue.Null()
	const one = "data.prefactor_api_token.one"
	named := step("resolve_names = true", m.joToken, m.samToken, m.leftToken, m.old)
	named.Config += fmt.Sprintf("data \"prefactor_api_token\" \"one\" {\n id = %q\n resolve_names = true\n}\n", m.joToken.ID)
	named.ConfigStateChecks = []statecheck.StateCheck{
		statecheck.ExpectKnownValue(tokensData, tfjsonpath.New("tokens"), knownvalue.ListExact([]knownvalue.Check{
			creator(text(m.jo.ID), text("jo@example.com"), text("Jo")), creator(text(m.sam.ID), text("sam@example.com"), null),
			creator(text(m.left.ID), null, null), creator(null, null, null),
		})),
		value(one, "created_by_admin_user_id", text(m.jo.ID)), value(one, "created_by_email", text("jo@example.com")), value(one, "created_by_name", text("Jo")),
	}
	fails := func(filters, says string) resource.TestStep {
		return resource.TestStep{Config: tokensConfig(filters), ExpectError: regexp.MustCompile(says)}
	}
	w.TestInProcessWith(t, resource.TestCase{
		CheckDestroy: resource.ComposeTestCheckFunc(),
		Steps: []resource.TestStep{
			fails(`created_by = "lee@example.com"`, `No\s+user\s+of\s+the\s+account\s+has\s+the\s+email`),
			fails(`created_by = "jo"`, `Invalid user`),
			named,
			step(fmt.Sprintf("created_by = %q", m.jo.ID), m.joToken),
			step(fmt.Sprintf("created_by = %q", m.left.ID), m.leftToken),
			step(`created_by = "SAM@example.com"`, m.samToken),
			step(`created_by_removed_user = true`, m.leftToken),
			step(`created_by_removed_user = false`, m.joToken, m.samToken),
			step(fmt.Sprintf("created_by_removed_user = true\n created_by = %q", m.jo.ID)),
		},
	})
}

// From an empty list of users nothing is concluded.
func TestCreator_noUsers(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	must(t, w.RemoveAdminUser(w.User.ID))
	_, err := w.NewCore(nil).Invoke(t.Context(), revokeAction, map[string]any{"created_by_removed_user": true, "confirm_count": 0})
	want(t, err, `(?s)lists no user.*cannot be determined`)
}

func TestCreator_actions(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	m := newTeam(t, w)
	core := w.NewCore(nil)
	removed := map[string]any{"created_by_removed_user": true, "scope": "agent_deployment", "confirm_count": 1}
	for _, step := range []struct {
		action string
		config map[string]any
		token  emulator.Token
		status string
	}{
		{suspendAction, removed, m.leftToken, "suspended"},
		{revokeAction, removed, m.leftToken, "revoked"},
		{suspendAction, map[string]any{"created_by": m.jo.ID, "confirm_count": 1}, m.joToken, "suspended"},
		{revokeAction, map[string]any{"created_by": "sam@example.com", "confirm_count": 1}, m.samToken, "revoked"},
	} {
		_, err := core.Invoke(t.Context(), step.action, step.config)
		want(t, err, "")
		must(t, statusOf(w, step.token.ID, step.status))
	}
	must(t, statusOf(w, m.old.ID, "active"))
	_, err := core.Invoke(t.Context(), revokeAction, map[string]any{"created_by": "", "confirm_count": 5})
	want(t, err, "Invalid user")
	_, err = core.Invoke(t.Context(), revokeAction, map[string]any{"created_by": m.jo.ID})
	want(t, err, "A filter needs confirm_count")
}

func TestCreator_list(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	m := newTeam(t, w)
	for _, c := range []struct {
		config map[string]any
		want   []string
	}{
		{map[string]any{"created_by": "jo@example.com"}, []string{m.joToken.ID}},
		{map[string]any{"created_by": m.left.ID}, []string{m.leftToken.ID}},
		{map[string]any{"created_by_removed_user": true}, []string{m.leftToken.ID}},
	} {
		listed, err := w.NewCore(nil).Query(t.Context(), "prefactor_deployment_token", c.config, true, 0)
		must(t, err)
		var got []string
		for _, l := range listed {
			got = append(got, l.ID)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%v lists %v", c.config, got)
		}
	}
}

// Something else than an account is no account without tokens.
func TestTokensData_noAccount(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	// A platform that takes any id for the filter, and finds nothing.
	w.Inject(emulator.Fault{Method: "GET", Path: "/api_token", Kind: emulator.FaultRaw, Status: 200, Body: []byte(`{"status":"success","summaries":[],"pagination":null,"sorting":null}`)})
	w.TestWith(t, resource.TestCase{
		CheckDestroy: resource.ComposeTestCheckFunc(),
		Steps:        []resource.TestStep{{Config: tokensConfig(fmt.Sprintf("account_id = %q", w.Agent.ID)), ExpectError: regexp.MustCompile(`Cannot list the tokens`)}},
	})
}
