package directory

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// NewTeamData is the data source prefactor_team.
func NewTeamData() datasource.DataSource {
	return newSingle(single[teamModel, prefactor.Team]{
		name:        "team",
		noun:        "team",
		description: "One team of the account of the provider's own token, by its id or by its name.",
		attributes:  teamAttributes(),
		key:         "name",
		keyText:     "The exact name of the team to look up.",
		wanted:      func(m teamModel) (id, text types.String) { return m.ID, m.Name },
		matches:     func(t prefactor.Team, text string) bool { return t.Name.Value == text },
		entry:       teamEntry,
		merge:       teamModel.merge,
		list:        (*inventory.Inventory).Teams,
		read:        tfkit.API.Team,
	})
}

// NewTeams is the data source prefactor_teams.
func NewTeams() datasource.DataSource {
	return &listing[teamModel, prefactor.Team]{
		name:        "teams",
		noun:        "team",
		description: "The teams of the account of the provider's own token.",
		attributes:  teamAttributes(),
		entry:       teamEntry,
		merge:       teamModel.merge,
		list: func(i *inventory.Inventory, ctx context.Context, _ string) ([]prefactor.Team, error) {
			return i.Teams(ctx)
		},
	}
}

// teamAttributes describes the fields of teamModel.
func teamAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":   computed("The team's id (PFID)."),
		"name": computed("The team's name."),
	}
}
