package directory_test

import (
	"fmt"
	"regexp"
	"strconv"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// statusAt compares the platform's status of an agent with want.
func (s *stage) statusAt(t *testing.T, id *string, want string) resource.TestCheckFunc {
	t.Helper()
	return func(*terraform.State) error {
		found, err := s.admin.Agent(t.Context(), *id)
		if err == nil && found.Status.Value != want {
			err = fmt.Errorf("the platform has the agent as %s, not %s", found.Status.Value, want)
		}
		return err
	}
}

func TestAgent(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	same := statecheck.CompareValue(compare.ValuesSame())
	follow := func(checks ...statecheck.StateCheck) []statecheck.StateCheck {
		return append(checks, same.AddStateValue(agentAt, pathOf("id")))
	}
	var id string
	arguments := func(rest string) string { return agentConfig("name = \"crm-bot\"\n" + rest) }
	s.test(t,
		resource.TestStep{
			Config:           agentConfig("name = \"bot\"\n description = \"Answers\"\n external_identifier = \"crm\""),
			ConfigPlanChecks: does(agentAt, plancheck.ResourceActionCreate),
			ConfigStateChecks: follow(
				text(agentAt, "name", "bot"), text(agentAt, "description", "Answers"), text(agentAt, "external_identifier", "crm"),
				text(agentAt, "status", "active"), text(agentAt, "account_id", s.Account.ID), value(agentAt, "created_at", knownvalue.NotNull()),
			),
			Check: resource.ComposeTestCheckFunc(acctest.IDOf(agentAt, &id), s.statusAt(t, &id, "pending")),
		},
		resource.TestStep{
			// Left out, the identifier stays; the description goes.
			Config:            arguments(""),
			ConfigPlanChecks:  does(agentAt, plancheck.ResourceActionUpdate),
			ConfigStateChecks: follow(text(agentAt, "name", "crm-bot"), value(agentAt, "description", knownvalue.Null()), text(agentAt, "external_identifier", "crm")),
		},
		resource.TestStep{
			// The platform moves it by itself.
			PreConfig:         func() { must(t, s.SetAgentStatus(id, prefactor.AgentDormant)) },
			Config:            arguments(""),
			ConfigPlanChecks:  does(agentAt, plancheck.ResourceActionNoop),
			ConfigStateChecks: follow(text(agentAt, "status", "active")),
		},
		resource.TestStep{
			Config:            arguments(`status = "retired"`),
			ConfigPlanChecks:  does(agentAt, plancheck.ResourceActionUpdate),
			ConfigStateChecks: follow(text(agentAt, "status", "retired")),
			Check:             s.statusAt(t, &id, "retired"),
		},
		resource.TestStep{
			Config:            agentConfig("name = \"back\"\n status = \"active\""),
			ConfigPlanChecks:  does(agentAt, plancheck.ResourceActionUpdate),
			ConfigStateChecks: follow(text(agentAt, "status", "active"), text(agentAt, "name", "back")),
			Check:             s.statusAt(t, &id, "pending"),
		},
		resource.TestStep{
			// Someone retires it.
			PreConfig: func() {
				_, err := s.admin.RetireAgent(t.Context(), id)
				must(t, err)
			},
			Config:            arguments(""),
			ConfigPlanChecks:  does(agentAt, plancheck.ResourceActionUpdate),
			ConfigStateChecks: follow(text(agentAt, "status", "active")),
			Check:             s.statusAt(t, &id, "pending"),
		},
		resource.TestStep{
			Config:            arguments(`external_identifier = "erp"`),
			ConfigPlanChecks:  does(agentAt, plancheck.ResourceActionReplace),
			ConfigStateChecks: []statecheck.StateCheck{text(agentAt, "external_identifier", "erp")},
			Check:             acctest.IDOf(agentAt, &id),
		},
		resource.TestStep{
			PreConfig:        func() { s.Clock.Advance(acctest.Later); must(t, s.admin.DeleteAgent(t.Context(), id)) },
			Config:           arguments(`external_identifier = "erp"`),
			ConfigPlanChecks: does(agentAt, plancheck.ResourceActionCreate),
		},
	)
}

func TestAgent_createdRetired(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	var id string
	s.test(t, resource.TestStep{
		Config: agentConfig("name = \"bot\"\n status = \"retired\""),
		Check:  resource.ComposeTestCheckFunc(acctest.IDOf(agentAt, &id), s.statusAt(t, &id, "retired")),
	})
}

// A new agent that could not be retired is in the state.
func TestAgent_notRetired(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	s.Inject(emulator.Fault{Method: "POST", Path: "/agent/:id/retire", Kind: emulator.FaultStatus, Status: 403, Code: "not_permitted"})
	agent := s.NewCore(nil).Resource(t, "prefactor_agent")
	config := map[string]any{"name": "bot", "status": "retired"}
	_, err := agent.Run(t.Context(), config)
	says(t, err, `is in the state.*terraform untaint`)
	if agent.Text("status") != "active" || !agent.Tainted {
		t.Errorf("status %q, tainted %t", agent.Text("status"), agent.Tainted)
	}
	s.ClearFaults()
	agent.Tainted = false
	if action, err := agent.Run(t.Context(), config); err != nil || action != acctest.Update || agent.Text("status") != "retired" {
		t.Errorf("%s, status %q, %v", action, agent.Text("status"), err)
	}
}

// Someone is faster than the apply.
func TestAgent_retiredMeanwhile(t *testing.T) {
	t.Parallel()
	for _, v := range places() {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, v.Variant)
			agent := s.NewCore(nil).Resource(t, "prefactor_agent")
			_, err := agent.Run(t.Context(), map[string]any{"name": "bot"})
			must(t, err)
			for _, status := range []string{"retired", "active"} {
				p, err := agent.Plan(t.Context(), map[string]any{"name": "bot", "status": status})
				must(t, err)
				act := s.admin.RetireAgent
				if status == "active" {
					act = s.admin.ReinstateAgent
				}
				_, err = act(t.Context(), agent.Text("id"))
				must(t, err)
				if err := agent.Apply(t.Context(), p); err != nil || agent.Text("status") != status {
					t.Errorf("%s: %q, %v", status, agent.Text("status"), err)
				}
			}
		})
	}
}

