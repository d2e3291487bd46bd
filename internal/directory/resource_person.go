package directory

import (
	"context"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// address is roughly what an email address looks like: the platform decides.
var address = regexp.MustCompile(`^[^\s@]+@[^\s@]+$`)

// NewPerson is the resource prefactor_person.
func NewPerson() resource.Resource {
	return &object[personModel, prefactor.Person]{kind: kind[personModel, prefactor.Person]{
		source: persons(),
		name:   "person",
		description: "A person who can own agents and belong to teams, in the account of the provider's own token. " +
			"It is an entry in a directory and not a user who can sign in: those are in the data source `prefactor_admin_users`.",
		attributes: map[string]schema.Attribute{
			"email": schema.StringAttribute{
				MarkdownDescription: "The person's email address. Changed in place.",
				Required:            true,
				Validators:          []validator.String{stringvalidator.RegexMatches(address, "must be an email address")},
			},
			"name":  name("The person's name. Changed in place."),
			"title": text("The person's job title. Changed in place; leaving it out clears it."),
			"team_ids": schema.SetAttribute{
				MarkdownDescription: "The teams that the person belongs to. Changed in place; leaving it out takes the person out of all teams.",
				ElementType:         types.StringType,
				Optional:            true,
				Validators:          []validator.Set{setvalidator.ValueStringsAre(tfkit.PFID())},
			},
		},
		remove: tfkit.API.DeletePerson,
		create: func(ctx context.Context, api tfkit.API, plan personModel, id string) (prefactor.Created[prefactor.Person], error) {
			return api.CreatePerson(ctx, prefactor.NewPerson{
				ID: id, Email: plan.Email.ValueString(), Name: plan.Name.ValueString(), Title: plan.Title.ValueString(), TeamIDs: texts(plan.TeamIDs),
			})
		},
		updated: []string{"email", "name", "title", "team_ids"},
		update: func(ctx context.Context, api tfkit.API, plan, _ personModel) (prefactor.Person, error) {
			return api.UpdatePerson(ctx, plan.ID.ValueString(), prefactor.PersonUpdate{
				Email: plan.Email.ValueString(), Name: plan.Name.ValueString(), Title: clearing(plan.Title), TeamIDs: prefactor.Some(texts(plan.TeamIDs)),
			})
		},
		similarBy: []string{"email"},
		inUse:     "Set owner_person_id of the agents that the person owns to another person first.",
	}}
}

// texts are the strings of a known set.
func texts(set types.Set) []string {
	all := []string{}
	for _, element := range set.Elements() {
		if text, ok := element.(types.String); ok {
			all = append(all, text.ValueString())
		}
	}
	return all
}

// textSet is the set of some strings.
func textSet(all []string) types.Set {
	elements := make([]attr.Value, len(all))
	for i, text := range all {
		elements[i] = types.StringValue(text)
	}
	return types.SetValueMust(types.StringType, elements)
}
