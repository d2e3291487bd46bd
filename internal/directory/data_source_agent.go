package directory

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

func agents() source[prefactor.Agent] {
	return source[prefactor.Agent]{
		noun:  "agent",
		entry: func(a prefactor.Agent) entry { return entry{name: a.Name.Value, id: a.ID} },
		in:    func(i *inventory.Inventory) *inventory.Collection[prefactor.Agent] { return &i.Agents },
	}
}

// NewAgentData is the data source prefactor_agent.
func NewAgentData() datasource.DataSource {
	return single(agents(), dataSource[agentModel]{
		name:        "agent",
		description: "One agent of the account of the provider's own token, by its id, by its name or by its external identifier.",
		attributes: with(agentAttributes(), map[string]schema.Attribute{
			"id":                  byID("The id (PFID) of the agent to look up. Either this, `name` or `external_identifier`."),
			"name":                byText("The exact name of the agent to look up. Either this, `id` or `external_identifier`."),
			"risk_profile_id":     computed("The risk profile that the platform scores the agent by, or null."),
			"external_identifier": byText("The name in another system of the agent to look up. Either this, `id` or `name`."),
		}),
	}, agents().byName(), lookup[prefactor.Agent]{
		by:         "external_identifier",
		get:        tfkit.API.AgentByExternalIdentifier,
		matches:    func(prefactor.Agent, string) bool { return false },
		isComplete: true,
	})
}

// NewAgents is the data source prefactor_agents.
func NewAgents() datasource.DataSource {
	return &listing[agentRow, prefactor.Agent]{
		source: agents(),
		dataSource: dataSource[agentRow]{
			name: "agents",
			description: "The agents of the account of the provider's own token, retired ones too. " +
				"The list of the API does not say which risk profile an agent has: select by `risk_profile_id`, or read an agent with [`prefactor_agent`](agent.md).",
			attributes: agentAttributes(),
		},
		filter:     "risk_profile_id",
		filterText: "List only the agents that use this risk profile.",
	}
}

func agentAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":                  computed("The agent's id (PFID)."),
		"name":                computed("The agent's name."),
		"external_identifier": computed("The agent's name in another system, or null."),
		"description":         computed("A description for people, or null."),
		"status":              computed("What the platform says: `pending`, `active`, `dormant` or `retired`."),
		"account_id":          computed("The account that the agent belongs to; null where the platform does not say."),
		"created_at":          moment("When the agent was created"),
		"team_id":             computed("The team that the agent belongs to, or null."),
		"owner_person_id":     computed("The person who owns the agent, or null."),
	}
}
