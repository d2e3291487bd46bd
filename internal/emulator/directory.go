package emulator

import (
	"cmp"
	"net/http"

	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
)

func listAccounts(c *call) (answer, *failure) {
	if c.p.variant.NoAccountList {
		return answer{}, &failure{status: http.StatusForbidden, code: "not_permitted", message: "this token may not list accounts"}
	}
	own := c.p.accounts[c.token.AccountID]
	if c.p.variant.AccountAsObject {
		return details(http.StatusOK, c.p.showAccount(own)), nil
	}
	return c.list([]listRow{{id: own.ID, show: func() object { return c.p.showAccount(own) }}})
}

// ownAccount finds the account, which the caller can see if it is its own.
func (c *call) ownAccount(id string) (*Account, *failure) {
	if id != c.token.AccountID {
		return nil, errNotFound("account")
	}
	return c.p.accounts[id], nil
}

func readAccount(c *call) (answer, *failure) {
	a, f := c.ownAccount(c.id)
	if f != nil {
		return answer{}, f
	}
	return details(http.StatusOK, c.p.showAccount(a)), nil
}

func updateAccount(c *call) (answer, *failure) {
	a, f := c.ownAccount(c.id)
	if f != nil {
		return answer{}, f
	}
	name, given, f := c.text("name")
	if f != nil {
		return answer{}, f
	}
	if given {
		if name == "" {
			return answer{}, invalid(required("name"))
		}
		a.Name = name
		a.UpdatedAt = c.p.now().UTC()
	}
	return details(http.StatusOK, c.p.showAccount(a)), nil
}

// chosenID is the id that a new object gets: the one that the caller chose, or
// empty for the platform's own choice.
func (c *call) chosenID(id string) (string, *failure) {
	switch {
	case id == "":
		return "", nil
	case c.p.variant.ChosenID == "refused":
		return "", invalidField("id", "cannot be chosen")
	case c.p.variant.ChosenID == "ignored":
		return "", nil
	}
	parsed, err := pfid.Parse(id)
	switch {
	case err != nil:
		return "", invalidField("id", "is not a PFID")
	case parsed.Partition() != c.p.partitions[c.token.AccountID]:
		return "", invalidField("id", "has another partition than the account")
	case c.p.taken(id):
		return "", invalidField("id", "has already been taken")
	}
	return id, nil
}

// taken tells whether an object of any kind has the id.
func (p *Platform) taken(id string) bool {
	_, account := p.accounts[id]
	_, environment := p.environments[id]
	_, agent := p.agents[id]
	_, deployment := p.deployments[id]
	_, token := p.tokens[id]
	_, other := p.objects[id]
	return other || account || environment || agent || deployment || token
}

// created is the answer to a creation.
func (p *Platform) created(o object) answer {
	return details(cmp.Or(p.variant.CreateStatus, http.StatusCreated), o)
}

// Environments.

func (c *call) environment() (*Environment, *failure) {
	e, ok := c.p.environments[c.id]
	if !ok || e.AccountID != c.token.AccountID {
		return nil, errNotFound("environment")
	}
	return e, nil
}

func listEnvironments(c *call) (answer, *failure) {
	account := c.query.Get("account_id")
	if account == "" {
		return answer{}, invalid(required("account_id"))
	}
	if _, f := c.ownAccount(account); f != nil {
		return answer{}, f
	}
	var rows []listRow
	for _, e := range c.p.environments {
		if e.AccountID == account {
			rows = append(rows, listRow{e.ID, func() object { return c.p.showEnvironment(e) }})
		}
	}
	return c.list(rows)
}

