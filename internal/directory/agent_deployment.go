package directory

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

var deployments = objectType[prefactor.Deployment]{
	noun: "agent deployment",
	attributes: attributes{
		"id":             idOf("agent deployment"),
		"account_id":     accountOf("agent deployment"),
		"created_at":     creationOf("agent deployment"),
		"force_destroy":  forceDestroy("agent deployment"),
		"agent_id":       reference("The agent that is deployed."),
		"environment_id": reference("The environment that it is deployed to, of the same account."),
		"current_version_id": {
			inData: "The version of the agent that runs there; null if no version has run there yet.",
			Attribute: schema.StringAttribute{
				MarkdownDescription: "The id of the version of the agent that runs in the environment. Changed in place; `\"\"` clears it. " +
					"Only set it if nothing else does: an agent that registers a new version moves the deployment to it, and each apply then moves it back. " +
					"If it is not set, it shows the version as of the last refresh, and Terraform never changes it.",
				Optional:      true,
				Computed:      true,
				PlanModifiers: stable,
			},
		},
	},
	entry: func(d prefactor.Deployment) entry {
		return entry{id: d.ID, account: d.AccountID.Value, detail: " in environment " + d.EnvironmentID.Value}
	},
	in:         func(i *inventory.Inventory) *inventory.Collection[prefactor.Deployment] { return &i.Deployments },
	of:         ofAgent,
	filter:     "agent_id",
	filterText: "The agent whose deployments to list.",
}

var deploymentKind = kind[prefactor.Deployment]{
	objectType: deployments,
	description: "An agent in an environment. There is at most one deployment of an agent in an environment; to manage one that exists already, import it.\n\n" +
		"A [`prefactor_deployment_token`](deployment_token.md) belongs to a deployment, and the platform creates the deployment with the token if there is none. " +
		"In the token, refer to `agent_id` and `environment_id` of this resource instead of those of the agent and the environment: the token is then created " +
		"after the deployment and destroyed before it. Without such a reference, this resource adopts a deployment that was created during the same apply.",
	check: func(plan values, diags *diag.Diagnostics) {
		agentID, _ := plan["agent_id"].(types.String)
		environmentID, _ := plan["environment_id"].(types.String)
		tfkit.CheckSameAccount(agentID, environmentID, "An agent is deployed to an environment of its own account.", diags)
	},
	create: creating(tfkit.API.CreateDeployment),
	update: updating(tfkit.API.UpdateDeployment),
	remove: tfkit.API.DeleteDeployment,
	parent: func(i *inventory.Inventory, m values) *tfkit.Parent {
		agent := values{"id": m["agent_id"], "account_id": m["account_id"]}
		return &tfkit.Parent{Object: agentKind.confirmable(i, agent), Read: func(ctx context.Context) error {
			_, err := i.Agents.ReadNow(ctx, m.text("agent_id"))
			return err
		}}
	},
	beforeDelete: func(ctx context.Context, p *tfkit.Provider, state values, diags *diag.Diagnostics) {
		checkDependents(ctx, p, "agent deployment", state, func(t prefactor.Token) bool { return t.AgentDeploymentID.Value == state.text("id") }, diags)
	},
	adoptsRecent: true,
	similarBy:    []string{"environment_id"},
	inUse: "Destroy its prefactor_deployment_token resources first, and revoke its other tokens, which data.prefactor_api_tokens lists by agent_id and environment_id. " +
		"To keep the deployment and only remove it from the state, run terraform state rm on its address.",
}

// NewAgentDeployment is the resource prefactor_agent_deployment.
func NewAgentDeployment() resource.Resource {
	return &managedResource[prefactor.Deployment]{kind: deploymentKind}
}

// NewAgentDeploymentList is the list resource prefactor_agent_deployment.
func NewAgentDeploymentList() list.ListResource {
	l := listOf(deploymentKind)
	l.kind.filterText = "List only the deployments of this agent. By default those of all agents, with one request for each agent."
	l.titles = deploymentTitles
	l.everything = (*inventory.Inventory).AllDeployments
	return l
}

// NewAgentDeploymentData is the data source prefactor_agent_deployment.
func NewAgentDeploymentData() datasource.DataSource {
	return deployments.single("The deployment of an agent in an environment: by its id, or by agent and environment, of which there is at most one.", map[string]string{
		"id":             "The id (PFID) of the deployment to look up. Either this, or `agent_id` and `environment_id`.",
		"agent_id":       "The agent whose deployment to look up, together with `environment_id`.",
		"environment_id": "The environment in which it is deployed, together with `agent_id`.",
	}, lookup[prefactor.Deployment]{
		by:      "environment_id",
		matches: func(d prefactor.Deployment, environment string) bool { return d.EnvironmentID.Value == environment },
		hint:    " To deploy the agent there, add a prefactor_agent_deployment resource.",
	})
}

// NewAgentDeployments is the data source prefactor_agent_deployments.
func NewAgentDeployments() datasource.DataSource {
	return deployments.plural("The deployments of an agent: the environments that it runs in.")
}

// deploymentTitles have the names of the agents and the environments, or their ids
// if the names are not available.
func deploymentTitles(ctx context.Context, p *tfkit.Provider, all []prefactor.Deployment) []string {
	scopes := make([]prefactor.Token, 0, len(all))
	for _, d := range all {
		scopes = append(scopes, prefactor.Token{AgentID: d.AgentID, EnvironmentID: d.EnvironmentID, AccountID: d.AccountID})
	}
	names, _ := p.Inventory.Names(ctx, scopes)
	titled := func(name, id string) string {
		if name == "" {
			return id
		}
		return inventory.Quoted(name)
	}
	titles := make([]string, 0, len(all))
	for _, d := range all {
		agent, environment := d.AgentID.Value, d.EnvironmentID.Value
		titles = append(titles, titled(names.Agents[agent], agent)+" in "+titled(names.Environments[environment], environment)+" ("+d.ID+")")
	}
	return titles
}
