package directory

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

type environmentsModel struct {
	AccountID    types.String       `tfsdk:"account_id"`
	Environments []environmentModel `tfsdk:"environments"`
}

// NewEnvironments is the data source prefactor_environments.
func NewEnvironments() datasource.DataSource {
	return &lookup[environmentsModel]{
		name:        "environments",
		description: "The environments of an account.",
		attributes: map[string]schema.Attribute{
			"account_id": byID("The account to list. By default the provider's `account_id`, else the only account that the provider's own token can see."),
			"environments": schema.ListNestedAttribute{
				MarkdownDescription: "The environments, in the order of their names; those of one name in the order of their ids, which is that of their creation.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: environmentAttributes()},
			},
		},
		find: findEnvironments,
	}
}

func findEnvironments(ctx context.Context, p *tfkit.Provider, config environmentsModel, diags *diag.Diagnostics) environmentsModel {
	account, ok := accountFor(ctx, p, config.AccountID, diags)
	if !ok {
		return config
	}
	rows, err := inventory.Of(p).Environments(ctx, account)
	if err != nil {
		addListError(p, "environment", err, diags, "account_id")
	}
	checkAccount(ctx, p, account, len(rows), diags)
	config.AccountID = types.StringValue(account)
	config.Environments = []environmentModel{}
	for _, e := range sorted(rows, environmentEntry) {
		config.Environments = append(config.Environments, environmentModel{}.merge(e))
	}
	return config
}
