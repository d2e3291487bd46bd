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

// NewPersonData is the data source prefactor_person.
func NewPersonData() datasource.DataSource {
	return newSingle(single[personModel, prefactor.Person]{
		name:        "person",
		noun:        "person",
		description: "One person of the account of the provider's own token, by id or by email address.",
		attributes:  personAttributes(),
		key:         "email",
		keyText:     "The email address of the person to look up, in upper or lower case.",
		wanted:      func(m personModel) (id, text types.String) { return m.ID, m.Email },
		matches:     func(p prefactor.Person, text string) bool { return strings.EqualFold(p.Email.Value, text) },
		entry:       personEntry,
		merge:       personModel.show,
		list: func(i *inventory.Inventory, ctx context.Context) ([]prefactor.Person, error) {
			return i.Persons(ctx, "")
		},
		read: tfkit.API.Person,
	})
}

// NewPersons is the data source prefactor_persons.
func NewPersons() datasource.DataSource {
	return &listing[personModel, prefactor.Person]{
		name:        "persons",
		noun:        "person",
		description: "The persons of the account of the provider's own token, or of one team. They own agents; those who can sign in are [`prefactor_admin_users`](admin_users.md).",
		attributes:  personAttributes(),
		filter:      "team_id",
		filterText:  "List only the persons of this team.",
		entry:       personEntry,
		merge:       personModel.show,
		list:        (*inventory.Inventory).Persons,
	}
}

// personAttributes describes the fields of personModel.
func personAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":       computed("The person's id (PFID)."),
		"email":    computed("The person's email address."),
		"name":     computed("The person's name."),
		"title":    computed("The person's job title, or null."),
		"team_ids": schema.SetAttribute{MarkdownDescription: "The teams that the person belongs to.", ElementType: types.StringType, Computed: true},
	}
}
