package prefactor

import "context"

// Team is a group of persons that agents can be assigned to. It is not a group
// of users who can sign in. Source: the vendor's newest client (team.ts); the
// reference has no page.
type Team struct {
	ID   string        `json:"id"`
	Name Field[string] `json:"name"`
}

// NewTeam is an object to create. ID is a new PFID of the account's partition, or
// empty to leave it to the platform.
type NewTeam struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name"`
}

// TeamUpdate has the new values of a team.
type TeamUpdate struct {
	Name string `json:"name"`
}

var teams = kind[Team]{
	noun: "team", path: "/team", id: func(t Team) string { return t.ID },
}

// Teams lists the teams of the credentials' account.
func (c *Client) Teams(ctx context.Context) ([]Team, error) {
	return teams.list(ctx, c, "")
}

// Team reads one team.
func (c *Client) Team(ctx context.Context, id string) (Team, error) {
	return teams.read(ctx, c, id)
}

// CreateTeam creates a team.
func (c *Client) CreateTeam(ctx context.Context, n NewTeam) (Created[Team], error) {
	return teams.create(ctx, c, n)
}

// UpdateTeam changes a team in place.
func (c *Client) UpdateTeam(ctx context.Context, id string, u TeamUpdate) (Team, error) {
	return teams.update(ctx, c, id, u)
}

// DeleteTeam deletes a team.
func (c *Client) DeleteTeam(ctx context.Context, id string) error {
	return teams.remove(ctx, c, id)
}
