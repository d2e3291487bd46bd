package directory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// unpadded is a text without blanks around it.
var unpadded = regexp.MustCompile(`(?s)^\S(.*\S)?$`)

// NewAgent is the resource prefactor_agent.
func NewAgent() resource.Resource {
	return &object[managedAgent, prefactor.Agent]{kind: agentKind()}
}

// managedAgent is an agent with what only its resource has.
type managedAgent struct {
	agentModel
	destroyable
}

func agentKind() kind[managedAgent, prefactor.Agent] {
	return kind[managedAgent, prefactor.Agent]{
		source: agents(),
		name:   "agent",
		description: "An agent that the platform governs, in the account of the provider's own token. " +
			"It runs in the environments that it is deployed to by [`prefactor_agent_deployment`](agent_deployment.md).",
		attributes: map[string]schema.Attribute{
			"force_destroy": forceDestroy("agent"),
			"account_id":    ownAccount("agent"),
			"created_at":    creation("agent"),
			"name":          name("The agent's name. Changed in place."),
			"description":   text("A description for people. Changed in place; leaving it out clears it."),
			"external_identifier": schema.StringAttribute{
				MarkdownDescription: "The agent's name in another system, unique in the account. The platform takes it at creation only: a change forces a replacement. " +
					"Leaving it out keeps the one that the agent has.",
				Optional:   true,
				Computed:   true,
				Validators: []validator.String{stringvalidator.RegexMatches(unpadded, "must not be empty, nor begin or end with a blank, which platforms cut off")},
				PlanModifiers: []planmodifier.String{
					stringplanmodifier.UseStateForUnknown(),
					stringplanmodifier.RequiresReplaceIfConfigured(),
				},
			},
			"status": schema.StringAttribute{
				MarkdownDescription: "`active` (the default) or `retired`; a change retires or reinstates the agent in place. " +
					"`active` means not retired: between pending, active and dormant the platform moves an agent by itself, and all three count as `active` here. " +
					"The data source `prefactor_agent` shows which one it is.",
				Optional:   true,
				Computed:   true,
				Default:    stringdefault.StaticString(prefactor.AgentActive),
				Validators: []validator.String{stringvalidator.OneOf(prefactor.AgentActive, prefactor.AgentRetired)},
			},
			"risk_profile_id": assignment("The [risk profile](risk_profile.md) that the platform scores the agent by."),
			"team_id":         assignment("The [team](team.md) that the agent belongs to."),
			"owner_person_id": assignment("The [person](person.md) who owns the agent."),
		},
		assigned: []string{"risk_profile_id", "team_id", "owner_person_id"},
		listed:   func(m managedAgent) string { return cmp.Or(m.RiskProfileID.ValueString(), prefactor.NoRiskProfile) },
		remove:   tfkit.API.DeleteAgent,
		create: func(ctx context.Context, api tfkit.API, plan managedAgent, id string) (prefactor.Created[prefactor.Agent], error) {
			created, err := api.CreateAgent(ctx, prefactor.NewAgent{
				ID: id, Name: plan.Name.ValueString(), Description: plan.Description.ValueString(), ExternalIdentifier: plan.ExternalIdentifier.ValueString(),
				RiskProfileID: assigning(plan.RiskProfileID, types.StringNull()),
				TeamID:        assigning(plan.TeamID, types.StringNull()),
				OwnerPersonID: assigning(plan.OwnerPersonID, types.StringNull()),
			})
			if created.Object.Status.Value != prefactor.AgentRetired {
				// A new agent is not retired, whatever is planned for it, and
				// whatever the platform calls the state that it begins in.
				created.Object.Status = prefactor.Some(prefactor.AgentPending)
			}
			return created, err
		},
		updated: []string{"name", "description", "risk_profile_id", "team_id", "owner_person_id"},
		update: func(ctx context.Context, api tfkit.API, plan, state managedAgent) (prefactor.Agent, error) {
			return api.UpdateAgent(ctx, plan.ID.ValueString(), prefactor.AgentUpdate{
				Name: plan.Name.ValueString(), Description: clearing(plan.Description),
				RiskProfileID: assigning(plan.RiskProfileID, state.RiskProfileID),
				TeamID:        assigning(plan.TeamID, state.TeamID),
				OwnerPersonID: assigning(plan.OwnerPersonID, state.OwnerPersonID),
			})
		},
		finalize:     finalizeAgent,
		finalized:    "status",
		similarBy:    []string{"external_identifier", "name"},
		beforeDelete: checkAgentDelete,
		inUse: "An agent can be deleted when it is deployed nowhere, none of its tokens is live and the platform keeps no history of it: destroy its " +
			"prefactor_agent_deployment and prefactor_deployment_token resources first, and revoke its other tokens, which data.prefactor_api_tokens lists by agent_id. " +
			"An agent that has to stay for its history can be retired instead: set status = \"retired\" and apply, then run terraform state rm on its address.",
	}
}