// Whatever the platform's refusal looks like, it is said what to do instead.
func TestAgent_inUse(t *testing.T) {
	t.Parallel()
	for status, code := range map[int]string{409: "", 422: "validation_errors", 400: "bad_request"} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			t.Parallel()
			s := newStage(t, emulator.Variant{RefusedStatus: status, RefusedCode: code})
			var id string
			var token emulator.Token
			s.test(t,
				resource.TestStep{
					Config: agentConfig(`name = "bot"`),
					Check: func(state *terraform.State) error {
						if err := acctest.IDOf(agentAt, &id)(state); err != nil {
							return err
						}
						token, _ = s.AddToken(emulator.TokenSpec{Scope: "agent_deployment", AccountID: s.Account.ID, AgentID: id, EnvironmentID: s.Production.ID})
						return nil
					},
				},
				resource.TestStep{
					Config:      agentConfig(`name = "bot"`),
					Destroy:     true,
					ExpectError: regexp.MustCompile(`(?s)keeps\s+the\s+agent.*tokens\s+that\s+are\s+not\s+revoked.*status\s+=\s+"retired"`),
				},
				resource.TestStep{
					Config: agentConfig("name = \"bot\"\n status = \"retired\""),
					Check:  s.statusAt(t, &id, "retired"),
				},
				resource.TestStep{
					PreConfig: func() {
						must(t, s.Revoke(token.ID))
						must(t, s.DeleteToken(token.ID))
					},
					Config:           agentConfig("name = \"bot\"\n status = \"retired\""),
					ConfigPlanChecks: does(agentAt, plancheck.ResourceActionNoop),
				},
			)
		})
	}
}

// Where there is one already, the error names it.
func TestCreate_taken(t *testing.T) {
	t.Parallel()
	for _, v := range []emulator.Variant{{}, {ValidationStatus: 400, FieldErrors: "nested"}} {
		s := newStage(t, v)
		existing, err := s.admin.CreateAgent(t.Context(), prefactor.NewAgent{Name: "old-bot", ExternalIdentifier: "crm"})
		must(t, err)
		_, err = s.NewCore(nil).Resource(t, "prefactor_agent").Run(t.Context(), map[string]any{"name": "bot", "external_identifier": "crm"})
		says(t, err, `already been taken.*"old-bot" \(`+existing.Object.ID+`\).*import it`)

		_, err = s.NewCore(nil).Resource(t, "prefactor_agent_deployment").Run(t.Context(), map[string]any{"agent_id": s.Agent.ID, "environment_id": s.Staging.ID})
		deployments, listErr := s.admin.Deployments(t.Context(), s.Agent.ID)
		must(t, listErr)
		says(t, err, `already deployed.*`+deployments[1].ID+`.*import it`)
	}
}

// Blanks that the platform cuts off would be a replacement in each plan.
func TestAgent_paddedIdentifier(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	for _, identifier := range []string{"", " ", " crm", "crm ", "\tcrm"} {
		_, err := s.NewCore(nil).Resource(t, "prefactor_agent").Plan(t.Context(), map[string]any{"name": "bot", "external_identifier": identifier})
		says(t, err, "begin or end with a blank")
	}
	for _, identifier := range []string{"x", "the crm", "a\nb"} {
		if _, err := s.NewCore(nil).Resource(t, "prefactor_agent").Plan(t.Context(), map[string]any{"name": "bot", "external_identifier": identifier}); err != nil {
			t.Error(err)
		}
	}
}
