package emulator

import "slices"

// Team owns agents and has persons. Reference: clients/team.ts.
type Team struct {
	Object
	Name string
}

func (*Team) kind() string { return "team" }

func (t *Team) show(p *Platform, single bool) object {
	agents, people := 0, 0
	for _, a := range p.agents {
		if a.TeamID == t.ID {
			agents++
		}
	}
	for _, person := range all[*Person](p, t.AccountID) {
		if slices.Contains(person.TeamIDs, t.ID) {
			people++
		}
	}
	o := object{"name": t.Name, "agent_count": agents, "people_count": people}
	if single {
		t.stamp(p, o)
	}
	return o
}

func (t *Team) fill(f *form) { f.mandatory("name", &t.Name) }

// onDelete clears the references. Whether the platform does is not known.
func (t *Team) onDelete(p *Platform) *failure {
	for _, a := range p.agents {
		if a.TeamID == t.ID {
			a.TeamID = ""
		}
	}
	for _, person := range all[*Person](p, t.AccountID) {
		person.TeamIDs = slices.DeleteFunc(person.TeamIDs, func(id string) bool { return id == t.ID })
	}
	return nil
}

func anyTeam(*call) (func(*Team) bool, *failure) {
	return func(*Team) bool { return true }, nil
}

// AddTeam seeds a team.
func (p *Platform) AddTeam(accountID, name string) Team {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := &Team{Name: name}
	p.add(t, "", accountID)
	return *t
}
