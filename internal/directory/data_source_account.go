package directory

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

func accounts() source[prefactor.Account] {
	return source[prefactor.Account]{
		noun:  "account",
		entry: func(a prefactor.Account) entry { return entry{name: a.Name.Value, id: a.ID} },
		in:    func(i *inventory.Inventory) *inventory.Collection[prefactor.Account] { return &i.Accounts },
	}
}

// NewAccountData is the data source prefactor_account.
func NewAccountData() datasource.DataSource {
	// Without a name, the only account matches.
	byName := lookup[prefactor.Account]{by: "name", isOptional: true, isComplete: true, matches: func(a prefactor.Account, name string) bool {
		return name == "" || a.Name.Value == name
	}}
	return single(accounts(), dataSource[accountModel]{
		name:        "account",
		description: "One account: by its id, by its name, or, without either, the only one that the provider's credentials can see.",
		attributes: map[string]schema.Attribute{
			"id":   byID("The id (PFID) of the account to look up. Not together with `name`."),
			"name": byText("The exact name of the account to look up. Not together with `id`."),
		},
	}, byName)
}

// NewAccounts is the data source prefactor_accounts.
func NewAccounts() datasource.DataSource {
	return &listing[accountModel, prefactor.Account]{source: accounts(), dataSource: dataSource[accountModel]{
		name:        "accounts",
		description: "The accounts that the provider's credentials can see.",
		attributes: map[string]schema.Attribute{
			"id":   computed("The account's id (PFID)."),
			"name": computed("The account's name."),
		},
	}}
}