func createEnvironment(c *call) (answer, *failure) {
	v, f := c.texts("id", "account_id", "name", "purpose", "description")
	if f != nil {
		return answer{}, f
	}
	switch {
	case v["account_id"] == "":
		return answer{}, invalid(required("account_id"))
	case v["account_id"] != c.token.AccountID:
		return answer{}, invalidField("account_id", "does not exist")
	case v["name"] == "":
		return answer{}, invalid(required("name"))
	}
	id, f := c.chosenID(v["id"])
	if f != nil {
		return answer{}, f
	}
	e := c.p.addEnvironment(id, v["account_id"], v["name"])
	e.Purpose, e.Description = v["purpose"], v["description"]
	return c.p.created(c.p.showEnvironment(e)), nil
}

func readEnvironment(c *call) (answer, *failure) {
	e, f := c.environment()
	if f != nil {
		return answer{}, f
	}
	return details(http.StatusOK, c.p.showEnvironment(e)), nil
}

func updateEnvironment(c *call) (answer, *failure) {
	e, f := c.environment()
	if f != nil {
		return answer{}, f
	}
	if f := c.set(&e.Object, map[string]*string{"name": &e.Name, "purpose": &e.Purpose, "description": &e.Description}); f != nil {
		return answer{}, f
	}
	return details(http.StatusOK, c.p.showEnvironment(e)), nil
}

func deleteEnvironment(c *call) (answer, *failure) {
	e, f := c.environment()
	if f != nil {
		return answer{}, f
	}
	for _, d := range c.p.deployments {
		if d.EnvironmentID == e.ID {
			return answer{}, c.p.refused("agents are deployed to this environment")
		}
	}
	if c.p.hasLiveToken(func(t *tokenRow) bool { return t.EnvironmentID == e.ID }) {
		return answer{}, c.p.refused("this environment has tokens that are not revoked")
	}
	delete(c.p.environments, e.ID)
	return c.p.deleted(nil), nil
}

// set changes the text fields that the details have; null clears them. All of
// them are checked first: what is refused changes nothing.
func (c *call) set(o *Object, fields map[string]*string) *failure {
	values := map[string]string{}
	for field := range fields {
		v, given, f := c.text(field)
		switch {
		case f != nil:
			return f
		case given && field == "name" && v == "":
			return invalid(required("name"))
		case given:
			values[field] = v
		}
	}
	for field, v := range values {
		*fields[field] = v
	}
	o.UpdatedAt = c.p.now().UTC()
	return nil
}

func (p *Platform) hasLiveToken(of func(*tokenRow) bool) bool {
	for _, row := range p.tokens {
		if row.Status != statusRevoked && of(row) {
			return true
		}
	}
	return false
}

// Agents.

func (c *call) agent() (*Agent, *failure) {
	a, ok := c.p.agents[c.id]
	if !ok || a.AccountID != c.token.AccountID {
		return nil, errNotFound("agent")
	}
	return a, nil
}

func listAgents(c *call) (answer, *failure) {
	if account := c.query.Get("account_id"); account != "" {
		if _, f := c.ownAccount(account); f != nil {
			return answer{}, f
		}
	}
	var rows []listRow
	for _, a := range c.p.agents {
		if a.AccountID == c.token.AccountID && c.selects("risk_profile_id", a.RiskProfileID) && c.selects("team_id", a.TeamID) && c.selects("owner_person_id", a.OwnerPersonID) {
			rows = append(rows, listRow{a.ID, func() object {
				o := c.p.showAgent(a)
				// Reference: Agent_Summary.
				delete(o, "risk_profile_id")
				return o
			}})
		}
	}
	return c.list(rows)
}

func (c *call) agentByIdentifier(identifier string) *Agent {
	for _, a := range c.p.agents {
		if a.AccountID == c.token.AccountID && a.ExternalIdentifier == identifier {
			return a
		}
	}
	return nil
}

func showAgentByIdentifier(c *call) (answer, *failure) {
	identifier := c.query.Get("external_identifier")
	if identifier == "" {
		return answer{}, invalid(required("external_identifier"))
	}
	a := c.agentByIdentifier(identifier)
	if a == nil {
		return answer{}, errNotFound("agent")
	}
	return details(http.StatusOK, c.p.showAgent(a)), nil
}

