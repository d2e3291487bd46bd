package directory

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// NewAgentDeploymentData is the data source prefactor_agent_deployment.
func NewAgentDeploymentData() datasource.DataSource {
	return &lookup[deploymentModel]{
		name:        "agent_deployment",
		description: "The deployment of an agent in an environment: by its id, or by agent and environment, of which there is at most one.",
		attributes: with(deploymentAttributes(), map[string]schema.Attribute{
			"id":             byID("The id (PFID) of the deployment to look up. Either this, or `agent_id` and `environment_id`."),
			"agent_id":       byID("The agent whose deployment to look up, together with `environment_id`."),
			"environment_id": byID("The environment in which it is deployed, together with `agent_id`."),
		}),
		validators: []datasource.ConfigValidator{
			datasourcevalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("agent_id")),
			datasourcevalidator.RequiredTogether(path.MatchRoot("agent_id"), path.MatchRoot("environment_id")),
		},
		find: findDeployment,
	}
}

// deploymentAttributes describes the fields of deploymentModel.
func deploymentAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":                 computed("The deployment's id (PFID)."),
		"agent_id":           computed("The agent that is deployed."),
		"environment_id":     computed("The environment that it is deployed to."),
		"account_id":         computed("The account that the deployment belongs to."),
		"current_version_id": computed("The version of the agent that runs there; null before one has."),
		"created_at":         moment("When the deployment was created"),
	}
}

func findDeployment(ctx context.Context, p *tfkit.Provider, config deploymentModel, diags *diag.Diagnostics) deploymentModel {
	id := config.ID.ValueString()
	var found prefactor.Deployment
	if id == "" {
		rows, err := inventory.Of(p).Deployments(ctx, config.AgentID.ValueString())
		if err != nil {
			addListError(p, "agent deployment", err, diags, "agent_id")
			return config
		}
		for _, d := range rows {
			if d.EnvironmentID.Value == config.EnvironmentID.ValueString() {
				found = d
			}
		}
		if found.ID == "" {
			noSuch("environment_id", "agent deployment", fmt.Sprintf(
				"Agent %s is not deployed to environment %s. It has %s. To deploy it there, add a prefactor_agent_deployment resource.",
				config.AgentID.ValueString(), config.EnvironmentID.ValueString(), listed("agent deployment", rows, deploymentPlace)), diags)
			return config
		}
		id = found.ID
	}
	if found.ID == "" {
		var err error
		if found, err = p.API.Deployment(ctx, id); err != nil {
			addLookupError(p, "agent deployment", id, err, diags)
		}
	}
	return config.merge(found)
}

// deploymentPlace is a deployment as the errors about its agent list it.
func deploymentPlace(d prefactor.Deployment) entry {
	return entry{"", d.ID + " in environment " + d.EnvironmentID.Value}
}
