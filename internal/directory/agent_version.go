package directory

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

var agentVersions = objectType[prefactor.AgentVersion]{
	noun: "agent version",
	attributes: attributes{
		"id":                      idOf("agent version"),
		"agent_id":                computed("The agent."),
		"external_identifier":     computed("The identifier that the running agent gives the version."),
		"agent_schema_version_id": computed("The id of the version of the agent's schema."),
		"account_id":              computed("The account that the version belongs to."),
		"created_at":              creationOf("version"),
	},
	entry: func(v prefactor.AgentVersion) entry { return entry{name: v.ExternalIdentifier.Value, id: v.ID} },
	in:    func(i *inventory.Inventory) *inventory.Collection[prefactor.AgentVersion] { return &i.AgentVersions },
	of:    ofAgent,
}

// NewAgentVersionData is the data source prefactor_agent_version.
func NewAgentVersionData() datasource.DataSource {
	return agentVersions.single("A version of an agent: by its id, or by agent and external identifier. Running agents create versions; they can be neither changed nor deleted.\n\n"+
		"The external identifier of a version is not unique: an agent that reports it with another schema creates another version. "+
		"This data source returns the newest one.", map[string]string{
		"id":                  "The id (PFID) of the version to look up. Either this, or `agent_id` and `external_identifier`.",
		"agent_id":            "The agent whose version to look up, together with `external_identifier`.",
		"external_identifier": "The exact identifier that the running agent gives the version, together with `agent_id`. If several versions have it, the newest one is returned.",
	}, lookup[prefactor.AgentVersion]{
		by: "external_identifier",
		matches: func(v prefactor.AgentVersion, identifier string) bool {
			return v.ExternalIdentifier.Value == identifier
		},
		newest: true,
	})
}
