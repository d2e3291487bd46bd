package emulator

import "time"

// Agent is an AI agent. Reference: queryagentgetdetails, clients/agent.ts, and
// models/agent.py of the vendor's Python client.
//
// What happens to the deployments and tokens of a deleted agent is not known:
// here its deployments are deleted with it, and its tokens no longer
// work.
type Agent struct {
	Object
	Name, Description, ExternalIdentifier string
	// Status is pending, active, dormant or retired.
	Status                               string
	RiskProfileID, TeamID, OwnerPersonID string
	LastActivitySpanAt                   time.Time
	// ActiveInstances keep an agent from being deleted.
	ActiveInstances int
}

func (*Agent) kind() string { return "agent" }

func (a *Agent) externalIdentifier() string { return a.ExternalIdentifier }

func (a *Agent) show(p *Platform, single bool) object {
	retired := a.Status == "retired"
	o := object{
		"name": a.Name, "description": orNull(a.Description), "external_identifier": orNull(a.ExternalIdentifier), "status": a.Status,
		"team_id": orNull(a.TeamID), "owner_person_id": orNull(a.OwnerPersonID), "last_activity_span_at": p.stamp(a.LastActivitySpanAt),
		"available_actions": object{"delete": a.ActiveInstances == 0, "reinstate": retired, "retire": !retired, "update": true},
		"instance_counts": object{
			"active": a.ActiveInstances, "cancelled": 0, "complete": 0, "failed": 0, "finished": 0, "pending": 0, "terminated": 0, "total": a.ActiveInstances,
		},
	}
	if single {
		o["risk_profile_id"] = orNull(a.RiskProfileID)
	}
	a.stamp(p, o)
	return o
}

// fill accepts an external_identifier only for a new agent: it is "only settable
// at create time".
func (a *Agent) fill(f *form) {
	if a.ID == "" {
		a.Status = "pending"
		f.optional("external_identifier", &a.ExternalIdentifier)
		same := func(other *Agent) bool {
			return other.AccountID == f.account && other.ExternalIdentifier == a.ExternalIdentifier
		}
		if a.ExternalIdentifier != "" && len(where(f.c.p, same)) > 0 {
			f.reject("external_identifier", "taken", "has already been taken")
		}
	}
	f.mandatory("name", &a.Name)
	f.optional("description", &a.Description)
	reference[*RiskProfile](f, "risk_profile_id", &a.RiskProfileID)
	reference[*Team](f, "team_id", &a.TeamID)
	reference[*Person](f, "owner_person_id", &a.OwnerPersonID)
}

func (a *Agent) onDelete(p *Platform) *failure {
	if a.ActiveInstances > 0 {
		return p.refused("the agent has active instances")
	}
	for _, d := range where(p, func(d *Deployment) bool { return d.AgentID == a.ID }) {
		delete(p.objects, d.ID)
	}
	return nil
}

// agentsWhere has the filters of the list; "null" selects agents without one.
// Reference: list_agents of the vendor's Python client.
func agentsWhere(c *call) (func(*Agent) bool, *failure) {
	selects := func(filter, value string) bool {
		want := c.query.Get(filter)
		return want == "" || want == value || (want == "null" && value == "")
	}
	return func(a *Agent) bool {
		return selects("risk_profile_id", a.RiskProfileID) && selects("team_id", a.TeamID) && selects("owner_person_id", a.OwnerPersonID)
	}, nil
}

// showAgent also has the risk rollup.
func showAgent(c *call) (answer, *failure) {
	shown, f := show[*Agent](c)
	if f == nil && c.query.Get("include_risk_rollup") == "true" {
		shown.body["risk_rollup"] = nil
	}
	return shown, f
}

// retire retires or reinstates: a reinstated agent has not been seen yet.
func retire(action, to string) func(c *call) (answer, *failure) {
	return func(c *call) (answer, *failure) {
		a, f := target[*Agent](c)
		if f != nil {
			return answer{}, f
		}
		if (a.Status == "retired") == (to == "retired") {
			return answer{}, c.p.refused("cannot " + action + " an agent that is " + a.Status)
		}
		a.Status, a.UpdatedAt = to, c.p.now().UTC()
		return c.p.single(a), nil
	}
}

// AddAgent seeds an agent.
func (p *Platform) AddAgent(accountID, name string) Agent {
	p.mu.Lock()
	defer p.mu.Unlock()
	a := &Agent{Name: name, Status: "pending"}
	p.add(a, "", accountID)
	return *a
}

// SetAgentStatus changes the status of an agent, as the platform does by
// itself when an agent is first seen or was not seen for a long time.
func (p *Platform) SetAgentStatus(id, status string) error {
	return change(p, id, func(a *Agent) { a.Status = status })
}

// SetActiveInstances sets how many instances of an agent run.
func (p *Platform) SetActiveInstances(id string, n int) error {
	return change(p, id, func(a *Agent) { a.ActiveInstances, a.LastActivitySpanAt = n, p.now().UTC() })
}
