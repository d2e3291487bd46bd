package prefactor

import (
	"context"
	"net/http"
	"net/url"

	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
)

// The states of an agent. A retired agent stays so until it is reinstated;
// the platform changes the others by itself.
const (
	AgentPending = "pending"
	AgentActive  = "active"
	AgentDormant = "dormant"
	AgentRetired = "retired"
)

// Agent is an AI agent that the platform governs. It does not say its account
// (reference: actionagentupdate).
type Agent struct {
	ID                 string           `json:"id"`
	Name               Field[string]    `json:"name"`
	Description        Field[string]    `json:"description"`
	ExternalIdentifier Field[string]    `json:"external_identifier"`
	Status             Field[string]    `json:"status"`
	InsertedAt         Field[Timestamp] `json:"inserted_at"`
	TeamID             Field[string]    `json:"team_id"`
	OwnerPersonID      Field[string]    `json:"owner_person_id"`
	// RiskProfileID is in single agents only: records in lists do not have it.
	RiskProfileID Field[string] `json:"risk_profile_id"`
	// AvailableActions says what can be done with the agent, by its status and
	// its instances.
	AvailableActions Field[AgentActions]   `json:"available_actions"`
	InstanceCounts   Field[AgentInstances] `json:"instance_counts"`
}

// AgentInstances counts the instances of an agent: those that have not ended,
// and all.
type AgentInstances struct {
	Active  int64 `json:"active"`
	Pending int64 `json:"pending"`
	Total   int64 `json:"total"`
}

// AgentActions are the actions that an agent allows.
type AgentActions struct {
	Delete    bool `json:"delete"`
	Reinstate bool `json:"reinstate"`
	Retire    bool `json:"retire"`
	Update    bool `json:"update"`
}

// NewAgent is an object to create. ID is a new PFID of the account's partition,
// or empty to leave it to the platform.
type NewAgent struct {
	ID                 string        `json:"id,omitempty"`
	Name               string        `json:"name"`
	Description        string        `json:"description,omitempty"`
	ExternalIdentifier string        `json:"external_identifier,omitempty"`
	RiskProfileID      Field[string] `json:"risk_profile_id,omitzero"`
	TeamID             Field[string] `json:"team_id,omitzero"`
	OwnerPersonID      Field[string] `json:"owner_person_id,omitzero"`
}

// AgentUpdate has the changes: the zero Field keeps what the agent has, and
// Null clears it. The external identifier can be set at creation only.
type AgentUpdate struct {
	Name          string        `json:"name,omitempty"`
	Description   Field[string] `json:"description,omitzero"`
	RiskProfileID Field[string] `json:"risk_profile_id,omitzero"`
	TeamID        Field[string] `json:"team_id,omitzero"`
	OwnerPersonID Field[string] `json:"owner_person_id,omitzero"`
}

var agents = kind[Agent]{
	noun: "agent", path: "/agent", id: func(a Agent) string { return a.ID },
	filter: "risk_profile_id",
	complete: func(a *Agent, profileID string) {
		// The objects of lists do not have the profile.
		a.RiskProfileID = Some(profileID)
		if profileID == NoRiskProfile {
			a.RiskProfileID = Null[string]()
		}
	},
}

// Agents lists the agents of the credentials' account, oldest first.
func (c *Client) Agents(ctx context.Context) ([]Agent, error) {
	return agents.list(ctx, c, "")
}

// NoRiskProfile selects the agents without a risk profile. Reference: list_agents of
// the vendor's Python client.
const NoRiskProfile = "null"

// AgentPage reads a page of the list of the agents with a risk profile, or with none.
func (c *Client) AgentPage(ctx context.Context, profileID string, offset int) (Page[Agent], error) {
	return agents.page(ctx, c, profileID, offset, false)
}

// Agent reads one agent.
func (c *Client) Agent(ctx context.Context, id string) (Agent, error) {
	return agents.read(ctx, c, id)
}

// AgentByExternalIdentifier reads the agent with an external identifier.
func (c *Client) AgentByExternalIdentifier(ctx context.Context, identifier string) (Agent, error) {
	r := request{
		op: "look up an agent by its external identifier", method: http.MethodGet, path: "/agent/show",
		query: url.Values{"external_identifier": {identifier}},
	}
	found, a, err := callFor[Agent](ctx, c, r)
	if err != nil {
		return Agent{}, err
	}
	if !pfid.Valid(found.ID) || (found.ExternalIdentifier.Present && found.ExternalIdentifier.Value != identifier) {
		return Agent{}, c.malformed(r, a, "it describes another agent")
	}
	return found, nil
}

// CreateAgent creates an agent.
func (c *Client) CreateAgent(ctx context.Context, n NewAgent) (Created[Agent], error) {
	return agents.create(ctx, c, n)
}

// UpdateAgent changes an agent in place.
func (c *Client) UpdateAgent(ctx context.Context, id string, u AgentUpdate) (Agent, error) {
	return agents.update(ctx, c, id, u)
}

// DeleteAgent deletes an agent that is not in use.
func (c *Client) DeleteAgent(ctx context.Context, id string) error {
	return agents.remove(ctx, c, id)
}

// RetireAgent retires an agent until it is reinstated.
func (c *Client) RetireAgent(ctx context.Context, id string) (Agent, error) {
	return agents.act(ctx, c, "retire", id)
}

// ReinstateAgent reinstates a retired agent.
func (c *Client) ReinstateAgent(ctx context.Context, id string) (Agent, error) {
	return agents.act(ctx, c, "reinstate", id)
}
