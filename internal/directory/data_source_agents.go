package directory

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// NewAgents is the data source prefactor_agents.
func NewAgents() datasource.DataSource {
	return &listing[agentRow, prefactor.Agent]{
		name: "agents",
		noun: "agent",
		description: "The agents of the account of the provider's own token, retired ones too. " +
			"The list of the API does not say which risk profile an agent has: select by `risk_profile_id`, or read an agent with [`prefactor_agent`](agent.md).",
		attributes: agentAttributes(),
		filter:     "risk_profile_id",
		filterText: "List only the agents that use this risk profile.",
		entry:      agentEntry,
		merge:      agentRow.merge,
		list:       (*inventory.Inventory).AgentsWithRiskProfile,
	}
}
