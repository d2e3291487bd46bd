package token

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// creatorFilter chooses tokens by the user who created them.
type creatorFilter struct {
	CreatedBy            types.String `tfsdk:"created_by"`
	CreatedByRemovedUser types.Bool   `tfsdk:"created_by_removed_user"`
}

const (
	createdByDescription = "Only tokens that this user created: the id (PFID) or the email address of the user. For a user who was removed from the account, use the id: the email address is no longer known."

	removedUserDescription = "`true`: only tokens whose creator is no longer a user of the account. When a user is removed, the tokens that the user created stay active until they are revoked. " +
		"`false`: only tokens whose creator is a user of the account. Tokens without a known creator match neither."
)

// byCreator gives the tokens that match. Nothing is concluded from a list of
// users that is empty, since every creator would count as removed.
func (f creatorFilter) byCreator(ctx context.Context, there *inventory.Inventory, tokens []prefactor.Token) ([]prefactor.Token, error) {
	who := f.CreatedBy.ValueString()
	byEmail := who != "" && !pfid.Valid(who)
	users := map[string]prefactor.AdminUser{}
	if len(tokens) > 0 && (byEmail || !f.CreatedByRemovedUser.IsNull()) {
		// All of them are tokens of one account.
		account, found := tokens[0].AccountID.Value, false
		rows, err := there.AdminUsers.List(ctx, account)
		for _, u := range rows {
			users[u.ID] = u
			found = found || strings.EqualFold(u.Email.Value, who)
		}
		switch {
		case err != nil:
			return nil, err
		case len(rows) == 0:
			return nil, fmt.Errorf("the API lists no user of account %s, so whether the creator of a token is still a user cannot be determined", account)
		case byEmail && !found:
			return nil, fmt.Errorf("no user of the account has the email address %s. To find the tokens of a user who was removed, set created_by to the id of the user, or created_by_removed_user to true", who)
		}
	}
	return slices.DeleteFunc(tokens, func(t prefactor.Token) bool {
		creator := t.CreatedByAdminUserID.Value
		user, present := users[creator]
		switch {
		case byEmail && !strings.EqualFold(user.Email.Value, who), who != "" && !byEmail && creator != who:
			return true
		case f.CreatedByRemovedUser.IsNull():
			return false
		default:
			return creator == "" || present == f.CreatedByRemovedUser.ValueBool()
		}
	}), nil
}

// userValidator accepts the id or the email address of a user.
type userValidator struct{}

func (userValidator) Description(context.Context) string {
	return "must be the id (PFID) or the email address of a user"
}

func (v userValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v userValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	text := req.ConfigValue.ValueString()
	local, domain, _ := strings.Cut(text, "@")
	isEmail := local != "" && domain != "" && !strings.ContainsAny(text, " \t\r\n")
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() || pfid.Valid(text) || isEmail {
		return
	}
	resp.Diagnostics.AddAttributeError(req.Path, "Invalid user", fmt.Sprintf("%s %s.", req.Path, v.Description(ctx)))
}
