package prefactor

import (
	"context"
)

// Person is an entry of the directory of persons, who own agents and belong to
// teams. It is not a user who can sign in; those are AdminUser. Source: the
// vendor's newest client (person.ts); the reference has no page. Records in
// lists have no timestamps.
type Person struct {
	ID      string          `json:"id"`
	Email   Field[string]   `json:"email"`
	Name    Field[string]   `json:"name"`
	TeamIDs Field[[]string] `json:"team_ids"`
	Title   Field[string]   `json:"title"`
}

// NewPerson is an object to create. ID is a new PFID of the account's partition,
// or empty to leave it to the platform.
type NewPerson struct {
	ID      string   `json:"id,omitempty"`
	Email   string   `json:"email"`
	Name    string   `json:"name"`
	TeamIDs []string `json:"team_ids,omitempty"`
	Title   string   `json:"title,omitempty"`
}

// PersonUpdate has the changes: the zero Field keeps what the person has,
// and Null clears the title. The teams replace all that there are.
type PersonUpdate struct {
	Email   string          `json:"email,omitempty"`
	Name    string          `json:"name,omitempty"`
	TeamIDs Field[[]string] `json:"team_ids,omitzero"`
	Title   Field[string]   `json:"title,omitzero"`
}

var persons = kind[Person]{
	noun: "person", path: "/person", id: func(p Person) string { return p.ID },
	filter: "team_id",
}

// Persons lists the persons of a team; without one, those of the credentials'
// account.
func (c *Client) Persons(ctx context.Context, teamID string) ([]Person, error) {
	return persons.list(ctx, c, teamID)
}

// Person reads one person.
func (c *Client) Person(ctx context.Context, id string) (Person, error) {
	return persons.read(ctx, c, id)
}

// CreatePerson creates a person.
func (c *Client) CreatePerson(ctx context.Context, n NewPerson) (Created[Person], error) {
	return persons.create(ctx, c, n)
}

// UpdatePerson changes a person in place.
func (c *Client) UpdatePerson(ctx context.Context, id string, u PersonUpdate) (Person, error) {
	return persons.update(ctx, c, id, u)
}

// DeletePerson deletes a person.
func (c *Client) DeletePerson(ctx context.Context, id string) error {
	return persons.remove(ctx, c, id)
}
