package directory

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

func adminUsers() source[prefactor.AdminUser] {
	return source[prefactor.AdminUser]{
		noun:  "admin user",
		entry: func(u prefactor.AdminUser) entry { return entry{name: u.Email.Value, id: u.ID} },
		in:    func(i *inventory.Inventory) *inventory.Collection[prefactor.AdminUser] { return &i.AdminUsers },
	}
}

// NewAdminUserData is the data source prefactor_admin_user.
func NewAdminUserData() datasource.DataSource {
	return single(adminUsers(), dataSource[adminUserModel]{
		name:        "admin_user",
		description: "One user who can sign in to the admin pages of the account of the provider's own token, by id or by email address.",
		attributes: with(adminUserAttributes(), map[string]schema.Attribute{
			"id":    byID("The id (PFID) of the admin user to look up. Either this or `email`."),
			"email": byText("The email address of the user to look up, in upper or lower case. Either this or `id`."),
		}),
	}, lookup[prefactor.AdminUser]{
		by:      "email",
		matches: func(u prefactor.AdminUser, email string) bool { return strings.EqualFold(u.Email.Value, email) },
	})
}

// NewAdminUsers is the data source prefactor_admin_users.
func NewAdminUsers() datasource.DataSource {
	return &listing[adminUserModel, prefactor.AdminUser]{
		source: adminUsers(),
		dataSource: dataSource[adminUserModel]{
			name: "admin_users",
			description: "The users who can sign in to the admin pages of an account. Removing a user leaves the API tokens that the user has created active: " +
				"compare `created_by_admin_user_id` of [`prefactor_api_tokens`](api_tokens.md) with these users to find such tokens.",
			attributes: adminUserAttributes(),
		},
		filter:     "account_id",
		filterText: "The account to list. By default that of the provider's own token.",
	}
}

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
