package directory

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// NewAdminUserData is the data source prefactor_admin_user.
func NewAdminUserData() datasource.DataSource {
	return newSingle(single[adminUserModel, prefactor.AdminUser]{
		name:        "admin_user",
		noun:        "admin user",
		description: "One user who can sign in to the admin pages of the account of the provider's own token, by id or by email address.",
		attributes:  adminUserAttributes(),
		key:         "email",
		keyText:     "The email address of the user to look up, in upper or lower case.",
		wanted:      func(m adminUserModel) (id, text types.String) { return m.ID, m.Email },
		matches:     func(u prefactor.AdminUser, text string) bool { return strings.EqualFold(u.Email.Value, text) },
		entry:       adminUserEntry,
		merge:       adminUserModel.merge,
		list: func(i *inventory.Inventory, ctx context.Context) ([]prefactor.AdminUser, error) {
			return i.AdminUsers(ctx, "")
		},
		read: tfkit.API.AdminUser,
	})
}

// NewAdminUsers is the data source prefactor_admin_users.
func NewAdminUsers() datasource.DataSource {
	return &listing[adminUserModel, prefactor.AdminUser]{
		name: "admin_users",
		noun: "admin user",
		description: "The users who can sign in to the admin pages of an account. Removing a user leaves the API tokens that the user has created active: " +
			"compare `created_by_admin_user_id` of [`prefactor_api_tokens`](api_tokens.md) with these users to find such tokens.",
		attributes: adminUserAttributes(),
		filter:     "account_id",
		filterText: "The account to list. By default that of the provider's own token.",
		entry:      adminUserEntry,
		merge:      adminUserModel.merge,
		list:       (*inventory.Inventory).AdminUsers,
	}
}

// adminUserAttributes describes the fields of adminUserModel.
func adminUserAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":             computed("The user's id (PFID)."),
		"email":          computed("The user's email address."),
		"name":           computed("The user's name, or null."),
		"job_title":      computed("The user's job title, or null."),
		"account_id":     computed("The account that the user belongs to."),
		"last_active_at": moment("When the user was last active; null if never"),
		"created_at":     moment("When the user was created"),
	}
}
