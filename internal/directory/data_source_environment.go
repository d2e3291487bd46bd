package directory

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// NewEnvironmentData is the data source prefactor_environment.
func NewEnvironmentData() datasource.DataSource {
	return &lookup[environmentModel]{
		name:        "environment",
		description: "One environment, by its id or by its name.",
		attributes: with(environmentAttributes(), map[string]schema.Attribute{
			"id":   byID("The id (PFID) of the environment to look up. Either this or `name`."),
			"name": byText("The exact name of the environment to look up, such as `production`. Either this or `id`."),
			"account_id": byID("The account to look in by name. By default the provider's `account_id`, else the only account that the provider's own token can see. " +
				"Not together with `id`."),
		}),
		validators: []datasource.ConfigValidator{
			datasourcevalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("name")),
			datasourcevalidator.Conflicting(path.MatchRoot("id"), path.MatchRoot("account_id")),
		},
		find: findEnvironment,
	}
}

// environmentAttributes describes the fields of environmentModel.
func environmentAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":          computed("The environment's id (PFID)."),
		"name":        computed("The environment's name."),
		"account_id":  computed("The account that the environment belongs to."),
		"purpose":     computed("What the environment is for: `development`, `staging`, `testing` or `production`."),
		"description": computed("A description for people, or null."),

		"external_identifier": computed("The environment's name in another system, or null."),
	}
}

func findEnvironment(ctx context.Context, p *tfkit.Provider, config environmentModel, diags *diag.Diagnostics) environmentModel {
	id := config.ID.ValueString()
	var found prefactor.Environment
	if id == "" {
		account, ok := accountFor(ctx, p, config.AccountID, diags)
		if !ok {
			return config
		}
		rows, err := inventory.Of(p).Environments(ctx, account)
		if err != nil {
			addListError(p, "environment", err, diags, "account_id")
			return config
		}
		if !checkAccount(ctx, p, account, len(rows), diags) {
			return config
		}
		var problem string
		if found, problem = named("environment", config.Name.ValueString(), rows, environmentEntry); problem != "" {
			noSuch("name", "environment", problem+" They are those of account "+account+".", diags)
			return config
		}
		id = found.ID
	}
	if found.ID == "" {
		var err error
		if found, err = p.API.Environment(ctx, id); err != nil {
			addLookupError(p, "environment", id, err, diags)
		}
	}
	return config.merge(found)
}
