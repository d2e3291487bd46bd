package directory

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

type accountsModel struct {
	Accounts []accountModel `tfsdk:"accounts"`
}

// NewAccounts is the data source prefactor_accounts.
func NewAccounts() datasource.DataSource {
	return &lookup[accountsModel]{
		name:        "accounts",
		description: "The accounts that the provider's credentials can see.",
		attributes: map[string]schema.Attribute{
			"accounts": schema.ListNestedAttribute{
				MarkdownDescription: "The accounts, in the order of their names.",
				Computed:            true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"id":   computed("The account's id (PFID)."),
					"name": computed("The account's name."),
				}},
			},
		},
		find: func(ctx context.Context, p *tfkit.Provider, config accountsModel, diags *diag.Diagnostics) accountsModel {
			rows, err := inventory.Of(p).Accounts(ctx)
			if err != nil {
				addListError(p, "account", err, diags)
			}
			config.Accounts = []accountModel{}
			for _, a := range sorted(rows, accountEntry) {
				config.Accounts = append(config.Accounts, accountModel{}.merge(a))
			}
			return config
		},
	}
}
