package directory

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// NewAgentDeployment is the resource prefactor_agent_deployment.
func NewAgentDeployment() resource.Resource {
	return &object[deploymentModel, prefactor.Deployment]{kind: deploymentKind()}
}

func deploymentKind() kind[deploymentModel, prefactor.Deployment] {
	return kind[deploymentModel, prefactor.Deployment]{
		name: "agent_deployment",
		noun: "agent deployment",
		description: "An agent in an environment. There is at most one deployment of an agent in an environment; to manage one that exists already, import it.\n\n" +
			"A [`prefactor_deployment_token`](deployment_token.md) belongs to a deployment. Have it refer to `agent_id` and `environment_id` of this resource " +
			"rather than of the agent and the environment: then it is created after the deployment, and destroyed before it.",
		attributes: map[string]schema.Attribute{
			"account_id":     ownAccount("agent deployment"),
			"created_at":     creation("agent deployment"),
			"agent_id":       reference("The agent that is deployed."),
			"environment_id": reference("The environment that it is deployed to, of the same account."),
			"current_version_id": schema.StringAttribute{
				MarkdownDescription: "The id of the version of the agent that is to run in the environment. Changed in place. " +
					"Leaving it out keeps whichever the platform has, as of the last refresh: null before a version has run there. `\"\"` clears it.",
				Optional:      true,
				Computed:      true,
				PlanModifiers: stable(),
			},
		},
		entry: deploymentEntry,
		merge: deploymentModel.merge,
		written: func(m, plan deploymentModel) deploymentModel {
			m.keep(plan.base)
			m.AgentID, m.EnvironmentID = plan.AgentID, plan.EnvironmentID
			if !plan.CurrentVersionID.IsUnknown() {
				m.CurrentVersionID = plan.CurrentVersionID
			}
			return m
		},
		read: tfkit.API.Deployment,
		absent: func(api tfkit.API, m deploymentModel) tfkit.Object {
			agent := m.AgentID.ValueString()
			if agent == "" {
				return tfkit.Object{}
			}
			return tfkit.Object{
				Of: agent,
				List: func(ctx context.Context) ([]tfkit.Listed, error) {
					rows, err := api.Deployments(ctx, agent)
					return tfkit.ListedAll(rows, err, func(d prefactor.Deployment) tfkit.Listed { return tfkit.Listed{ID: d.ID, AccountID: d.AccountID.Value} })
				},
				Parent: &tfkit.Parent{Object: agentObject(api, agent), Read: func(ctx context.Context) error {
					_, err := api.Agent(ctx, agent)
					return err
				}},
			}
		},
		remove: tfkit.API.DeleteDeployment,
		create: func(ctx context.Context, api tfkit.API, plan deploymentModel, id string) (prefactor.Created[prefactor.Deployment], error) {
			return api.CreateDeployment(ctx, prefactor.NewDeployment{
				ID: id, AgentID: plan.AgentID.ValueString(), EnvironmentID: plan.EnvironmentID.ValueString(),
				CurrentVersionID: plan.CurrentVersionID.ValueString(),
			})
		},
		changed: func(plan, state deploymentModel) bool { return !plan.CurrentVersionID.Equal(state.CurrentVersionID) },
		update: func(ctx context.Context, api tfkit.API, plan, _ deploymentModel) (prefactor.Deployment, error) {
			return api.UpdateDeployment(ctx, plan.ID.ValueString(), prefactor.DeploymentUpdate{CurrentVersionID: clearing(plan.CurrentVersionID)})
		},
		check: func(plan deploymentModel, diags *diag.Diagnostics) {
			tfkit.CheckSameAccount(plan.AgentID, plan.EnvironmentID, "An agent is deployed to an environment of its own account.", diags)
		},
		forget: (*inventory.Inventory).ForgetDeployments,
		sibling: func(_ context.Context, _ *tfkit.Provider, plan deploymentModel) string {
			return plan.AgentID.ValueString()
		},
		alike: func(ctx context.Context, api tfkit.API, plan deploymentModel) ([]prefactor.Deployment, string, error) {
			rows, err := inventory.New(api).Deployments(ctx, plan.AgentID.ValueString())
			return slices.DeleteFunc(rows, func(d prefactor.Deployment) bool { return d.EnvironmentID.Value != plan.EnvironmentID.ValueString() }), "environment_id", err
		},
		inUse: "A deployment can be deleted when none of its tokens is live: destroy its prefactor_deployment_token resources first, " +
			"and revoke its other tokens, which data.prefactor_api_tokens lists by agent_id and environment_id. " +
			"To keep the deployment and only forget it here, run terraform state rm on its address.",
	}
}