// finish shows one of the two states that a person can ask for. A state that this
// provider does not know is a difference that nobody could fix, so the prior one stays.
func (m managedAgent) finish(before managedAgent, a prefactor.Agent) managedAgent {
	prior := tfkit.KnownString(before.Status)
	switch {
	case a.Status.Value == prefactor.AgentRetired:
		m.Status = types.StringValue(prefactor.AgentRetired)
	case a.Status.Value == prefactor.AgentPending, a.Status.Value == prefactor.AgentActive, a.Status.Value == prefactor.AgentDormant, prior.IsNull():
		m.Status = types.StringValue(prefactor.AgentActive)
	default:
		m.Status = prior
	}
	return m
}

// finalizeAgent retires or reinstates the agent if that is planned. A lost response,
// and an error because someone else has done it, are no errors.
func finalizeAgent(ctx context.Context, api tfkit.API, plan, m managedAgent) (managedAgent, error) {
	if plan.Status.Equal(m.Status) {
		return m, nil
	}
	act := api.ReinstateAgent
	if plan.Status.ValueString() == prefactor.AgentRetired {
		act = api.RetireAgent
	}
	after, err := act(ctx, m.ID.ValueString())
	if err != nil && tfkit.Verifiable(err) {
		if found, readErr := api.Agent(ctx, m.ID.ValueString()); readErr == nil {
			m.Status = merge(m, found).Status
		}
		if m.Status.Equal(plan.Status) {
			return m, nil
		}
	}
	if err != nil {
		return m, err
	}
	if !after.Status.Known() {
		// The platform took the request, and says no more than that.
		m.Status = plan.Status
	}
	m.Status = merge(m, after).Status
	if !m.Status.Equal(plan.Status) {
		return m, fmt.Errorf("the platform took the request and says that the status of agent %s is %s", m.ID.ValueString(), quoted(after.Status.Value))
	}
	return m, nil
}

// checkAgentTokens prevents a deletion that tokens depend on. Where the list of
// tokens does not have the agent of one, its deployment tells.
func checkAgentTokens(ctx context.Context, p *tfkit.Provider, state managedAgent, diags *diag.Diagnostics) {
	if state.ForceDestroy.ValueBool() {
		return
	}
	id := state.ID.ValueString()
	deployments, err := p.API.Deployments(ctx, id)
	if err != nil && !errors.Is(err, prefactor.ErrNotFound) {
		p.AddAPIError(diags, "Cannot delete the agent", err)
		return
	}
	state.checkDependents(ctx, p, "agent", id, state.AccountID.ValueString(), func(t prefactor.Token) bool {
		return t.AgentID.Value == id || slices.ContainsFunc(deployments, func(d prefactor.Deployment) bool { return d.ID == t.AgentDeploymentID.Value })
	}, diags)
}

// checkAgentDelete asks whether the platform lets the agent be deleted, which
// depends on its status and on its instances. Reference: queryagentgetdetails.
func checkAgentDelete(ctx context.Context, p *tfkit.Provider, state managedAgent, diags *diag.Diagnostics) {
	found, err := p.API.Agent(ctx, state.ID.ValueString())
	if err != nil || !found.AvailableActions.Known() || found.AvailableActions.Value.Delete {
		checkAgentTokens(ctx, p, state, diags)
		return
	}
	detail := fmt.Sprintf("The API does not allow the deletion of the agent %s: available_actions.delete is false. That depends on the agent's status, which is %s, and on its instances",
		agents().entry(found), found.Status.Value)
	if counts := found.InstanceCounts.Value; counts.Total > 0 {
		detail += fmt.Sprintf(", of which there are %d (%d active, %d pending)", counts.Total, counts.Active, counts.Pending)
	}
	detail += ". The agent was not deleted.\n\nWait until its instances have finished, then destroy it again. "
	diags.AddError("Cannot delete the agent", detail+"To keep the agent for its history, run terraform state rm on its address.")
}
