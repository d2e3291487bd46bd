package directory

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

func deployments() source[prefactor.Deployment] {
	return source[prefactor.Deployment]{
		noun: "agent deployment",
		entry: func(d prefactor.Deployment) entry {
			return entry{id: d.ID, account: d.AccountID.Value, detail: " in environment " + d.EnvironmentID.Value}
		},
		in: func(i *inventory.Inventory) *inventory.Collection[prefactor.Deployment] { return &i.Deployments },
		of: ofAgent,
	}
}

// NewAgentDeploymentData is the data source prefactor_agent_deployment.
func NewAgentDeploymentData() datasource.DataSource {
	return single(deployments(), dataSource[deploymentModel]{
		name:        "agent_deployment",
		description: "The deployment of an agent in an environment: by its id, or by agent and environment, of which there is at most one.",
		attributes: with(deploymentAttributes(), map[string]schema.Attribute{
			"id":             byID("The id (PFID) of the deployment to look up. Either this, or `agent_id` and `environment_id`."),
			"agent_id":       byID("The agent whose deployment to look up, together with `environment_id`."),
			"environment_id": byID("The environment in which it is deployed, together with `agent_id`."),
		}),
	}, lookup[prefactor.Deployment]{
		by:         "environment_id",
		matches:    func(d prefactor.Deployment, environment string) bool { return d.EnvironmentID.Value == environment },
		isComplete: true,
		hint:       " To deploy the agent there, add a prefactor_agent_deployment resource.",
	})
}

// NewAgentDeployments is the data source prefactor_agent_deployments.
func NewAgentDeployments() datasource.DataSource {
	return &listing[deploymentModel, prefactor.Deployment]{
		source: deployments(),
		dataSource: dataSource[deploymentModel]{
			name:        "agent_deployments",
			description: "The deployments of an agent: the environments that it runs in.",
			attributes:  deploymentAttributes(),
		},
		filter:     "agent_id",
		filterText: "The agent whose deployments to list.",
	}
}

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
