package directory

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// accountFor is the account that is meant: the one given, the provider's
// default, or the only one that the credentials can see.
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
			"The provider's credentials cannot tell which account is meant. Set account_id here or in the provider block.")
		return "", false
	}
	if len(all) == 1 {
		return all[0].ID, true
	}
	diags.AddAttributeError(path.Root("account_id"), "Account not known", fmt.Sprintf(
		"The provider's credentials can see %s, so it has to be said which one is meant. Set account_id here or in the provider block.",
		listed("account", all, accounts().entry)))
	return "", false
}

// likelyAccount is the account that new objects of the credentials will be in,
// or empty if that cannot be determined.
func likelyAccount(ctx context.Context, p *tfkit.Provider) string {
	var ignored diag.Diagnostics
	account, _ := accountFor(ctx, p, types.StringNull(), &ignored)
	return account
}

// checkAccount finds an account that does not exist where a list of it is empty.
func checkAccount(ctx context.Context, p *tfkit.Provider, account string, rows int, diags *diag.Diagnostics) bool {
	if rows > 0 || diags.HasError() {
		return !diags.HasError()
	}
	if err := tfkit.CheckAccount(ctx, p.API, account); err != nil {
		diags.AddAttributeError(path.Root("account_id"), "No such account", tfkit.Sentence(err.Error()))
		return false
	}
	return true
}
