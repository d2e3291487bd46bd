package prefactor

import "context"

// Deployment is an agent in an environment. There is at most one for each pair.
type Deployment struct {
	ID               string           `json:"id"`
	AccountID        Field[string]    `json:"account_id"`
	AgentID          Field[string]    `json:"agent_id"`
	EnvironmentID    Field[string]    `json:"environment_id"`
	CurrentVersionID Field[string]    `json:"current_version_id"`
	InsertedAt       Field[Timestamp] `json:"inserted_at"`
}

// NewDeployment is an object to create. ID is a new PFID of the account's
// partition, or empty to leave it to the platform.
type NewDeployment struct {
	ID               string `json:"id,omitempty"`
	AgentID          string `json:"agent_id"`
	EnvironmentID    string `json:"environment_id"`
	CurrentVersionID string `json:"current_version_id,omitempty"`
}

// DeploymentUpdate has the changes: the zero Field keeps what the
// deployment has, and Null clears it.
type DeploymentUpdate struct {
	CurrentVersionID Field[string] `json:"current_version_id,omitzero"`
}

var deployments = kind[Deployment]{
	noun: "agent deployment", path: "/agent_deployment", id: func(d Deployment) string { return d.ID },
	filter:   "agent_id",
	complete: func(d *Deployment, agentID string) { d.AgentID = orSome(d.AgentID, agentID) },
}

// Deployments lists the deployments of an agent, oldest first.
func (c *Client) Deployments(ctx context.Context, agentID string) ([]Deployment, error) {
	return deployments.list(ctx, c, agentID)
}

// DeploymentPage reads a page of the list of an agent's deployments; without an agent
// of all, which the API may reject.
func (c *Client) DeploymentPage(ctx context.Context, agentID string, offset int) (Page[Deployment], error) {
	return deployments.page(ctx, c, agentID, offset, false)
}

// Deployment reads one deployment.
func (c *Client) Deployment(ctx context.Context, id string) (Deployment, error) {
	return deployments.read(ctx, c, id)
}

// CreateDeployment deploys an agent to an environment.
func (c *Client) CreateDeployment(ctx context.Context, n NewDeployment) (Created[Deployment], error) {
	return deployments.create(ctx, c, n)
}

// UpdateDeployment changes a deployment in place.
func (c *Client) UpdateDeployment(ctx context.Context, id string, u DeploymentUpdate) (Deployment, error) {
	return deployments.update(ctx, c, id, u)
}

// DeleteDeployment removes an agent from an environment.
func (c *Client) DeleteDeployment(ctx context.Context, id string) error {
	return deployments.remove(ctx, c, id)
}
