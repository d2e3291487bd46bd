package directory

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

var accounts = objectType[prefactor.Account]{
	noun: "account",
	attributes: attributes{
		"id":   idOf("account"),
		"name": computed("The account's name."),
	},
	entry: func(a prefactor.Account) entry { return entry{name: a.Name.Value, id: a.ID} },
	in:    func(i *inventory.Inventory) *inventory.Collection[prefactor.Account] { return &i.Accounts },
}

// NewAccountData is the data source prefactor_account.
func NewAccountData() datasource.DataSource {
	return accounts.single("One account: by its id, by its name, or, without either, the only one that the provider's credentials can see.", map[string]string{
		"id":   "The id (PFID) of the account to look up. Not together with `name`.",
		"name": "The exact name of the account to look up. Not together with `id`.",
	}, lookup[prefactor.Account]{
		by:         "name",
		isOptional: true,
		// Without a name, the only account matches.
		matches: func(a prefactor.Account, name string) bool { return name == "" || a.Name.Value == name },
	})
}

// NewAccounts is the data source prefactor_accounts.
func NewAccounts() datasource.DataSource {
	return accounts.plural("The accounts that the provider's credentials can see.")
}

// accountFor returns the given account, else the provider's default, else the only
// account that the credentials can see.
func accountFor(ctx context.Context, p *tfkit.Provider, given types.String, diags *diag.Diagnostics) (string, bool) {
	account, err := p.Account(given.ValueString())
	if err != nil {
		p.AddAPIError(diags, "Account not known yet", err)
		return "", false
	}
	if account != "" {
		return account, true
	}
	all, err := p.Inventory.Accounts.List(ctx, "")
	if err != nil {
		p.AddAPIError(diags, "Account not known", err)
		diags.AddAttributeError(path.Root("account_id"), "Account not known",
			"The account could not be determined from the provider's credentials. Set account_id here or in the provider block.")
		return "", false
	}
	if len(all) == 1 {
		return all[0].ID, true
	}
	diags.AddAttributeError(path.Root("account_id"), "Account not known", fmt.Sprintf(
		"The provider's credentials can see %s, so the account is ambiguous. Set account_id here or in the provider block.",
		accounts.describe(all)))
	return "", false
}

// checkAccount adds an error for an account that does not exist. It is called where a
// list of the account is empty.
func checkAccount(ctx context.Context, p *tfkit.Provider, account string, diags *diag.Diagnostics) {
	if err := tfkit.CheckAccount(ctx, p.API, account); err != nil {
		diags.AddAttributeError(path.Root("account_id"), "No such account", tfkit.Sentence(err.Error()))
	}
}
