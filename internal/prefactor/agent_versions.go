package prefactor

import "context"

// AgentVersion is a version of an agent, which running agents report. It can
// be neither changed nor deleted. Reference: queryagentversionlist.
type AgentVersion struct {
	ID                   string        `json:"id"`
	AccountID            Field[string] `json:"account_id"`
	AgentID              Field[string] `json:"agent_id"`
	AgentSchemaVersionID Field[string] `json:"agent_schema_version_id"`
	// ExternalIdentifier is not unique: a version is created for each
	// combination of identifier and schema.
	ExternalIdentifier Field[string]    `json:"external_identifier"`
	InsertedAt         Field[Timestamp] `json:"inserted_at"`
}

var agentVersions = kind[AgentVersion]{
	noun: "agent version", path: "/agent_version", id: func(v AgentVersion) string { return v.ID },
	filter: "agent_id",
}

// AgentVersions lists the versions of an agent.
func (c *Client) AgentVersions(ctx context.Context, agentID string) ([]AgentVersion, error) {
	return agentVersions.list(ctx, c, agentID)
}

// AgentVersion reads one version.
func (c *Client) AgentVersion(ctx context.Context, id string) (AgentVersion, error) {
	return agentVersions.read(ctx, c, id)
}
