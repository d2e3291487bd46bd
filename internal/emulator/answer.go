package emulator

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// object is a JSON object of the API.
type object = map[string]any

// answer is what a handler wants to be sent.
type answer struct {
	status int
	body   object // nil sends no body
}

func details(status int, o object) answer {
	return answer{status, object{"status": "success", "details": o}}
}

// failure is an error of the API.
type failure struct {
	// status is that of a refused validation when 0.
	status  int
	code    string
	message string
	fields  []fieldError
}

type fieldError struct{ field, code, message string }

func (f *failure) Error() string { return f.code + ": " + f.message }

func errNotFound(what string) *failure {
	return &failure{status: http.StatusNotFound, code: "not_found", message: what + " not found"}
}

func invalid(fields ...fieldError) *failure {
	return &failure{code: "validation_errors", message: "Validation failed", fields: fields}
}

func invalidField(field, message string) *failure {
	return invalid(fieldError{field, "invalid", message})
}

func required(field string) fieldError { return fieldError{field, "required", "is required"} }

func (p *Platform) failed(f *failure) answer {
	body := object{"status": "error", "code": f.code, "message": f.message}
	if len(f.fields) > 0 {
		errs := object{}
		for _, e := range f.fields {
			switch p.variant.FieldErrors {
			case "string":
				errs[e.field] = e.message
			case "list":
				errs[e.field] = []string{e.message}
			default:
				errs[e.field] = object{"code": e.code, "message": e.message}
			}
		}
		if p.variant.FieldErrors == "nested" {
			errs = object{"details": errs}
		}
		body["errors"] = errs
	}
	status := cmp.Or(f.status, p.variant.ValidationStatus, http.StatusUnprocessableEntity)
	return answer{status, body}
}

// write sends an answer. The Date is the platform's own time.
func (p *Platform) write(w http.ResponseWriter, a answer) {
	if w.Header().Get("Date") == "" {
		w.Header().Set("Date", p.now().UTC().Format(http.TimeFormat))
	}
	if a.body == nil {
		w.WriteHeader(a.status)
		return
	}
	raw, err := json.Marshal(a.body)
	if err != nil {
		panic("emulator: " + err.Error())
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(raw)))
	w.WriteHeader(a.status)
	_, _ = w.Write(raw)
}

func (p *Platform) stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	layout := "2006-01-02T15:04:05.000000"
	if p.variant.WholeSeconds {
		layout = "2006-01-02T15:04:05"
	}
	if p.variant.Offset {
		return t.UTC().Format(layout) + "+00:00"
	}
	return t.UTC().Format(layout) + "Z"
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func (p *Platform) stamped(kind string, o Object, fields object) object {
	fields["id"] = o.ID
	fields["type"] = kind
	fields["inserted_at"] = p.stamp(o.InsertedAt)
	fields["updated_at"] = p.stamp(o.UpdatedAt)
	return fields
}

func (p *Platform) showAccount(a *Account) object {
	return p.stamped("account", a.Object, object{"name": a.Name})
}

func (p *Platform) showEnvironment(e *Environment) object {
	return p.stamped("environment", e.Object, object{
		"name": e.Name, "account_id": e.AccountID, "purpose": orNull(e.Purpose), "description": orNull(e.Description),
	})
}

func (p *Platform) showAgent(a *Agent) object {
	return p.stamped("agent", a.Object, object{
		"name": a.Name, "account_id": a.AccountID, "description": orNull(a.Description), "external_identifier": orNull(a.ExternalIdentifier),
		"current_version_id": orNull(a.CurrentVersionID), "status": a.Status,
		"risk_profile_id": orNull(a.RiskProfileID), "team_id": orNull(a.TeamID), "owner_person_id": orNull(a.OwnerPersonID),
	})
}

func (p *Platform) showDeployment(d *Deployment) object {
	return p.stamped("agent_deployment", d.Object, object{
		"account_id": d.AccountID, "agent_id": d.AgentID, "environment_id": d.EnvironmentID, "current_version_id": orNull(d.CurrentVersionID),
	})
}

// lastUse is the last use that the platform shows by now.
func (p *Platform) lastUse(row *tokenRow) time.Time {
	if p.variant.NoLastUsed {
		return time.Time{}
	}
	if p.variant.LastUsedLag == 0 {
		return row.LastUsedAt
	}
	until := p.now().Add(-p.variant.LastUsedLag)
	for _, at := range slices.Backward(row.uses) {
		if !at.After(until) {
			return at
		}
	}
	return time.Time{}
}

func (p *Platform) showToken(t *tokenRow) object {
	status := t.Status
	if p.variant.ExpiredStatus != "" && status != statusRevoked && !p.now().Before(t.ExpiresAt) {
		status = p.variant.ExpiredStatus
	}
	o := p.stamped("api_token", t.Object, object{
		"available_actions": availableActions(t.Status),

		"token_scope": t.Scope, "account_id": t.AccountID, "agent_deployment_id": orNull(t.AgentDeploymentID), "agent_id": orNull(t.AgentID),
		"environment_id": orNull(t.EnvironmentID), "expires_at": p.stamp(t.ExpiresAt), "last_used_at": p.stamp(p.lastUse(t)), "status": status,
	})
	if p.variant.AgentID == "absent" {
		delete(o, "agent_id")
	}
	switch p.variant.CreatedBy {
	case "absent":
	case "object":
		o["created_by"] = object{"name": orNull(t.CreatedBy), "email": nil}
	default:
		o["created_by"] = orNull(t.CreatedBy)
	}
	o["created_by_admin_user_id"] = orNull(t.CreatedBy)
	if p.variant.NoInsertedAt {
		delete(o, "inserted_at")
		delete(o, "updated_at")
	}
	return o
}
