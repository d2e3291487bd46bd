package directory

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// NewAgentVersionData is the data source prefactor_agent_version.
func NewAgentVersionData() datasource.DataSource {
	return single(source[prefactor.AgentVersion]{
		noun:  "agent version",
		entry: func(v prefactor.AgentVersion) entry { return entry{name: v.ExternalIdentifier.Value, id: v.ID} },
		in:    func(i *inventory.Inventory) *inventory.Collection[prefactor.AgentVersion] { return &i.AgentVersions },
		of:    ofAgent,
	}, dataSource[agentVersionModel]{
		name: "agent_version",
		description: "A version of an agent: by its id, or by agent and external identifier. Running agents create versions; they can be neither changed nor deleted.\n\n" +
			"The external identifier of a version is not unique: an agent that reports it with another schema creates another version. " +
			"This data source gives the newest one.",
		attributes: map[string]schema.Attribute{
			"id":                      byID("The id (PFID) of the version to look up. Either this, or `agent_id` and `external_identifier`."),
			"agent_id":                byID("The agent whose version to look up, together with `external_identifier`."),
			"external_identifier":     byText("The exact identifier that the running agent gives the version, together with `agent_id`. The newest version that has it is taken."),
			"agent_schema_version_id": computed("The version of the agent's schema."),
			"account_id":              computed("The account that the version belongs to."),
			"created_at":              moment("When the version was created"),
		},
	}, lookup[prefactor.AgentVersion]{
		by: "external_identifier",
		matches: func(v prefactor.AgentVersion, identifier string) bool {
			return v.ExternalIdentifier.Value == identifier
		},
		newest:     true,
		isComplete: true,
	})
}
