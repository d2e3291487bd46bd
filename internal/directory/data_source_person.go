package directory

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

func persons() source[prefactor.Person] {
	return source[prefactor.Person]{
		noun: "person",
		entry: func(p prefactor.Person) entry {
			return entry{name: p.Name.Value + " <" + p.Email.Value + ">", id: p.ID}
		},
		in: func(i *inventory.Inventory) *inventory.Collection[prefactor.Person] { return &i.Persons },
	}
}

// NewPersonData is the data source prefactor_person.
func NewPersonData() datasource.DataSource {
	return single(persons(), dataSource[shownPerson]{
		name:        "person",
		description: "One person of the account of the provider's own token, by id or by email address.",
		attributes: with(personAttributes(), map[string]schema.Attribute{
			"id":    byID("The id (PFID) of the person to look up. Either this or `email`."),
			"email": byText("The email address of the person to look up, in upper or lower case. Either this or `id`."),
		}),
	}, lookup[prefactor.Person]{
		by:      "email",
		matches: func(p prefactor.Person, email string) bool { return strings.EqualFold(p.Email.Value, email) },
	})
}

// NewPersons is the data source prefactor_persons.
func NewPersons() datasource.DataSource {
	return &listing[shownPerson, prefactor.Person]{
		source: persons(),
		dataSource: dataSource[shownPerson]{
			name:        "persons",
			description: "The persons of the account of the provider's own token, or of one team. They own agents; those who can sign in are [`prefactor_admin_users`](admin_users.md).",
			attributes:  personAttributes(),
		},
		filter:     "team_id",
		filterText: "List only the persons of this team.",
	}
}

func personAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":       computed("The person's id (PFID)."),
		"email":    computed("The person's email address."),
		"name":     computed("The person's name."),
		"title":    computed("The person's job title, or null."),
		"team_ids": schema.SetAttribute{MarkdownDescription: "The teams that the person belongs to.", ElementType: types.StringType, Computed: true},
	}
}
