package directory_test

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
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
				text(agentAt, "status", "active"), value(agentAt, "created_at", knownvalue.NotNull()),
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
	s.testInProcess(t, resource.TestStep{
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
	for _, status := range []int{409, 422, 400} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			t.Parallel()
			s := newStage(t, emulator.Variant{RefusedStatus: status})
			var id string
			run := s.testInProcess
			if status == 409 {
				run = s.test
			}
			run(t,
				resource.TestStep{
					Config: agentConfig("name = \"bot\"\n force_destroy = true"),
					Check: func(state *terraform.State) error {
						if err := acctest.IDOf(agentAt, &id)(state); err != nil {
							return err
						}
						return s.SetActiveInstances(id, 1)
					},
				},
				resource.TestStep{
					Config:      agentConfig("name = \"bot\"\n force_destroy = true"),
					Destroy:     true,
					ExpectError: regexp.MustCompile(`(?s)does\s+not\s+allow\s+the\s+deletion.*1\s+active.*Wait\s+until\s+its\s+instances`),
				},
				resource.TestStep{
					Config: agentConfig("name = \"bot\"\n force_destroy = true\n status = \"retired\""),
					Check:  s.statusAt(t, &id, "retired"),
				},
				resource.TestStep{
					PreConfig:        func() { must(t, s.SetActiveInstances(id, 0)) },
					Config:           agentConfig("name = \"bot\"\n force_destroy = true\n status = \"retired\""),
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

		// A deployment of this apply would be adopted: a token may have made it.
		s.Clock.Advance(2 * acctest.Later)
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
		says(t, err, "begin or end with a space")
	}
	for _, identifier := range []string{"x", "the crm", "a\nb"} {
		if _, err := s.NewCore(nil).Resource(t, "prefactor_agent").Plan(t.Context(), map[string]any{"name": "bot", "external_identifier": identifier}); err != nil {
			t.Error(err)
		}
	}
}

// What is assigned elsewhere stays until the argument is set; from then on it
// is managed, and removing the argument clears it.
func TestAgent_assignments(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	strict, lenient := s.AddRiskProfile(s.Account.ID, "Strict"), s.AddRiskProfile(s.Account.ID, "Lenient")
	team := s.AddTeam(s.Account.ID, "Support")
	ada := s.AddPerson(s.Account.ID, "Ada", "ada@example.com")
	var id string
	assign := func(profile string) func() {
		return func() {
			_, err := s.admin.UpdateAgent(t.Context(), id, prefactor.AgentUpdate{RiskProfileID: prefactor.Some(profile)})
			must(t, err)
		}
	}
	at := func(profile, teamID, person string) resource.TestCheckFunc {
		return func(*terraform.State) error {
			found, err := s.admin.Agent(t.Context(), id)
			if got := []string{found.RiskProfileID.Value, found.TeamID.Value, found.OwnerPersonID.Value}; err == nil && !slices.Equal(got, []string{profile, teamID, person}) {
				err = fmt.Errorf("the platform has %v", got)
			}
			return err
		}
	}
	bot := func(rest string) string { return agentConfig("name = \"bot\"\n" + rest) }
	s.keepsInProcess(t,
		resource.TestStep{Config: bot(`team_id = "Support"`), ExpectError: regexp.MustCompile("Invalid Prefactor id")},
		resource.TestStep{
			Config:            bot(""),
			ConfigStateChecks: []statecheck.StateCheck{value(agentAt, "risk_profile_id", knownvalue.Null()), value(agentAt, "team_id", knownvalue.Null())},
			Check:             acctest.IDOf(agentAt, &id),
		},
		resource.TestStep{
			PreConfig:         assign(strict.ID),
			Config:            bot(`description = "Answers"`),
			ConfigPlanChecks:  does(agentAt, plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{text(agentAt, "risk_profile_id", strict.ID)},
			Check:             at(strict.ID, "", ""),
		},
		resource.TestStep{
			Config:            bot(fmt.Sprintf("risk_profile_id = %q\n team_id = %q\n owner_person_id = %q", lenient.ID, team.ID, ada.ID)),
			ConfigPlanChecks:  does(agentAt, plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{text(agentAt, "risk_profile_id", lenient.ID)},
			Check:             at(lenient.ID, team.ID, ada.ID),
		},
		resource.TestStep{
			PreConfig:        assign(strict.ID),
			Config:           bot(fmt.Sprintf("risk_profile_id = %q\n team_id = %q\n owner_person_id = null", lenient.ID, team.ID)),
			ConfigPlanChecks: does(agentAt, plancheck.ResourceActionUpdate),
			Check:            at(lenient.ID, team.ID, ""),
		},
		resource.TestStep{
			Config:            bot(fmt.Sprintf("team_id = %q", team.ID)),
			ConfigPlanChecks:  does(agentAt, plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{value(agentAt, "risk_profile_id", knownvalue.Null())},
			Check:             at("", team.ID, ""),
		},
		resource.TestStep{
			PreConfig:         assign(strict.ID),
			Config:            bot(fmt.Sprintf("team_id = %q", team.ID)),
			ConfigPlanChecks:  does(agentAt, plancheck.ResourceActionNoop),
			ConfigStateChecks: []statecheck.StateCheck{text(agentAt, "risk_profile_id", strict.ID)},
			Check:             at(strict.ID, team.ID, ""),
		},
		resource.TestStep{
			// Only what changes is sent: a rename leaves the others alone.
			PreConfig: s.ResetRequests,
			Config:    agentConfig(fmt.Sprintf("name = \"renamed\"\n team_id = %q", team.ID)),
			Check: func(*terraform.State) error {
				for _, r := range s.Requests() {
					if r.Method == http.MethodPut && strings.Contains(string(r.Body), "_id\"") {
						return fmt.Errorf("sent %s", r.Body)
					}
				}
				return nil
			},
		},
	)
}

// What was cleared elsewhere after the argument was removed is no longer managed.
func TestAgent_assignmentCleared(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	team := s.AddTeam(s.Account.ID, "Support")
	agent := s.NewCore(nil).Resource(t, "prefactor_agent")
	_, err := agent.Run(t.Context(), map[string]any{"name": "bot", "team_id": team.ID})
	must(t, err)
	assign := func(f prefactor.Field[string]) {
		_, err := s.admin.UpdateAgent(t.Context(), agent.Text("id"), prefactor.AgentUpdate{TeamID: f})
		must(t, err)
	}
	assign(prefactor.Null[string]())
	if action, err := agent.Run(t.Context(), map[string]any{"name": "bot"}); err != nil || action != acctest.NoOp {
		t.Errorf("%s, %v", action, err)
	}
	assign(prefactor.Some(team.ID))
	if action, err := agent.Run(t.Context(), map[string]any{"name": "bot"}); err != nil || action != acctest.NoOp || agent.Text("team_id") != team.ID {
		t.Errorf("%s, %v, %q", action, err, agent.Text("team_id"))
	}
}

// An imported agent keeps its assignments, configured or not.
func TestAgent_importedAssignments(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	team := s.AddTeam(s.Account.ID, "Support")
	created, err := s.admin.CreateAgent(t.Context(), prefactor.NewAgent{Name: "bot", TeamID: prefactor.Some(team.ID)})
	must(t, err)
	for _, teamID := range []any{nil, team.ID} {
		agent := s.NewCore(nil).Resource(t, "prefactor_agent")
		must(t, agent.Import(t.Context(), created.Object.ID))
		if action, err := agent.Run(t.Context(), map[string]any{"name": "bot", "team_id": teamID}); err != nil || action != acctest.NoOp || agent.Text("team_id") != team.ID {
			t.Errorf("%s, %v", action, err)
		}
	}
}

// Why an agent cannot be deleted is said before the deletion is tried.
func TestAgent_deleteNotAvailable(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"active", "retired"} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, emulator.Variant{})
			agent := s.NewCore(nil).Resource(t, "prefactor_agent")
			_, err := agent.Run(t.Context(), map[string]any{"name": "bot", "status": status})
			must(t, err)
			s.Inject(emulator.Fault{
				Method: "GET", Path: "/agent/:id", Kind: emulator.FaultRaw, Status: 200, Header: map[string][]string{"Content-Type": {"application/json"}},
				Body: fmt.Appendf(nil, `{"status":"success","details":{"id":%q,"name":"bot","status":%q,"available_actions":{"delete":false},"instance_counts":{"total":3,"active":1,"pending":0}}}`,
					agent.Text("id"), status),
			})
			s.ResetRequests()
			_, err = agent.Run(t.Context(), nil)
			says(t, err, `available_actions\.delete is false.* its status, which is `+status+`|agent's status, which is `+status)
			says(t, err, `3 \(1 active, 0 pending\).*Wait until its instances have finished`)
			for _, r := range s.Requests() {
				if r.Method == http.MethodDelete {
					t.Error("the deletion was tried")
				}
			}
		})
	}
}
