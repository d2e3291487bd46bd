package directory

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

func environments() source[prefactor.Environment] {
	return source[prefactor.Environment]{
		noun: "environment",
		entry: func(e prefactor.Environment) entry {
			return entry{name: e.Name.Value, id: e.ID, account: e.AccountID.Value}
		},
		in: func(i *inventory.Inventory) *inventory.Collection[prefactor.Environment] { return &i.Environments },
		of: ofAccount,
	}
}

// NewEnvironmentData is the data source prefactor_environment.
func NewEnvironmentData() datasource.DataSource {
	byName := environments().byName()
	byName.isComplete = true
	return single(environments(), dataSource[environmentModel]{
		name:        "environment",
		description: "One environment, by its id or by its name.",
		attributes: with(environmentAttributes(), map[string]schema.Attribute{
			"id":   byID("The id (PFID) of the environment to look up. Either this or `name`."),
			"name": byText("The exact name of the environment to look up, such as `production`. Either this or `id`."),
			"account_id": byID("The account to look in by name. By default the provider's `account_id`, else the only account that the provider's own token can see. " +
				"Not together with `id`."),
		}),
	}, byName)
}

// NewEnvironments is the data source prefactor_environments.
func NewEnvironments() datasource.DataSource {
	return &listing[environmentModel, prefactor.Environment]{
		source: environments(),
		dataSource: dataSource[environmentModel]{
			name:        "environments",
			description: "The environments of an account.",
			attributes:  environmentAttributes(),
		},
		filter:     "account_id",
		filterText: "The account to list. By default the provider's `account_id`, else the only account that the provider's own token can see.",
	}
}

func environmentAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":          computed("The environment's id (PFID)."),
		"name":        computed("The environment's name."),
		"account_id":  computed("The account that the environment belongs to."),
		"purpose":     computed("What the environment is for: `development`, `staging`, `testing` or `production`."),
		"description": computed("A description for people, or null."),

		"external_identifier": computed("The environment's name in another system, or null."),
	}
}
