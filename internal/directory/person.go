package directory

import (
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// address is roughly what an email address looks like: the platform decides.
var address = regexp.MustCompile(`^[^\s@]+@[^\s@]+$`)

var persons = objectType[prefactor.Person]{
	noun: "person",
	attributes: attributes{
		"id":    idOf("person"),
		"email": required("The person's email address.", stringvalidator.RegexMatches(address, "must be an email address")),
		"name":  required("The person's name.", notEmpty),
		"title": optional("The person's job title"),
		"team_ids": {
			inData: "The teams that the person belongs to.",
			Attribute: schema.SetAttribute{
				MarkdownDescription: "The teams that the person belongs to. Changed in place; omitting it removes the person from all teams.",
				ElementType:         types.StringType,
				Optional:            true,
				Validators:          []validator.Set{setvalidator.ValueStringsAre(tfkit.PFID())},
			},
		},
	},
	entry: func(p prefactor.Person) entry {
		return entry{name: p.Name.Value + " <" + p.Email.Value + ">", id: p.ID}
	},
	in:         func(i *inventory.Inventory) *inventory.Collection[prefactor.Person] { return &i.Persons },
	filter:     "team_id",
	filterText: "List only the persons of this team.",
}

// NewPerson is the resource prefactor_person.
func NewPerson() resource.Resource {
	return &managedResource[prefactor.Person]{kind: kind[prefactor.Person]{
		objectType: persons,
		description: "A person who can own agents and belong to teams, in the account of the provider's own token. " +
			"It is an entry in a directory and not a user who can sign in: those are in the data source `prefactor_admin_users`.",
		create:    creating(tfkit.API.CreatePerson),
		update:    updating(tfkit.API.UpdatePerson),
		remove:    tfkit.API.DeletePerson,
		finish:    finishPerson,
		similarBy: []string{"email"},
		inUse:     "Set owner_person_id of the agents that the person owns to another person first.",
	}}
}

// finishPerson keeps the spelling of an email address. No teams and an empty set of
// them are the same.
func finishPerson(merged, prior values) values {
	if strings.EqualFold(prior.text("email"), merged.text("email")) {
		merged = merged.with("email", prior["email"])
	}
	if len(texts(prior["team_ids"])) == 0 && len(texts(merged["team_ids"])) == 0 {
		merged = merged.with("team_ids", prior["team_ids"])
	}
	return merged
}

// NewPersonData is the data source prefactor_person.
func NewPersonData() datasource.DataSource {
	return persons.single("One person of the account of the provider's own token, by id or by email address.", map[string]string{
		"id":    "The id (PFID) of the person to look up. Either this or `email`.",
		"email": "The email address of the person to look up, in upper or lower case. Either this or `id`.",
	}, lookup[prefactor.Person]{
		by:      "email",
		matches: func(p prefactor.Person, email string) bool { return strings.EqualFold(p.Email.Value, email) },
	})
}

// NewPersons is the data source prefactor_persons.
func NewPersons() datasource.DataSource {
	return persons.plural("The persons of the account of the provider's own token, or of one team. They own agents; those who can sign in are [`prefactor_admin_users`](admin_users.md).")
}
