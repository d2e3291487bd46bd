package directory

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// NewAgentDeployment is the resource prefactor_agent_deployment.
func NewAgentDeployment() resource.Resource {
	return &object[managedDeployment, prefactor.Deployment]{kind: deploymentKind()}
}

// managedDeployment is a deployment with what only its resource has.
type managedDeployment struct {
	deploymentModel
	destroyable
}

func deploymentKind() kind[managedDeployment, prefactor.Deployment] {
	return kind[managedDeployment, prefactor.Deployment]{
		source: deployments(),
		name:   "agent_deployment",
		description: "An agent in an environment. There is at most one deployment of an agent in an environment; to manage one that exists already, import it.\n\n" +
			"A [`prefactor_deployment_token`](deployment_token.md) belongs to a deployment, and the platform creates the deployment with the token if there is none. " +
			"In the token, refer to `agent_id` and `environment_id` of this resource instead of those of the agent and the environment: then the token is created " +
			"after the deployment and destroyed before it. Without such a reference, this resource adopts a deployment that was created during the same apply.",
		attributes: map[string]schema.Attribute{
			"account_id":     ownAccount("agent deployment"),
			"created_at":     creation("agent deployment"),
			"force_destroy":  forceDestroy("agent deployment"),
			"agent_id":       reference("The agent that is deployed."),
			"environment_id": reference("The environment that it is deployed to, of the same account."),
			"current_version_id": schema.StringAttribute{
				MarkdownDescription: "The id of the version of the agent that runs in the environment. Changed in place; `\"\"` clears it. " +
					"Only set it if nothing else does: an agent that registers a new version moves the deployment to it, and each apply then moves it back. " +
					"If it is not set, it shows the version as of the last refresh, and Terraform never changes it.",
				Optional:      true,
				Computed:      true,
				PlanModifiers: stable(),
			},
		},
		parent: func(i *inventory.Inventory, m managedDeployment) *tfkit.Parent {
			agent := managedAgent{agentModel: agentModel{agentRow: agentRow{ID: m.AgentID, AccountID: m.AccountID}}}
			return &tfkit.Parent{Object: agentKind().object(i, agent), Read: func(ctx context.Context) error {
				_, err := i.Agents.ReadNow(ctx, m.AgentID.ValueString())
				return err
			}}
		},
		remove: tfkit.API.DeleteDeployment,
		beforeDelete: func(ctx context.Context, p *tfkit.Provider, state managedDeployment, diags *diag.Diagnostics) {
			state.checkDependents(ctx, p, "agent deployment", state.ID.ValueString(), state.AccountID.ValueString(), func(t prefactor.Token) bool {
				return t.AgentDeploymentID.Value == state.ID.ValueString()
			}, diags)
		},
		adoptsRecent: true,
		create: func(ctx context.Context, api tfkit.API, plan managedDeployment, id string) (prefactor.Created[prefactor.Deployment], error) {
			return api.CreateDeployment(ctx, prefactor.NewDeployment{
				ID: id, AgentID: plan.AgentID.ValueString(), EnvironmentID: plan.EnvironmentID.ValueString(),
				CurrentVersionID: plan.CurrentVersionID.ValueString(),
			})
		},
		updated: []string{"current_version_id"},
		update: func(ctx context.Context, api tfkit.API, plan, _ managedDeployment) (prefactor.Deployment, error) {
			return api.UpdateDeployment(ctx, plan.ID.ValueString(), prefactor.DeploymentUpdate{CurrentVersionID: clearing(plan.CurrentVersionID)})
		},
		check: func(plan managedDeployment, diags *diag.Diagnostics) {
			tfkit.CheckSameAccount(plan.AgentID, plan.EnvironmentID, "An agent is deployed to an environment of its own account.", diags)
		},
		similarBy: []string{"environment_id"},
		inUse: "Destroy its prefactor_deployment_token resources first, and revoke its other tokens, which data.prefactor_api_tokens lists by agent_id and environment_id. " +
			"To keep the deployment and only remove it from the state, run terraform state rm on its address.",
	}
}
