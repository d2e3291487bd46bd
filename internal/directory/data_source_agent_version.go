package directory

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// NewAgentVersionData is the data source prefactor_agent_version.
func NewAgentVersionData() datasource.DataSource {
	return &lookup[agentVersionModel]{
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
		validators: []datasource.ConfigValidator{
			datasourcevalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("agent_id")),
			datasourcevalidator.RequiredTogether(path.MatchRoot("agent_id"), path.MatchRoot("external_identifier")),
		},
		find: findAgentVersion,
	}
}

func findAgentVersion(ctx context.Context, p *tfkit.Provider, config agentVersionModel, diags *diag.Diagnostics) agentVersionModel {
	if id := config.ID.ValueString(); id != "" {
		found, err := p.API.AgentVersion(ctx, id)
		if err != nil {
			addLookupError(p, "agent version", id, err, diags)
		}
		return config.merge(found)
	}
	agent, identifier := config.AgentID.ValueString(), config.ExternalIdentifier.ValueString()
	rows, err := inventory.Of(p).AgentVersions(ctx, agent)
	if err != nil {
		addListError(p, "agent version", err, diags, "agent_id")
		return config
	}
	// Ids begin with the time of creation, so the newest has the highest id.
	var newest agentVersionModel
	for _, row := range rows {
		if row.ExternalIdentifier.Value == identifier && row.ID > newest.ID.ValueString() {
			newest = config.merge(row)
		}
	}
	if newest.ID.IsNull() {
		noSuch("external_identifier", "agent version", fmt.Sprintf("Agent %s has no version whose external identifier is %s. It has %s.",
			agent, quoted(identifier), listed("agent version", rows, agentVersionEntry)), diags)
	}
	return newest
}
