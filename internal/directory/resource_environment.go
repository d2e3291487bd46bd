package directory

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// NewEnvironment is the resource prefactor_environment.
func NewEnvironment() resource.Resource {
	return &object[environmentModel, prefactor.Environment]{kind: environmentKind()}
}

func environmentKind() kind[environmentModel, prefactor.Environment] {
	return kind[environmentModel, prefactor.Environment]{
		name: "environment",
		noun: "environment",
		description: "An environment, such as production or staging: where agents run. " +
			"An agent is deployed to it by [`prefactor_agent_deployment`](agent_deployment.md).",
		attributes: map[string]schema.Attribute{
			"created_at": creation("environment"),
			"name":       name("The environment's name, such as `production`. Changed in place."),
			"purpose": schema.StringAttribute{
				MarkdownDescription: "What the environment is for. Changed in place. Leaving it out keeps what the environment has, which a platform may choose by itself; `\"\"` clears it.",
				Optional:            true,
				Computed:            true,
				PlanModifiers:       stable(),
			},
			"description": text("A description for people. Changed in place; leaving it out clears it."),
			"account_id": schema.StringAttribute{
				MarkdownDescription: "The account that the environment is created in. By default the provider's `account_id`, else the only account that the provider's own token can see. " +
					"A change forces a replacement; a change of the provider's default does not touch environments that exist.",
				Optional:   true,
				Computed:   true,
				Validators: []validator.String{tfkit.PFID()},
				PlanModifiers: []planmodifier.String{
					stringplanmodifier.UseStateForUnknown(),
					stringplanmodifier.RequiresReplaceIfConfigured(),
				},
			},
		},
		entry: environmentEntry,
		merge: environmentModel.merge,
		written: func(m, plan environmentModel) environmentModel {
			m.keep(plan.base)
			m.Name, m.Description = plan.Name, plan.Description
			if !plan.Purpose.IsUnknown() {
				m.Purpose = plan.Purpose
			}
			if !plan.AccountID.IsUnknown() {
				m.AccountID = plan.AccountID
			}
			return m
		},
		read: tfkit.API.Environment,
		absent: func(api tfkit.API, m environmentModel) tfkit.Object {
			account := m.AccountID.ValueString()
			if account == "" {
				return tfkit.Object{}
			}
			return tfkit.Object{List: func(ctx context.Context) ([]tfkit.Listed, error) {
				rows, err := api.Environments(ctx, account)
				return tfkit.ListedAll(rows, err, func(e prefactor.Environment) tfkit.Listed {
					return tfkit.Listed{ID: e.ID, AccountID: e.AccountID.Value}
				})
			}}
		},
		remove: tfkit.API.DeleteEnvironment,
		create: func(ctx context.Context, api tfkit.API, plan environmentModel, id string) (prefactor.Created[prefactor.Environment], error) {
			return api.CreateEnvironment(ctx, prefactor.NewEnvironment{
				ID: id, AccountID: plan.AccountID.ValueString(), Name: plan.Name.ValueString(),
				Purpose: plan.Purpose.ValueString(), Description: plan.Description.ValueString(),
			})
		},
		changed: func(plan, state environmentModel) bool {
			return !plan.Name.Equal(state.Name) || !plan.Purpose.Equal(state.Purpose) || !plan.Description.Equal(state.Description)
		},
		update: func(ctx context.Context, api tfkit.API, plan, _ environmentModel) (prefactor.Environment, error) {
			return api.UpdateEnvironment(ctx, plan.ID.ValueString(), prefactor.EnvironmentUpdate{
				Name: plan.Name.ValueString(), Purpose: plan.Purpose.ValueString(), Description: clearing(plan.Description),
			})
		},
		forget: (*inventory.Inventory).ForgetEnvironments,
		prepare: func(ctx context.Context, p *tfkit.Provider, plan *environmentModel, diags *diag.Diagnostics) bool {
			account, ok := accountFor(ctx, p, plan.AccountID, diags)
			plan.AccountID = types.StringValue(account)
			return ok
		},
		sibling: func(_ context.Context, _ *tfkit.Provider, plan environmentModel) string {
			return plan.AccountID.ValueString()
		},
		alike: func(ctx context.Context, api tfkit.API, plan environmentModel) ([]prefactor.Environment, string, error) {
			rows, err := inventory.New(api).Environments(ctx, plan.AccountID.ValueString())
			return slices.DeleteFunc(rows, func(e prefactor.Environment) bool { return e.Name.Value != plan.Name.ValueString() }), "name", err
		},
		inUse: "An environment can be deleted when no agent is deployed to it and none of its tokens is live: destroy its prefactor_agent_deployment " +
			"and prefactor_deployment_token resources first, and revoke its other tokens, which data.prefactor_api_tokens lists by environment_id. " +
			"To keep the environment and only forget it here, run terraform state rm on its address.",
	}
}
