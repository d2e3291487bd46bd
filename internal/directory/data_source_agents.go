package directory

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

type agentsModel struct {
	Agents []agentModel `tfsdk:"agents"`
}

// NewAgents is the data source prefactor_agents.
func NewAgents() datasource.DataSource {
	return &lookup[agentsModel]{
		name:        "agents",
		description: "The agents of the account of the provider's own token, retired ones too.",
		attributes: map[string]schema.Attribute{
			"agents": schema.ListNestedAttribute{
				MarkdownDescription: "The agents, in the order of their names; those of one name in the order of their ids, which is that of their creation.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: agentAttributes()},
			},
		},
		find: findAgents,
	}
}

func findAgents(ctx context.Context, p *tfkit.Provider, config agentsModel, diags *diag.Diagnostics) agentsModel {
	rows, err := inventory.Of(p).Agents(ctx)
	if err != nil {
		addListError(p, "agent", err, diags)
	}
	config.Agents = []agentModel{}
	for _, a := range sorted(rows, agentEntry) {
		config.Agents = append(config.Agents, agentModel{}.merge(a))
	}
	return config
}
