package emulator

import "slices"

// Team has agents and persons. Reference: clients/team.ts.
type Team struct {
	Object
	Name string
}

func (*Team) kind() string { return "team" }

func (t *Team) show(p *Platform, single bool) object {
	agents, people := t.members(p)
	o := object{"name": t.Name, "agent_count": len(agents), "people_count": len(people)}
	if single {
		t.stamp(p, o)
	}
	return o
}

func (t *Team) members(p *Platform) ([]*Agent, []*Person) {
	return where(p, func(a *Agent) bool { return a.TeamID == t.ID }), where(p, func(person *Person) bool { return slices.Contains(person.TeamIDs, t.ID) })
}

func (t *Team) fill(f *form) { f.mandatory("name", &t.Name) }

// onDelete clears the references. Whether the platform does is not known.
func (t *Team) onDelete(p *Platform) *failure {
	agents, people := t.members(p)
	for _, a := range agents {
		a.TeamID = ""
	}
	for _, person := range people {
		person.TeamIDs = slices.DeleteFunc(person.TeamIDs, func(id string) bool { return id == t.ID })
	}
	return nil
}

// AddTeam seeds a team.
func (p *Platform) AddTeam(accountID, name string) Team {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := &Team{Name: name}
	p.add(t, "", accountID)
	return *t
}
