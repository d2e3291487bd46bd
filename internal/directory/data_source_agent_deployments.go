package directory

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

type deploymentsModel struct {
	AgentID          types.String      `tfsdk:"agent_id"`
	AgentDeployments []deploymentModel `tfsdk:"agent_deployments"`
}

// NewAgentDeployments is the data source prefactor_agent_deployments.
func NewAgentDeployments() datasource.DataSource {
	return &lookup[deploymentsModel]{
		name:        "agent_deployments",
		description: "The deployments of an agent: the environments that it runs in.",
		attributes: map[string]schema.Attribute{
			"agent_id": schema.StringAttribute{
				MarkdownDescription: "The agent whose deployments to list.",
				Required:            true,
				Validators:          []validator.String{tfkit.PFID()},
			},
			"agent_deployments": schema.ListNestedAttribute{
				MarkdownDescription: "The deployments, in the order of their ids, which is that of their creation.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: deploymentAttributes()},
			},
		},
		find: findDeployments,
	}
}

func findDeployments(ctx context.Context, p *tfkit.Provider, config deploymentsModel, diags *diag.Diagnostics) deploymentsModel {
	rows, err := inventory.Of(p).Deployments(ctx, config.AgentID.ValueString())
	if err != nil {
		addListError(p, "agent deployment", err, diags, "agent_id")
	}
	config.AgentDeployments = []deploymentModel{}
	for _, d := range sorted(rows, deploymentEntry) {
		config.AgentDeployments = append(config.AgentDeployments, deploymentModel{}.merge(d))
	}
	return config
}
