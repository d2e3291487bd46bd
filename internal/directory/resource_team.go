package directory

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// NewTeam is the resource prefactor_team.
func NewTeam() resource.Resource {
	return &object[teamModel, prefactor.Team]{kind: kind[teamModel, prefactor.Team]{
		source: teams(),
		name:   "team",
		description: "A team that agents are assigned to and persons belong to, in the account of the provider's own token. " +
			"It has nothing to do with the members of the account, who sign in to the admin pages.",
		attributes: map[string]schema.Attribute{"name": name("The team's name. Changed in place.")},
		remove:     tfkit.API.DeleteTeam,
		create: func(ctx context.Context, api tfkit.API, plan teamModel, id string) (prefactor.Created[prefactor.Team], error) {
			return api.CreateTeam(ctx, prefactor.NewTeam{ID: id, Name: plan.Name.ValueString()})
		},
		updated: []string{"name"},
		update: func(ctx context.Context, api tfkit.API, plan, _ teamModel) (prefactor.Team, error) {
			return api.UpdateTeam(ctx, plan.ID.ValueString(), prefactor.TeamUpdate{Name: plan.Name.ValueString()})
		},
		alsoChanges: func(i *inventory.Inventory) { i.Persons.Forget() },
		similarBy:   []string{"name"},
		inUse:       "Assign its agents to another team and take its persons out of it first.",
	}}
}
