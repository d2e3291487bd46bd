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
	return &object[managedDeployment, prefactor.Deployment]{kind: deploymentKind()}
}

// managedDeployment is a deployment with what only its resource has.
type managedDeployment struct {
	deploymentModel
	destroyable
}

func (m managedDeployment) merge(d prefactor.Deployment) managedDeployment {
	m.deploymentModel = m.deploymentModel.merge(d)
	return m
}

func deploymentKind() kind[managedDeployment, prefactor.Deployment] {
	return kind[managedDeployment, prefactor.Deployment]{
		name: "agent_deployment",
		noun: "agent deployment",
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
		entry: deploymentEntry,
		merge: managedDeployment.merge,
		written: func(m, plan managedDeployment) managedDeployment {
			m.keep(plan.base)
			m.AgentID, m.EnvironmentID, m.destroyable = plan.AgentID, plan.EnvironmentID, plan.destroyable
			if !plan.CurrentVersionID.IsUnknown() {
				m.CurrentVersionID = plan.CurrentVersionID
			}
			return m
		},
		read: tfkit.API.Deployment,
		absent: func(api tfkit.API, m managedDeployment) tfkit.Object {
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
		changed: func(plan, state managedDeployment) bool {
			return !plan.CurrentVersionID.IsUnknown() && !plan.CurrentVersionID.Equal(state.CurrentVersionID)
		},
		update: func(ctx context.Context, api tfkit.API, plan, _ managedDeployment) (prefactor.Deployment, error) {
			return api.UpdateDeployment(ctx, plan.ID.ValueString(), prefactor.DeploymentUpdate{CurrentVersionID: clearing(plan.CurrentVersionID)})
		},
		check: func(plan managedDeployment, diags *diag.Diagnostics) {
			tfkit.CheckSameAccount(plan.AgentID, plan.EnvironmentID, "An agent is deployed to an environment of its own account.", diags)
		},
		forget: (*inventory.Inventory).ForgetDeployments,
		sibling: func(_ context.Context, _ *tfkit.Provider, plan managedDeployment) string {
			return plan.AgentID.ValueString()
		},
		alike: func(ctx context.Context, api tfkit.API, plan managedDeployment) ([]prefactor.Deployment, string, error) {
			rows, err := inventory.New(api).Deployments(ctx, plan.AgentID.ValueString())
			return slices.DeleteFunc(rows, func(d prefactor.Deployment) bool { return d.EnvironmentID.Value != plan.EnvironmentID.ValueString() }), "environment_id", err
		},
		inUse: "Destroy its prefactor_deployment_token resources first, and revoke its other tokens, which data.prefactor_api_tokens lists by agent_id and environment_id. " +
			"To keep the deployment and only remove it from the state, run terraform state rm on its address.",
	}
}
