package directory

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// unpadded is a text without blanks around it.
var unpadded = regexp.MustCompile(`(?s)^\S(.*\S)?$`)

// NewAgent is the resource prefactor_agent.
func NewAgent() resource.Resource {
	return &object[agentModel, prefactor.Agent]{kind: agentKind()}
}

func agentKind() kind[agentModel, prefactor.Agent] {
	return kind[agentModel, prefactor.Agent]{
		name: "agent",
		noun: "agent",
		description: "An agent that the platform governs, in the account of the provider's own token. " +
			"It runs in the environments that it is deployed to by [`prefactor_agent_deployment`](agent_deployment.md).",
		attributes: map[string]schema.Attribute{
			"account_id":  ownAccount("agent"),
			"created_at":  creation("agent"),
			"name":        name("The agent's name. Changed in place."),
			"description": text("A description for people. Changed in place; leaving it out clears it."),
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
		},
		entry: agentEntry,
		merge: mergeManaged,
		written: func(m, plan agentModel) agentModel {
			m.keep(plan.base)
			m.Name, m.Description = plan.Name, plan.Description
			if !plan.ExternalIdentifier.IsUnknown() {
				m.ExternalIdentifier = plan.ExternalIdentifier
			}
			return m
		},
		read:   tfkit.API.Agent,
		absent: func(api tfkit.API, _ agentModel) tfkit.Object { return agentObject(api, "") },
		remove: tfkit.API.DeleteAgent,
		create: func(ctx context.Context, api tfkit.API, plan agentModel, id string) (prefactor.Created[prefactor.Agent], error) {
			created, err := api.CreateAgent(ctx, prefactor.NewAgent{
				ID: id, Name: plan.Name.ValueString(), Description: plan.Description.ValueString(), ExternalIdentifier: plan.ExternalIdentifier.ValueString(),
			})
			if created.Object.Status.Value != prefactor.AgentRetired {
				// A new agent is not retired, whatever is planned for it, and
				// whatever the platform calls the state that it begins in.
				created.Object.Status = prefactor.Some(prefactor.AgentPending)
			}
			return created, err
		},
		changed: func(plan, state agentModel) bool {
			return !plan.Name.Equal(state.Name) || !plan.Description.Equal(state.Description)
		},
		update: func(ctx context.Context, api tfkit.API, plan, _ agentModel) (prefactor.Agent, error) {
			return api.UpdateAgent(ctx, plan.ID.ValueString(), prefactor.AgentUpdate{Name: plan.Name.ValueString(), Description: clearing(plan.Description)})
		},
		settle:  settleAgent,
		forget:  (*inventory.Inventory).ForgetAgents,
		sibling: func(ctx context.Context, p *tfkit.Provider, _ agentModel) string { return likelyAccount(ctx, p) },
		alike:   alikeAgents,
		inUse: "An agent can be deleted when it is deployed nowhere, none of its tokens is live and the platform keeps no history of it: destroy its " +
			"prefactor_agent_deployment and prefactor_deployment_token resources first, and revoke its other tokens, which data.prefactor_api_tokens lists by agent_id. " +
			"An agent that has to stay for its history can be retired instead: set status = \"retired\" and apply, then run terraform state rm on its address.",
	}
}

// mergeManaged is the merge of an agent that is managed: with one of the two
// states that a person can ask for. A state that is not known to this provider
// would be no difference that anyone could mend, so the one of before stays.
func mergeManaged(m agentModel, a prefactor.Agent) agentModel {
	prior := tfkit.KnownString(m.Status)
	m = m.merge(a)
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

// settleAgent retires or reinstates the agent where that is planned. An answer
// that was lost, and a refusal because someone was faster, end well.
func settleAgent(ctx context.Context, api tfkit.API, plan, m agentModel) (agentModel, error) {
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
			m.Status = mergeManaged(m, found).Status
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
	m.Status = mergeManaged(m, after).Status
	if !m.Status.Equal(plan.Status) {
		return m, fmt.Errorf("the platform took the request and says that the status of agent %s is %s", m.ID.ValueString(), quoted(after.Status.Value))
	}
	return m, nil
}

// alikeAgents are those that have the external identifier of the planned one,
// or its name where it has none.
func alikeAgents(ctx context.Context, api tfkit.API, plan agentModel) ([]prefactor.Agent, string, error) {
	if identifier := plan.ExternalIdentifier.ValueString(); identifier != "" {
		found, err := api.AgentByExternalIdentifier(ctx, identifier)
		if errors.Is(err, prefactor.ErrNotFound) {
			return nil, "external_identifier", nil
		}
		return []prefactor.Agent{found}, "external_identifier", err
	}
	rows, err := inventory.New(api).Agents(ctx)
	return slices.DeleteFunc(rows, func(a prefactor.Agent) bool { return a.Name.Value != plan.Name.ValueString() }), "name", err
}

// agentObject is an agent as tfkit.Get confirms its deletion.
func agentObject(api tfkit.API, id string) tfkit.Object {
	return tfkit.Object{Noun: "agent", ID: id, List: func(ctx context.Context) ([]tfkit.Listed, error) {
		rows, err := api.Agents(ctx)
		return tfkit.ListedAll(rows, err, func(a prefactor.Agent) tfkit.Listed { return tfkit.Listed{ID: a.ID, AccountID: a.AccountID.Value} })
	}}
}
