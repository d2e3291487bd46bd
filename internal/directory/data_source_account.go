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

// NewAccountData is the data source prefactor_account.
func NewAccountData() datasource.DataSource {
	return &lookup[accountModel]{
		name:        "account",
		description: "One account: by its id, by its name, or, without either, the only one that the provider's credentials can see.",
		attributes: map[string]schema.Attribute{
			"id":   byID("The id (PFID) of the account to look up. Not together with `name`."),
			"name": byText("The exact name of the account to look up. Not together with `id`."),
		},
		validators: []datasource.ConfigValidator{datasourcevalidator.Conflicting(path.MatchRoot("id"), path.MatchRoot("name"))},
		find:       findAccount,
	}
}

func findAccount(ctx context.Context, p *tfkit.Provider, config accountModel, diags *diag.Diagnostics) accountModel {
	if id := config.ID.ValueString(); id != "" {
		found, err := p.API.Account(ctx, id)
		if err != nil {
			addLookupError(p, "account", id, err, diags)
		}
		return config.merge(found)
	}
	rows, err := inventory.Of(p).Accounts(ctx)
	if err != nil {
		addListError(p, "account", err, diags)
		return config
	}
	var found prefactor.Account
	problem := ""
	switch {
	case !config.Name.IsNull():
		found, problem = named("account", config.Name.ValueString(), rows, accountEntry)
	case len(rows) == 1:
		found = rows[0]
	default:
		diags.AddError("Account not known", "The provider's credentials can see "+listed("account", rows, accountEntry)+". Set name or id to the one that is meant.")
		return config
	}
	if problem != "" {
		noSuch("name", "account", problem, diags)
	}
	return config.merge(found)
}
