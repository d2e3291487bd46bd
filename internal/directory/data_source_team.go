package directory

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

func teams() source[prefactor.Team] {
	return source[prefactor.Team]{
		noun:  "team",
		entry: func(t prefactor.Team) entry { return entry{name: t.Name.Value, id: t.ID} },
		in:    func(i *inventory.Inventory) *inventory.Collection[prefactor.Team] { return &i.Teams },
	}
}

// NewTeamData is the data source prefactor_team.
func NewTeamData() datasource.DataSource {
	return single(teams(), dataSource[teamModel]{
		name:        "team",
		description: "One team of the account of the provider's own token, by its id or by its name.",
		attributes: map[string]schema.Attribute{
			"id":   byID("The id (PFID) of the team to look up. Either this or `name`."),
			"name": byText("The exact name of the team to look up. Either this or `id`."),
		},
	}, teams().byName())
}

// NewTeams is the data source prefactor_teams.
func NewTeams() datasource.DataSource {
	return &listing[teamModel, prefactor.Team]{source: teams(), dataSource: dataSource[teamModel]{
		name:        "teams",
		description: "The teams of the account of the provider's own token.",
		attributes: map[string]schema.Attribute{
			"id":   computed("The team's id (PFID)."),
			"name": computed("The team's name."),
		},
	}}
}
