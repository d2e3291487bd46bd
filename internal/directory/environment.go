package directory

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// environments have no time of creation: the API has none.
var environments = objectType[prefactor.Environment]{
	noun: "environment",
	attributes: attributes{
		"id":            idOf("environment"),
		"name":          required("The environment's name, such as `production`.", notEmpty),
		"description":   optional("A description for people"),
		"force_destroy": forceDestroy("environment"),
		"purpose": {
			inData: "What the environment is for: `development`, `staging`, `testing` or `production`.",
			Attribute: schema.StringAttribute{
				MarkdownDescription: "What the environment is for: `development`, `staging`, `testing` or `production`. Changed in place. " +
					"If it is not set, the environment keeps the purpose that it has, which the platform chooses for a new one. It cannot be cleared.",
				Optional:      true,
				Computed:      true,
				Validators:    []validator.String{stringvalidator.OneOf(prefactor.Purposes()...)},
				PlanModifiers: stable,
			},
		},
		"external_identifier": computed("The environment's name in another system, or null."),
		"account_id": {
			inData:    "The account that the environment belongs to.",
			Attribute: tfkit.AccountAttribute("environment", onlyAccount),
		},
	},
	entry: func(e prefactor.Environment) entry {
		return entry{name: e.Name.Value, id: e.ID, account: e.AccountID.Value}
	},
	in:         func(i *inventory.Inventory) *inventory.Collection[prefactor.Environment] { return &i.Environments },
	of:         ofAccount,
	filter:     "account_id",
	filterText: "The account to list. By default the provider's `account_id`, else " + onlyAccount + ".",
}

// onlyAccount is the account without an account_id.
const onlyAccount = "the only account that the provider's own token can see"

var environmentKind = kind[prefactor.Environment]{
	objectType: environments,
	description: "An environment, such as production or staging: where agents run. " +
		"An agent is deployed to it by [`prefactor_agent_deployment`](agent_deployment.md).",
	create: creating(tfkit.API.CreateEnvironment),
	update: updating(tfkit.API.UpdateEnvironment),
	remove: tfkit.API.DeleteEnvironment,
	beforeDelete: func(ctx context.Context, p *tfkit.Provider, state values, diags *diag.Diagnostics) {
		checkDependents(ctx, p, "environment", state, func(t prefactor.Token) bool { return t.EnvironmentID.Value == state.text("id") }, diags)
	},
	similarBy: []string{"name"},
	inUse:     "To keep the environment and only remove it from the state, run terraform state rm on its address.",
}

// NewEnvironment is the resource prefactor_environment.
func NewEnvironment() resource.Resource {
	return &managedResource[prefactor.Environment]{kind: environmentKind}
}

// NewEnvironmentList is the list resource prefactor_environment.
func NewEnvironmentList() list.ListResource { return listOf(environmentKind) }

// NewEnvironmentData is the data source prefactor_environment.
func NewEnvironmentData() datasource.DataSource {
	return environments.single("One environment, by its id or by its name.", map[string]string{
		"id":         "The id (PFID) of the environment to look up. Either this or `name`.",
		"name":       "The exact name of the environment to look up, such as `production`. Either this or `id`.",
		"account_id": "The account to look in by name. By default the provider's `account_id`, else " + onlyAccount + ". Not together with `id`.",
	}, environments.byName())
}

// NewEnvironments is the data source prefactor_environments.
func NewEnvironments() datasource.DataSource {
	return environments.plural("The environments of an account.")
}
