package directory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
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

// unpadded matches a text without white space at its ends.
var unpadded = regexp.MustCompile(`(?s)^\S(.*\S)?$`)

var agents = objectType[prefactor.Agent]{
	noun: "agent",
	attributes: attributes{
		"id":            idOf("agent"),
		"account_id":    accountOf("agent"),
		"created_at":    creationOf("agent"),
		"name":          required("The agent's name.", notEmpty),
		"description":   optional("A description for people"),
		"force_destroy": forceDestroy("agent"),
		"external_identifier": {
			inData: "The agent's name in another system, or null.",
			Attribute: schema.StringAttribute{
				MarkdownDescription: "The agent's name in another system, unique in the account. It can only be set at creation: a change forces a replacement. " +
					"If it is not set, the agent keeps the one that it has.",
				Optional:   true,
				Computed:   true,
				Validators: []validator.String{stringvalidator.RegexMatches(unpadded, "must not be empty, and must not begin or end with a space, which the platform may remove")},
				PlanModifiers: []planmodifier.String{
					stringplanmodifier.UseStateForUnknown(),
					stringplanmodifier.RequiresReplaceIfConfigured(),
				},
			},
		},
		"status": {
			inData: "The status on the platform: `pending`, `active`, `dormant` or `retired`.",
			Attribute: schema.StringAttribute{
				MarkdownDescription: "`active` (the default) or `retired`; a change retires or reinstates the agent in place. " +
					"`active` means not retired: the platform itself changes an agent between pending, active and dormant, and all three are `active` here. " +
					"The data source `prefactor_agent` shows which one it is.",
				Optional:   true,
				Computed:   true,
				Default:    stringdefault.StaticString(prefactor.AgentActive),
				Validators: []validator.String{stringvalidator.OneOf(prefactor.AgentActive, prefactor.AgentRetired)},
			},
		},
		"risk_profile_id": unlisted(assignment("The [risk profile](risk_profile.md) that the platform scores the agent by")),
		"team_id":         assignment("The [team](team.md) that the agent belongs to"),
		"owner_person_id": assignment("The [person](person.md) who owns the agent"),
	},
	entry:      func(a prefactor.Agent) entry { return entry{name: a.Name.Value, id: a.ID} },
	in:         func(i *inventory.Inventory) *inventory.Collection[prefactor.Agent] { return &i.Agents },
	filter:     "risk_profile_id",
	filterText: "List only the agents that use this risk profile.",
}

var agentKind = kind[prefactor.Agent]{
	objectType: agents,
	description: "An agent that the platform governs, in the account of the provider's own token. " +
		"It runs in the environments that it is deployed to by [`prefactor_agent_deployment`](agent_deployment.md).",
	create:       creating(tfkit.API.CreateAgent),
	update:       updating(tfkit.API.UpdateAgent),
	remove:       tfkit.API.DeleteAgent,
	inList:       func(m values) string { return cmp.Or(m.text("risk_profile_id"), prefactor.NoRiskProfile) },
	finish:       finishAgent,
	finalize:     finalizeAgent,
	finalized:    "status",
	similarBy:    []string{"external_identifier", "name"},
	beforeDelete: checkAgentDelete,
	inUse: "An agent can be deleted when it is deployed nowhere, no active or suspended token depends on it, and the platform keeps no history of it: destroy its " +
		"prefactor_agent_deployment and prefactor_deployment_token resources first, and revoke its other tokens, which data.prefactor_api_tokens lists by agent_id. " +
		"To keep the agent for its history, retire it instead: set status = \"retired\" and apply, then run terraform state rm on its address.",
}

// NewAgent is the resource prefactor_agent.
func NewAgent() resource.Resource { return &managedResource[prefactor.Agent]{kind: agentKind} }

// NewAgentList is the list resource prefactor_agent.
func NewAgentList() list.ListResource { return listOf(agentKind) }

// NewAgentData is the data source prefactor_agent.
func NewAgentData() datasource.DataSource {
	return agents.single("One agent of the account of the provider's own token, by its id, by its name or by its external identifier.", map[string]string{
		"id":                  "The id (PFID) of the agent to look up. Either this, `name` or `external_identifier`.",
		"name":                "The exact name of the agent to look up. Either this, `id` or `external_identifier`.",
		"external_identifier": "The name in another system of the agent to look up. Either this, `id` or `name`.",
	}, agents.byName(), lookup[prefactor.Agent]{
		by:      "external_identifier",
		get:     tfkit.API.AgentByExternalIdentifier,
		matches: func(prefactor.Agent, string) bool { return false },
	})
}

