package directory

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	datasourceschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

var riskProfiles = objectType[prefactor.RiskProfile]{
	noun: "risk profile",
	attributes: attributes{
		"id":          idOf("risk profile"),
		"name":        required("The profile's name.", notEmpty),
		"description": optional("A description for people"),
		"ruleset":     {inData: "How actions and data count.", Attribute: rulesetAttribute, isUnlisted: true},
	},
	entry: func(p prefactor.RiskProfile) entry { return entry{name: p.Name.Value, id: p.ID} },
	in:    func(i *inventory.Inventory) *inventory.Collection[prefactor.RiskProfile] { return &i.RiskProfiles },
}

// NewRiskProfile is the resource prefactor_risk_profile.
func NewRiskProfile() resource.Resource {
	return &managedResource[prefactor.RiskProfile]{kind: kind[prefactor.RiskProfile]{
		objectType: riskProfiles,
		description: "A risk profile: how the platform scores the actions and the data of the agents that use it, in the account of the provider's own token. " +
			"An agent uses the profile that its [`risk_profile_id`](agent.md) refers to.\n\n" +
			"The platform does not reject the deletion of a profile that agents use: it stops scoring these agents. " +
			"The plan that deletes the profile, and the apply, warn and list these agents.",
		create:    creating(tfkit.API.CreateRiskProfile),
		update:    updating(tfkit.API.UpdateRiskProfile),
		remove:    tfkit.API.DeleteRiskProfile,
		similarBy: []string{"name"},
		onDestroyPlan: func(ctx context.Context, p *tfkit.Provider, state values, diags *diag.Diagnostics) {
			warnOfUnscored(ctx, p, state, "The risk profile %s is used by %s. After its deletion, the platform no longer scores the risk of these agents. "+
				"Agents that the same apply deletes, or assigns to another profile, are not affected. For all others, set risk_profile_id to another profile first.", diags)
		},
		beforeDelete: func(ctx context.Context, p *tfkit.Provider, state values, diags *diag.Diagnostics) {
			warnOfUnscored(ctx, p, state, "The risk profile %s was deleted while it was used by %s. The platform no longer scores the risk of these agents. "+
				"Set their risk_profile_id to another profile.", diags)
		},
		inUse: "Set risk_profile_id of the agents that use it to another profile first.",
	}}
}

// NewRiskProfileData is the data source prefactor_risk_profile.
func NewRiskProfileData() datasource.DataSource {
	return riskProfiles.single("One risk profile of the account of the provider's own token, by its id or by its name.", map[string]string{
		"id":   "The id (PFID) of the risk profile to look up. Either this or `name`.",
		"name": "The exact name of the risk profile to look up. Either this or `id`.",
	}, riskProfiles.byName())
}

// NewRiskProfiles is the data source prefactor_risk_profiles.
func NewRiskProfiles() datasource.DataSource {
	return riskProfiles.plural("The risk profiles of the account of the provider's own token. Their rulesets are not in the list of the API: " +
		"[`prefactor_risk_profile`](risk_profile.md) has them.")
}

// NewRiskProfileTemplate is the data source prefactor_risk_profile_template.
func NewRiskProfileTemplate() datasource.DataSource {
	return &dataSource{
		name: "risk_profile_template",
		description: "The ruleset of a template for risk profiles. On the platform, a profile does not change with its template; " +
			"if a configuration refers to this data source, the next apply updates the profile.",
		attributes: map[string]datasourceschema.Attribute{
			"template_name": datasourceschema.StringAttribute{
				MarkdownDescription: "The exact name of the template, such as `Standard`.",
				Required:            true,
				Validators:          []validator.String{notEmpty},
			},
			"ruleset": computedAs(rulesetAttribute, "The template's ruleset, which can be the `ruleset` of a [`prefactor_risk_profile`](../resources/risk_profile.md)."),
		},
		find: func(ctx context.Context, p *tfkit.Provider, config values, diags *diag.Diagnostics) values {
			name := config.text("template_name")
			ruleset, err := p.API.RiskProfileTemplate(ctx, name)
			switch {
			case errors.Is(err, prefactor.ErrNotFound):
				noSuch("template_name", "risk profile template", fmt.Sprintf("There is no template %s. The name must match exactly. The API has no list of templates; the form for a new risk profile on the admin pages shows them.",
					inventory.Quoted(name)), diags)
			case err != nil:
				p.AddAPIError(diags, "Cannot read the risk profile template", err, "template_name")
			}
			return config.with("ruleset", mergeRuleset(types.ObjectNull(rulesetTypes), ruleset))
		},
	}
}

// warnOfUnscored names the agents that use a profile. Source of what happens to
// them: the documentation of the admin page, risk-profile.
func warnOfUnscored(ctx context.Context, p *tfkit.Provider, state values, text string, diags *diag.Diagnostics) {
	users, err := p.API.AgentsWithRiskProfile(ctx, state.text("id"))
	profile := inventory.Quoted(state.text("name"))
	switch {
	case err != nil:
		diags.AddWarning("Agents may use the risk profile", fmt.Sprintf("The agents that use the risk profile %s could not be listed: %s. After its deletion, the platform no longer scores them.", profile, err))
	case len(users) > 0:
		diags.AddWarning("Agents use the risk profile", fmt.Sprintf(text, profile, agents.describe(users)))
	}
}
