package directory

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// NewEnvironment is the resource prefactor_environment.
func NewEnvironment() resource.Resource {
	return &object[managedEnvironment, prefactor.Environment]{kind: environmentKind()}
}

// managedEnvironment is an environment with what only its resource has.
type managedEnvironment struct {
	environmentModel
	destroyable
}

func environmentKind() kind[managedEnvironment, prefactor.Environment] {
	return kind[managedEnvironment, prefactor.Environment]{
		source: environments(),
		name:   "environment",
		description: "An environment, such as production or staging: where agents run. " +
			"An agent is deployed to it by [`prefactor_agent_deployment`](agent_deployment.md).",
		attributes: map[string]schema.Attribute{
			"force_destroy": forceDestroy("environment"),
			"name":          name("The environment's name, such as `production`. Changed in place."),
			"purpose": schema.StringAttribute{
				MarkdownDescription: "What the environment is for: `development`, `staging`, `testing` or `production`. Changed in place. " +
					"If it is not set, the environment keeps the purpose that it has, which the platform chooses for a new one. It cannot be cleared.",
				Optional:      true,
				Computed:      true,
				Validators:    []validator.String{stringvalidator.OneOf(prefactor.Purposes()...)},
				PlanModifiers: stable(),
			},
			"external_identifier": schema.StringAttribute{
				MarkdownDescription: "The environment's name in another system, or null.",
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
		remove: tfkit.API.DeleteEnvironment,
		beforeDelete: func(ctx context.Context, p *tfkit.Provider, state managedEnvironment, diags *diag.Diagnostics) {
			state.checkDependents(ctx, p, "environment", state.ID.ValueString(), state.AccountID.ValueString(), func(t prefactor.Token) bool {
				return t.EnvironmentID.Value == state.ID.ValueString()
			}, diags)
		},
		create: func(ctx context.Context, api tfkit.API, plan managedEnvironment, id string) (prefactor.Created[prefactor.Environment], error) {
			return api.CreateEnvironment(ctx, prefactor.NewEnvironment{
				ID: id, AccountID: plan.AccountID.ValueString(), Name: plan.Name.ValueString(),
				Purpose: plan.Purpose.ValueString(), Description: plan.Description.ValueString(),
			})
		},
		updated: []string{"name", "purpose", "description"},
		update: func(ctx context.Context, api tfkit.API, plan, _ managedEnvironment) (prefactor.Environment, error) {
			return api.UpdateEnvironment(ctx, plan.ID.ValueString(), prefactor.EnvironmentUpdate{
				Name: plan.Name.ValueString(), Purpose: plan.Purpose.ValueString(), Description: clearing(plan.Description),
			})
		},
		complete: func(ctx context.Context, p *tfkit.Provider, plan *managedEnvironment, diags *diag.Diagnostics) bool {
			account, ok := accountFor(ctx, p, plan.AccountID, diags)
			plan.AccountID = types.StringValue(account)
			return ok
		},
		similarBy: []string{"name"},
		inUse:     "To keep the environment and only remove it from the state, run terraform state rm on its address.",
	}
}
