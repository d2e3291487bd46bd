package emulator

import (
	"net/http"
	"slices"
	"time"
)

// legal are the states from which each transition starts, and where it ends.
var legal = map[string]struct {
	from []string
	to   string
}{
	"suspend":  {[]string{statusActive}, statusSuspended},
	"activate": {[]string{statusSuspended}, statusActive},
	"revoke":   {[]string{statusActive, statusSuspended}, statusRevoked},
}

// availableActions are those that the API offers in a state. Reference:
// ApiToken_AvailableActions.
func availableActions(status string) object {
	o := object{"delete": status == statusRevoked}
	for action, rule := range legal {
		o[action] = slices.Contains(rule.from, status)
	}
	return o
}

// transit changes a token's state, if that is legal.
func (p *Platform) transit(row *tokenRow, action string) *failure {
	rule := legal[action]
	if p.variant.ExpiredIsFinal && !p.now().Before(row.ExpiresAt) {
		return p.refused("cannot " + action + " a token that has expired")
	}
	if !slices.Contains(rule.from, row.Status) {
		return p.refused("cannot " + action + " a token that is " + row.Status)
	}
	row.Status = rule.to
	row.UpdatedAt = p.now().UTC()
	return nil
}

// refused is the answer to a transition that is not legal.
func (p *Platform) refused(message string) *failure {
	f := &failure{status: p.variant.RefusedStatus, code: p.variant.RefusedCode, message: message}
	if f.status == 0 {
		f.status = http.StatusConflict
	}
	if f.code == "" {
		f.code = "invalid_action"
	}
	if f.code == "validation_errors" {
		f.fields = []fieldError{{"status", "invalid", message}}
	}
	return f
}

// token finds a token that the caller may see. Those of other accounts do not
// exist for it.
func (c *call) tokenRow() (*tokenRow, *failure) {
	row, ok := c.p.tokens[c.id]
	if !ok || row.AccountID != c.token.AccountID {
		return nil, errNotFound("api_token")
	}
	return row, nil
}

func readToken(c *call) (answer, *failure) {
	row, f := c.tokenRow()
	if f != nil {
		return answer{}, f
	}
	return details(http.StatusOK, c.p.showToken(row)), nil
}

func transition(action string) func(c *call) (answer, *failure) {
	return func(c *call) (answer, *failure) {
		row, f := c.tokenRow()
		if f != nil {
			return answer{}, f
		}
		if f := c.p.transit(row, action); f != nil {
			return answer{}, f
		}
		return details(http.StatusOK, c.p.showToken(row)), nil
	}
}

func deleteToken(c *call) (answer, *failure) {
	row, f := c.tokenRow()
	if f != nil {
		return answer{}, f
	}
	if row.Status != statusRevoked {
		return answer{}, c.p.refused("only a revoked token can be deleted, this one is " + row.Status)
	}
	c.p.remove(row)
	return c.p.deleted(c.p.showToken(row)), nil
}

// deleted is the answer to a deletion.
func (p *Platform) deleted(o object) answer {
	switch {
	case p.variant.DeleteBody && o == nil:
		return answer{http.StatusOK, object{"status": "success"}}
	case p.variant.DeleteBody:
		return details(http.StatusOK, o)
	}
	return answer{status: http.StatusNoContent}
}

func createToken(c *call) (answer, *failure) {
	p := c.p
	v, f := c.texts("token_scope", "account_id", "agent_id", "environment_id", "expires_at")
	if f != nil {
		return answer{}, f
	}
	spec := TokenSpec{Scope: v["token_scope"], AccountID: c.token.AccountID, AgentID: v["agent_id"], EnvironmentID: v["environment_id"], CreatedBy: c.token.CreatedBy}
	if account := v["account_id"]; account != "" && account != c.token.AccountID {
		// What the caller cannot see does not exist for it.
		return answer{}, invalidField("account_id", "does not exist")
	}
	if f := c.checkScope(spec); f != nil {
		return answer{}, f
	}
	if text := v["expires_at"]; text != "" {
		at, err := time.Parse(time.RFC3339Nano, text)
		switch {
		case err != nil:
			return answer{}, invalidField("expires_at", "is not a timestamp")
		case !at.After(p.now()):
			return answer{}, invalidField("expires_at", "must be in the future")
		}
		spec.ExpiresAt = at
	}
	if spec.Scope == scopeDeployment && p.deploymentOf(spec.AgentID, spec.EnvironmentID) == nil {
		switch p.variant.MissingDeployment {
		case "404":
			return answer{}, errNotFound("agent_deployment")
		case "422":
			return answer{}, invalidField("environment_id", "the agent has no deployment in this environment")
		default:
			p.addDeployment("", p.agents[spec.AgentID], spec.EnvironmentID)
		}
	}
	row := p.addToken(spec)
	made := p.created(p.showToken(row))
	made.body["token"] = row.value
	return made, nil
}

// checkScope finds what does not go with the scope of a new token.
func (c *call) checkScope(s TokenSpec) *failure {
	var fields []fieldError
	switch s.Scope {
	case "":
		fields = append(fields, required("token_scope"))
	case scopeAccount:
		if s.AgentID != "" {
			fields = append(fields, fieldError{"agent_id", "forbidden", "must be empty for an account token"})
		}
		if s.EnvironmentID != "" {
			fields = append(fields, fieldError{"environment_id", "forbidden", "must be empty for an account token"})
		}
	case scopeDeployment:
		agent, environment := c.p.agents[s.AgentID], c.p.environments[s.EnvironmentID]
		switch {
		case s.AgentID == "":
			fields = append(fields, required("agent_id"))
		case agent == nil || agent.AccountID != s.AccountID:
			fields = append(fields, fieldError{"agent_id", "not_found", "does not exist"})
		}
		switch {
		case s.EnvironmentID == "":
			fields = append(fields, required("environment_id"))
		case environment == nil || environment.AccountID != s.AccountID:
			fields = append(fields, fieldError{"environment_id", "not_found", "does not exist"})
		}
	case scopeEnvironment:
		fields = append(fields, fieldError{"token_scope", "legacy", "environment tokens can no longer be created"})
	default:
		fields = append(fields, fieldError{"token_scope", "invalid", "is not a scope"})
	}
	if len(fields) > 0 {
		return invalid(fields...)
	}
	return nil
}

func listTokens(c *call) (answer, *failure) {
	rows, f := c.visibleTokens()
	if f != nil {
		return answer{}, f
	}
	return c.list(rows)
}

// visibleTokens are the rows that the caller may list.
func (c *call) visibleTokens() ([]listRow, *failure) {
	if account := c.query.Get("account_id"); account != "" && account != c.token.AccountID {
		return nil, errNotFound("account")
	}
	var rows []listRow
	for _, row := range c.p.tokens {
		if row.AccountID == c.token.AccountID {
			rows = append(rows, c.tokenListRow(row))
		}
	}
	return rows, nil
}

func (c *call) tokenListRow(row *tokenRow) listRow {
	return listRow{id: row.ID, show: func() object {
		o := c.p.showToken(row)
		// Reference: ApiToken_Summary.
		delete(o, "available_actions")
		if c.p.variant.AgentID == "details" {
			delete(o, "agent_id")
		}
		return o
	}}
}
