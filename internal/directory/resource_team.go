package directory

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// NewTeam is the resource prefactor_team.
func NewTeam() resource.Resource {
	return &object[teamModel, prefactor.Team]{kind: kind[teamModel, prefactor.Team]{
		name: "team",
		noun: "team",
		description: "A team that agents are assigned to and persons belong to, in the account of the provider's own token. " +
			"It has nothing to do with the members of the account, who sign in to the admin pages.",
		attributes: map[string]schema.Attribute{"name": name("The team's name. Changed in place.")},
		entry:      teamEntry,
		merge:      teamModel.merge,
		written: func(m, plan teamModel) teamModel {
			plan.ID = m.ID
			return plan
		},
		read:   tfkit.API.Team,
		absent: absentFrom[teamModel](tfkit.API.Teams, teamEntry),
		remove: tfkit.API.DeleteTeam,
		create: func(ctx context.Context, api tfkit.API, plan teamModel, id string) (prefactor.Created[prefactor.Team], error) {
			return api.CreateTeam(ctx, prefactor.NewTeam{ID: id, Name: plan.Name.ValueString()})
		},
		changed: func(plan, state teamModel) bool { return !plan.Name.Equal(state.Name) },
		update: func(ctx context.Context, api tfkit.API, plan, _ teamModel) (prefactor.Team, error) {
			return api.UpdateTeam(ctx, plan.ID.ValueString(), prefactor.TeamUpdate{Name: plan.Name.ValueString()})
		},
		forget: (*inventory.Inventory).ForgetTeams,
		alike: func(ctx context.Context, api tfkit.API, plan teamModel) ([]prefactor.Team, string, error) {
			rows, err := inventory.New(api).Teams(ctx)
			return slices.DeleteFunc(rows, func(t prefactor.Team) bool { return t.Name.Value != plan.Name.ValueString() }), "name", err
		},
		inUse: "Assign its agents to another team and take its persons out of it first.",
	}}
}
