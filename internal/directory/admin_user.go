package directory

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

var adminUsers = objectType[prefactor.AdminUser]{
	noun: "admin user",
	attributes: attributes{
		"id":             idOf("admin user"),
		"email":          computed("The user's email address."),
		"name":           computed("The user's name, or null."),
		"job_title":      computed("The user's job title, or null."),
		"account_id":     computed("The account that the user belongs to."),
		"last_active_at": computedTime("When the user was last active, in RFC 3339; null if never."),
		"created_at":     creationOf("admin user"),
	},
	entry:      func(u prefactor.AdminUser) entry { return entry{name: u.Email.Value, id: u.ID} },
	in:         func(i *inventory.Inventory) *inventory.Collection[prefactor.AdminUser] { return &i.AdminUsers },
	filter:     "account_id",
	filterText: "The account to list. By default that of the provider's own token.",
}

// NewAdminUserData is the data source prefactor_admin_user.
func NewAdminUserData() datasource.DataSource {
	return adminUsers.single("One user who can sign in to the admin pages of the account of the provider's own token, by id or by email address.", map[string]string{
		"id":    "The id (PFID) of the admin user to look up. Either this or `email`.",
		"email": "The email address of the user to look up, in upper or lower case. Either this or `id`.",
	}, lookup[prefactor.AdminUser]{
		by:      "email",
		matches: func(u prefactor.AdminUser, email string) bool { return strings.EqualFold(u.Email.Value, email) },
	})
}

// NewAdminUsers is the data source prefactor_admin_users.
func NewAdminUsers() datasource.DataSource {
	return adminUsers.plural("The users who can sign in to the admin pages of an account. When a user is removed, the API tokens that the user created stay active: " +
		"compare `created_by_admin_user_id` of [`prefactor_api_tokens`](api_tokens.md) with these users to find such tokens.")
}
