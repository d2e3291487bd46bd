package emulator

import "slices"

// Person is an entry of the account's directory, such as the owner of an
// agent, not a user who signs in. Reference: clients/person.ts.
type Person struct {
	Object
	Name, Email, Title string
	TeamIDs            []string
}

func (*Person) kind() string { return "person" }

func (person *Person) show(p *Platform, single bool) object {
	o := object{
		"name": person.Name, "email": person.Email, "title": orNull(person.Title), "team_ids": append([]string{}, person.TeamIDs...),
	}
	if single {
		person.stamp(p, o)
	}
	return o
}

func (person *Person) fill(f *form) {
	f.mandatory("name", &person.Name)
	f.mandatory("email", &person.Email)
	f.optional("title", &person.Title)
	v, given := f.c.details["team_ids"]
	if !given || v == nil {
		return
	}
	ids, ok := v.([]any)
	if !ok {
		f.reject("team_ids", "invalid", "must be a list")
		return
	}
	person.TeamIDs = nil
	for _, v := range ids {
		id, _ := v.(string)
		if _, ok := find[*Team](f.c.p, f.account, id); !ok {
			f.reject("team_ids", "not_found", "has a team that does not exist")
			return
		}
		person.TeamIDs = append(person.TeamIDs, id)
	}
}

// onDelete clears the references. Whether the platform does is not known.
func (person *Person) onDelete(p *Platform) *failure {
	for _, a := range where(p, func(a *Agent) bool { return a.OwnerPersonID == person.ID }) {
		a.OwnerPersonID = ""
	}
	return nil
}

func personsOfTeam(c *call) (func(*Person) bool, *failure) {
	team := c.query.Get("team_id")
	if team == "" {
		return every[*Person](c)
	}
	if _, ok := find[*Team](c.p, c.token.AccountID, team); !ok {
		return nil, errNotFound("team")
	}
	return func(person *Person) bool { return slices.Contains(person.TeamIDs, team) }, nil
}

// AddPerson seeds a person.
func (p *Platform) AddPerson(accountID, name, email string, teamIDs ...string) Person {
	p.mu.Lock()
	defer p.mu.Unlock()
	person := &Person{Name: name, Email: email, TeamIDs: teamIDs}
	p.add(person, "", accountID)
	return *person
}
