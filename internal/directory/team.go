package directory

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

var teams = objectType[prefactor.Team]{
	noun: "team",
	attributes: attributes{
		"id":   idOf("team"),
		"name": required("The team's name.", notEmpty),
	},
	entry: func(t prefactor.Team) entry { return entry{name: t.Name.Value, id: t.ID} },
	in:    func(i *inventory.Inventory) *inventory.Collection[prefactor.Team] { return &i.Teams },
}

// NewTeam is the resource prefactor_team.
func NewTeam() resource.Resource {
	return &managedResource[prefactor.Team]{kind: kind[prefactor.Team]{
		objectType: teams,
		description: "A team that agents are assigned to and persons belong to, in the account of the provider's own token. " +
			"It does not affect the users of the account, who sign in to the admin pages.",
		create:      creating(tfkit.API.CreateTeam),
		update:      updating(tfkit.API.UpdateTeam),
		remove:      tfkit.API.DeleteTeam,
		alsoChanges: func(i *inventory.Inventory) { i.Persons.Forget() },
		similarBy:   []string{"name"},
		inUse:       "Assign its agents to another team and remove its persons from it first.",
	}}
}

// NewTeamData is the data source prefactor_team.
func NewTeamData() datasource.DataSource {
	return teams.single("One team of the account of the provider's own token, by its id or by its name.", map[string]string{
		"id":   "The id (PFID) of the team to look up. Either this or `name`.",
		"name": "The exact name of the team to look up. Either this or `id`.",
	}, teams.byName())
}

// NewTeams is the data source prefactor_teams.
func NewTeams() datasource.DataSource {
	return teams.plural("The teams of the account of the provider's own token.")
}