func createAgent(c *call) (answer, *failure) {
	v, f := c.texts("id", "account_id", "name", "description", "external_identifier")
	if f != nil {
		return answer{}, f
	}
	switch {
	case v["account_id"] != "" && v["account_id"] != c.token.AccountID:
		return answer{}, invalidField("account_id", "does not exist")
	case v["name"] == "":
		return answer{}, invalid(required("name"))
	case v["external_identifier"] != "" && c.agentByIdentifier(v["external_identifier"]) != nil:
		return answer{}, invalidField("external_identifier", "has already been taken")
	}
	refs, f := c.agentReferences(&Agent{})
	if f != nil {
		return answer{}, f
	}
	id, f := c.chosenID(v["id"])
	if f != nil {
		return answer{}, f
	}
	a := c.p.addAgent(id, c.token.AccountID, v["name"])
	a.Description, a.ExternalIdentifier = v["description"], v["external_identifier"]
	a.RiskProfileID, a.TeamID, a.OwnerPersonID = refs.RiskProfileID, refs.TeamID, refs.OwnerPersonID
	return c.p.created(c.p.showAgent(a)), nil
}

// selects tells whether the filter of a list leaves a value in: "null" selects
// what has none. Source: the Python client, list_agents.
func (c *call) selects(filter, value string) bool {
	want := c.query.Get(filter)
	return want == "" || want == value || (want == "null" && value == "")
}

// agentReferences reads which profile, team and owner an agent is to have.
func (c *call) agentReferences(a *Agent) (Agent, *failure) {
	changed := *a
	form := &form{c: c, account: c.token.AccountID}
	reference[*RiskProfile](form, "risk_profile_id", &changed.RiskProfileID)
	reference[*Team](form, "team_id", &changed.TeamID)
	reference[*Person](form, "owner_person_id", &changed.OwnerPersonID)
	return changed, form.failure()
}

func readAgent(c *call) (answer, *failure) {
	a, f := c.agent()
	if f != nil {
		return answer{}, f
	}
	return details(http.StatusOK, c.p.showAgent(a)), nil
}

func updateAgent(c *call) (answer, *failure) {
	a, f := c.agent()
	if f != nil {
		return answer{}, f
	}
	if v, given, f := c.text("external_identifier"); f != nil || (given && v != a.ExternalIdentifier) {
		return answer{}, invalidField("external_identifier", "cannot be changed")
	}
	refs, f := c.agentReferences(a)
	if f != nil {
		return answer{}, f
	}
	if f := c.set(&a.Object, map[string]*string{"name": &a.Name, "description": &a.Description, "current_version_id": &a.CurrentVersionID}); f != nil {
		return answer{}, f
	}
	a.RiskProfileID, a.TeamID, a.OwnerPersonID = refs.RiskProfileID, refs.TeamID, refs.OwnerPersonID
	return details(http.StatusOK, c.p.showAgent(a)), nil
}

func deleteAgent(c *call) (answer, *failure) {
	a, f := c.agent()
	if f != nil {
		return answer{}, f
	}
	for _, d := range c.p.deployments {
		if d.AgentID == a.ID {
			return answer{}, c.p.refused("this agent has deployments")
		}
	}
	if c.p.hasLiveToken(func(t *tokenRow) bool { return t.AgentID == a.ID }) {
		return answer{}, c.p.refused("this agent has tokens that are not revoked")
	}
	delete(c.p.agents, a.ID)
	return c.p.deleted(nil), nil
}

func retireAgent(c *call) (answer, *failure) {
	a, f := c.agent()
	switch {
	case f != nil:
		return answer{}, f
	case a.Status == "retired":
		return answer{}, c.p.refused("the agent is retired already")
	}
	a.Status = "retired"
	a.UpdatedAt = c.p.now().UTC()
	return details(http.StatusOK, c.p.showAgent(a)), nil
}

