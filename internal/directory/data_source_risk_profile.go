package directory

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

func riskProfiles() source[prefactor.RiskProfile] {
	return source[prefactor.RiskProfile]{
		noun:  "risk profile",
		entry: func(p prefactor.RiskProfile) entry { return entry{name: p.Name.Value, id: p.ID} },
		in:    func(i *inventory.Inventory) *inventory.Collection[prefactor.RiskProfile] { return &i.RiskProfiles },
	}
}

// NewRiskProfileData is the data source prefactor_risk_profile.
func NewRiskProfileData() datasource.DataSource {
	return single(riskProfiles(), dataSource[riskProfileModel]{
		name:        "risk_profile",
		description: "One risk profile of the account of the provider's own token, by its id or by its name.",
		attributes: with(riskProfileAttributes(), map[string]schema.Attribute{
			"id":      byID("The id (PFID) of the risk profile to look up. Either this or `name`."),
			"name":    byText("The exact name of the risk profile to look up. Either this or `id`."),
			"ruleset": rulesetData("How actions and data count."),
		}),
	}, riskProfiles().byName())
}

// NewRiskProfiles is the data source prefactor_risk_profiles.
func NewRiskProfiles() datasource.DataSource {
	return &listing[riskProfileRow, prefactor.RiskProfile]{source: riskProfiles(), dataSource: dataSource[riskProfileRow]{
		name: "risk_profiles",
		description: "The risk profiles of the account of the provider's own token. Their rulesets are not in the list of the API: " +
			"[`prefactor_risk_profile`](risk_profile.md) has them.",
		attributes: riskProfileAttributes(),
	}}
}

func riskProfileAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":          computed("The risk profile's id (PFID)."),
		"name":        computed("The risk profile's name."),
		"description": computed("A description for people, or null."),
	}
}

type riskProfileTemplateModel struct {
	TemplateName types.String `tfsdk:"template_name"`
	Ruleset      types.Object `tfsdk:"ruleset"`
}

// NewRiskProfileTemplate is the data source prefactor_risk_profile_template.
func NewRiskProfileTemplate() datasource.DataSource {
	return &dataSource[riskProfileTemplateModel]{
		name: "risk_profile_template",
		description: "The ruleset of a template for risk profiles. A profile does not follow its template at the platform; " +
			"a configuration that refers to this data source does, at the next apply.",
		attributes: map[string]schema.Attribute{
			"template_name": schema.StringAttribute{
				MarkdownDescription: "The exact name of the template, such as `Standard`.",
				Required:            true,
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"ruleset": rulesetData("The template's ruleset, which can be the `ruleset` of a [`prefactor_risk_profile`](../resources/risk_profile.md)."),
		},
		find: func(ctx context.Context, p *tfkit.Provider, config riskProfileTemplateModel, diags *diag.Diagnostics) riskProfileTemplateModel {
			ruleset, err := p.API.RiskProfileTemplate(ctx, config.TemplateName.ValueString())
			switch {
			case errors.Is(err, prefactor.ErrNotFound):
				noSuch("template_name", "risk profile template", fmt.Sprintf("There is no template %s. Names are compared exactly. The API does not list them; the form for a new risk profile does, in the admin pages.",
					quoted(config.TemplateName.ValueString())), diags)
			case err != nil:
				p.AddAPIError(diags, "Cannot read the risk profile template", err, "template_name")
			}
			config.Ruleset = mergeRuleset(types.ObjectNull(rulesetTypes), ruleset)
			return config
		},
	}
}
