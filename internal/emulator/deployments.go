package emulator

// Deployment is an agent in an environment; "there is at most one active
// deployment per agent per environment". Reference: clients/agent-deployment.ts,
// actionagentdeploymentdelete.
//
// What happens to the tokens of a deleted deployment is not known: here they
// no longer work.
type Deployment struct {
	Object
	AgentID, EnvironmentID, CurrentVersionID string
}

func (*Deployment) kind() string { return "agent_deployment" }

func (d *Deployment) show(p *Platform, _ bool) object {
	o := object{
		"account_id": d.AccountID, "agent_id": d.AgentID, "environment_id": d.EnvironmentID, "current_version_id": orNull(d.CurrentVersionID),
	}
	d.stamp(p, o)
	return o
}

// fill lets an update change current_version_id only.
func (d *Deployment) fill(f *form) {
	if d.ID == "" {
		f.mandatory("agent_id", &d.AgentID)
		f.mandatory("environment_id", &d.EnvironmentID)
		f.pair(d.AgentID, d.EnvironmentID)
		if len(f.faults) == 0 && f.c.p.deploymentOf(d.AgentID, d.EnvironmentID) != nil {
			f.reject("environment_id", "taken", "the agent is already deployed to this environment")
		}
	}
	f.optional("current_version_id", &d.CurrentVersionID)
}

// pair checks that an agent and an environment exist.
func (f *form) pair(agentID, environmentID string) {
	if _, ok := find[*Agent](f.c.p, f.account, agentID); !ok && agentID != "" {
		f.reject("agent_id", "not_found", "does not exist")
	}
	if _, ok := find[*Environment](f.c.p, f.account, environmentID); !ok && environmentID != "" {
		f.reject("environment_id", "not_found", "does not exist")
	}
}

// deploymentsOf requires an agent_id, as the newest client does. In an older one
// it is optional.
func deploymentsOf(c *call) (func(*Deployment) bool, *failure) {
	if c.query.Get("agent_id") == "" && c.p.variant.DeploymentsOfAccount {
		return every[*Deployment](c)
	}
	agent, f := c.agentOfQuery()
	return func(d *Deployment) bool { return d.AgentID == agent }, f
}

// agentOfQuery is the agent_id of lists that require one.
func (c *call) agentOfQuery() (string, *failure) {
	id := c.query.Get("agent_id")
	if id == "" {
		return "", invalid(required("agent_id"))
	}
	if _, ok := find[*Agent](c.p, c.token.AccountID, id); !ok {
		return "", errNotFound("agent")
	}
	return id, nil
}

func (p *Platform) deploymentOf(agentID, environmentID string) *Deployment {
	for _, d := range where(p, func(d *Deployment) bool { return d.AgentID == agentID && d.EnvironmentID == environmentID }) {
		return d
	}
	return nil
}

func (p *Platform) deploy(accountID, agentID, environmentID string) *Deployment {
	d := &Deployment{AgentID: agentID, EnvironmentID: environmentID}
	p.add(d, "", accountID)
	return d
}

// AddDeployment seeds the deployment of an agent in an environment.
func (p *Platform) AddDeployment(agentID, environmentID string) Deployment {
	p.mu.Lock()
	defer p.mu.Unlock()
	return *p.deploy(p.objects[agentID].head().AccountID, agentID, environmentID)
}

// SetDeploymentVersion sets the version of an agent that runs where it is
// deployed, as the agent's own registration does.
func (p *Platform) SetDeploymentVersion(id, version string) error {
	return change(p, id, func(d *Deployment) { d.CurrentVersionID = version })
}