func reinstateAgent(c *call) (answer, *failure) {
	a, f := c.agent()
	switch {
	case f != nil:
		return answer{}, f
	case a.Status != "retired":
		return answer{}, c.p.refused("the agent is not retired")
	}
	// An agent that has come back has not been seen yet.
	a.Status = "pending"
	a.UpdatedAt = c.p.now().UTC()
	return details(http.StatusOK, c.p.showAgent(a)), nil
}

// Deployments.

func (c *call) deployment() (*Deployment, *failure) {
	d, ok := c.p.deployments[c.id]
	if !ok || d.AccountID != c.token.AccountID {
		return nil, errNotFound("agent_deployment")
	}
	return d, nil
}

func listDeployments(c *call) (answer, *failure) {
	agentID := c.query.Get("agent_id")
	if agentID == "" && c.p.variant.DeploymentsOfAccount {
		var rows []listRow
		for _, d := range c.p.deployments {
			if d.AccountID == c.token.AccountID {
				rows = append(rows, listRow{id: d.ID, show: func() object { return c.p.showDeployment(d) }})
			}
		}
		return c.list(rows)
	}
	if agentID == "" {
		return answer{}, invalid(required("agent_id"))
	}
	if a, ok := c.p.agents[agentID]; !ok || a.AccountID != c.token.AccountID {
		return answer{}, errNotFound("agent")
	}
	var rows []listRow
	for _, d := range c.p.deployments {
		if d.AgentID == agentID {
			rows = append(rows, listRow{id: d.ID, show: func() object { return c.p.showDeployment(d) }})
		}
	}
	return c.list(rows)
}

func createDeployment(c *call) (answer, *failure) {
	v, f := c.texts("id", "agent_id", "environment_id", "current_version_id")
	if f != nil {
		return answer{}, f
	}
	agent, environment := c.p.agents[v["agent_id"]], c.p.environments[v["environment_id"]]
	switch {
	case v["agent_id"] == "":
		return answer{}, invalid(required("agent_id"))
	case v["environment_id"] == "":
		return answer{}, invalid(required("environment_id"))
	case agent == nil || agent.AccountID != c.token.AccountID:
		return answer{}, invalidField("agent_id", "does not exist")
	case environment == nil || environment.AccountID != c.token.AccountID:
		return answer{}, invalidField("environment_id", "does not exist")
	case c.p.deploymentOf(agent.ID, environment.ID) != nil:
		return answer{}, invalidField("environment_id", "the agent is already deployed to this environment")
	}
	id, f := c.chosenID(v["id"])
	if f != nil {
		return answer{}, f
	}
	d := c.p.addDeployment(id, agent, environment.ID)
	d.CurrentVersionID = v["current_version_id"]
	return c.p.created(c.p.showDeployment(d)), nil
}

func readDeployment(c *call) (answer, *failure) {
	d, f := c.deployment()
	if f != nil {
		return answer{}, f
	}
	return details(http.StatusOK, c.p.showDeployment(d)), nil
}

func updateDeployment(c *call) (answer, *failure) {
	d, f := c.deployment()
	if f != nil {
		return answer{}, f
	}
	if f := c.set(&d.Object, map[string]*string{"current_version_id": &d.CurrentVersionID}); f != nil {
		return answer{}, f
	}
	return details(http.StatusOK, c.p.showDeployment(d)), nil
}

func deleteDeployment(c *call) (answer, *failure) {
	d, f := c.deployment()
	if f != nil {
		return answer{}, f
	}
	if c.p.hasLiveToken(func(t *tokenRow) bool { return t.AgentDeploymentID == d.ID }) {
		return answer{}, c.p.refused("this deployment has tokens that are not revoked")
	}
	delete(c.p.deployments, d.ID)
	return c.p.deleted(c.p.showDeployment(d)), nil
}