// NewAgents is the data source prefactor_agents.
func NewAgents() datasource.DataSource {
	return agents.plural("The agents of the account of the provider's own token, retired ones too. " +
		"The list of the API does not contain the risk profile of an agent: filter by `risk_profile_id`, or read an agent with [`prefactor_agent`](agent.md).")
}

// finishAgent sets one of the two statuses that a person can configure. A status that this
// provider does not know would be a difference that nobody could fix, so the prior one stays.
func finishAgent(merged, prior values) values {
	status := merged.text("status")
	known := []string{prefactor.AgentPending, prefactor.AgentActive, prefactor.AgentDormant}
	switch {
	case status == prefactor.AgentRetired:
	case slices.Contains(known, status), prior.text("status") == "":
		status = prefactor.AgentActive
	default:
		status = prior.text("status")
	}
	return merged.with("status", types.StringValue(status))
}

// finalizeAgent retires or reinstates the agent if that is planned. A lost response is
// no error if the agent has the planned status, nor is a change by someone else.
func finalizeAgent(ctx context.Context, api tfkit.API, plan, m values) (values, error) {
	planned, id := plan.text("status"), m.text("id")
	if planned == m.text("status") {
		return m, nil
	}
	act := api.ReinstateAgent
	if planned == prefactor.AgentRetired {
		act = api.RetireAgent
	}
	after, err := act(ctx, id)
	if err != nil && tfkit.Verifiable(err) {
		if found, readErr := api.Agent(ctx, id); readErr == nil {
			m = m.with("status", finishAgent(merge(m, found), m)["status"])
		}
		if m.text("status") == planned {
			return m, nil
		}
	}
	if err != nil {
		return m, err
	}
	if !after.Status.Known() {
		// The response has no status: the request was accepted.
		after.Status = prefactor.Some(planned)
	}
	m = m.with("status", finishAgent(merge(m, after), m)["status"])
	if m.text("status") != planned {
		return m, fmt.Errorf("the API accepted the request, but the status of agent %s is still %s", id, inventory.Quoted(after.Status.Value))
	}
	return m, nil
}

// checkAgentTokens prevents a deletion that tokens depend on. If the list of tokens
// does not have the agent of a token, the deployment of the token determines it.
func checkAgentTokens(ctx context.Context, p *tfkit.Provider, state values, diags *diag.Diagnostics) {
	if forcesDestroy(state) {
		return
	}
	id := state.text("id")
	deployments, err := p.API.Deployments(ctx, id)
	if err != nil && !errors.Is(err, prefactor.ErrNotFound) {
		p.AddAPIError(diags, "Cannot delete the agent", err)
		return
	}
	checkDependents(ctx, p, "agent", state, func(t prefactor.Token) bool {
		return t.AgentID.Value == id || slices.ContainsFunc(deployments, func(d prefactor.Deployment) bool { return d.ID == t.AgentDeploymentID.Value })
	}, diags)
}

// checkAgentDelete asks whether the platform lets the agent be deleted, which
// depends on its status and on its instances. Reference: queryagentgetdetails.
func checkAgentDelete(ctx context.Context, p *tfkit.Provider, state values, diags *diag.Diagnostics) {
	found, err := p.API.Agent(ctx, state.text("id"))
	if err != nil || !found.AvailableActions.Known() || found.AvailableActions.Value.Delete {
		checkAgentTokens(ctx, p, state, diags)
		return
	}
	detail := fmt.Sprintf("The API does not allow the deletion of the agent %s: available_actions.delete is false. That depends on the agent's status, which is %s, and on its instances",
		agents.entry(found), found.Status.Value)
	if counts := found.InstanceCounts.Value; counts.Total > 0 {
		detail += fmt.Sprintf(", of which there are %d (%d active, %d pending)", counts.Total, counts.Active, counts.Pending)
	}
	detail += ". The agent was not deleted.\n\nWait until its instances have finished, then destroy it again. "
	diags.AddError("Cannot delete the agent", detail+"To keep the agent for its history, run terraform state rm on its address.")
}
