package directory

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// NewRiskProfile is the resource prefactor_risk_profile.
func NewRiskProfile() resource.Resource {
	return &object[riskProfileModel, prefactor.RiskProfile]{kind: kind[riskProfileModel, prefactor.RiskProfile]{
		source: riskProfiles(),
		name:   "risk_profile",
		description: "A risk profile: how the platform scores the actions and the data of the agents that use it, in the account of the provider's own token. " +
			"An agent uses the profile that its [`risk_profile_id`](agent.md) refers to.\n\n" +
			"The platform does not reject the deletion of a profile that agents use: it stops scoring them. " +
			"The plan that deletes a profile, and the apply, warn of these agents.",
		attributes: map[string]schema.Attribute{
			"name":        name("The profile's name. Changed in place."),
			"description": text("A description for people. Changed in place; leaving it out clears it."),
			"ruleset":     rulesetAttribute(),
		},
		remove: tfkit.API.DeleteRiskProfile,
		create: func(ctx context.Context, api tfkit.API, plan riskProfileModel, id string) (prefactor.Created[prefactor.RiskProfile], error) {
			return api.CreateRiskProfile(ctx, prefactor.NewRiskProfile{
				ID: id, Name: plan.Name.ValueString(), Description: plan.Description.ValueString(), Ruleset: rulesetOf(plan.Ruleset),
			})
		},
		updated: []string{"name", "description", "ruleset"},
		update: func(ctx context.Context, api tfkit.API, plan, state riskProfileModel) (prefactor.RiskProfile, error) {
			u := prefactor.RiskProfileUpdate{Name: plan.Name.ValueString(), Description: clearing(plan.Description)}
			if !sameRuleset(plan.Ruleset, state.Ruleset) {
				u.Ruleset = prefactor.Some(rulesetOf(plan.Ruleset))
			}
			return api.UpdateRiskProfile(ctx, plan.ID.ValueString(), u)
		},
		similarBy: []string{"name"},
		onDestroyPlan: func(ctx context.Context, p *tfkit.Provider, state riskProfileModel, diags *diag.Diagnostics) {
			warnOfUnscored(ctx, p, state, "The risk profile %s is used by %s. After its deletion, the platform no longer scores what these agents do. "+
				"Agents that the same apply deletes or assigns to another profile are not affected. For the others, set risk_profile_id to another profile first.", diags)
		},
		beforeDelete: func(ctx context.Context, p *tfkit.Provider, state riskProfileModel, diags *diag.Diagnostics) {
			warnOfUnscored(ctx, p, state, "The risk profile %s was deleted while it was used by %s. The platform no longer scores what these agents do. "+
				"Set their risk_profile_id to another profile.", diags)
		},
		inUse: "Set risk_profile_id of the agents that use it to another profile first.",
	}}
}

// warnOfUnscored names the agents that use a profile. Source of what happens to
// them: the documentation of the admin page, risk-profile.
func warnOfUnscored(ctx context.Context, p *tfkit.Provider, state riskProfileModel, text string, diags *diag.Diagnostics) {
	users, err := p.API.AgentsWithRiskProfile(ctx, state.ID.ValueString())
	profile := quoted(state.Name.ValueString())
	switch {
	case err != nil:
		diags.AddWarning("Agents may use the risk profile", fmt.Sprintf("The agents that use the risk profile %s could not be listed: %s. After its deletion, the platform no longer scores them.", profile, err))
	case len(users) > 0:
		diags.AddWarning("Agents use the risk profile", fmt.Sprintf(text, profile, listed("agent", users, agents().entry)))
	}
}
