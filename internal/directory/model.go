package directory

import (
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// base is what agents and deployments have in common.
type base struct {
	ID        types.String      `tfsdk:"id"`
	AccountID types.String      `tfsdk:"account_id"`
	CreatedAt timetypes.RFC3339 `tfsdk:"created_at"`
}

func (b base) ids() (id, account types.String) { return b.ID, b.AccountID }

// keep keeps what was planned: what the platform makes of it after an update is
// for the next refresh.
func (b *base) keep(planned base) {
	if !planned.AccountID.IsUnknown() {
		b.AccountID = planned.AccountID
	}
	if !planned.CreatedAt.IsUnknown() {
		b.CreatedAt = planned.CreatedAt
	}
}

type accountModel struct {
	ID   types.String `tfsdk:"id"`
	Name types.String `tfsdk:"name"`
}

// environmentModel has no time of creation: the platform has none.
type environmentModel struct {
	ID                 types.String `tfsdk:"id"`
	AccountID          types.String `tfsdk:"account_id"`
	Name               types.String `tfsdk:"name"`
	Purpose            types.String `tfsdk:"purpose"`
	Description        types.String `tfsdk:"description"`
	ExternalIdentifier types.String `tfsdk:"external_identifier"`
}

func (m environmentModel) ids() (id, account types.String) { return m.ID, m.AccountID }

// agentRow is an agent in a list, which does not have the risk profile.
type agentRow struct {
	base

	Name               types.String `tfsdk:"name"`
	Description        types.String `tfsdk:"description"`
	ExternalIdentifier types.String `tfsdk:"external_identifier"`
	Status             types.String `tfsdk:"status"`
	TeamID             types.String `tfsdk:"team_id"`
	OwnerPersonID      types.String `tfsdk:"owner_person_id"`
}

type agentModel struct {
	agentRow

	RiskProfileID types.String `tfsdk:"risk_profile_id"`
}

type deploymentModel struct {
	base

	AgentID          types.String `tfsdk:"agent_id"`
	EnvironmentID    types.String `tfsdk:"environment_id"`
	CurrentVersionID types.String `tfsdk:"current_version_id"`
}

// The merges are the conversions from the API's objects to Terraform's, for
// resources and data sources alike. What the platform does not say stays as it
// was.

func (m accountModel) merge(a prefactor.Account) accountModel {
	m.ID = types.StringValue(a.ID)
	m.Name = tfkit.MergeText(m.Name, a.Name)
	return m
}

func (b base) merge(id string, account prefactor.Field[string], inserted prefactor.Field[prefactor.Timestamp], created time.Time) base {
	b.ID = types.StringValue(id)
	b.AccountID = tfkit.MergeString(b.AccountID, account)
	b.CreatedAt = tfkit.MergeCreatedAt(b.CreatedAt, inserted, created)
	return b
}

func (m environmentModel) merge(e prefactor.Environment) environmentModel {
	m.ID = types.StringValue(e.ID)
	m.AccountID = tfkit.MergeString(m.AccountID, e.AccountID)
	m.Name = tfkit.MergeText(m.Name, e.Name)
	m.Purpose = tfkit.MergeString(m.Purpose, e.Purpose)
	m.Description = tfkit.MergeText(m.Description, e.Description)
	m.ExternalIdentifier = tfkit.MergeString(m.ExternalIdentifier, e.ExternalIdentifier)
	return m
}

func (m agentRow) merge(a prefactor.Agent) agentRow {
	m.base = m.base.merge(a.ID, prefactor.Field[string]{}, a.InsertedAt, a.CreatedAt())
	m.Name = tfkit.MergeText(m.Name, a.Name)
	m.Description = tfkit.MergeText(m.Description, a.Description)
	m.ExternalIdentifier = tfkit.MergeString(m.ExternalIdentifier, a.ExternalIdentifier)
	m.Status = tfkit.MergeString(m.Status, a.Status)
	m.TeamID = tfkit.MergeString(m.TeamID, a.TeamID)
	m.OwnerPersonID = tfkit.MergeString(m.OwnerPersonID, a.OwnerPersonID)
	return m
}

func (m agentModel) merge(a prefactor.Agent) agentModel {
	m.agentRow = m.agentRow.merge(a)
	m.RiskProfileID = tfkit.MergeString(m.RiskProfileID, a.RiskProfileID)
	return m
}

func (m deploymentModel) merge(d prefactor.Deployment) deploymentModel {
	m.base = m.base.merge(d.ID, d.AccountID, d.InsertedAt, d.CreatedAt())
	m.AgentID = tfkit.MergeString(m.AgentID, d.AgentID)
	m.EnvironmentID = tfkit.MergeString(m.EnvironmentID, d.EnvironmentID)
	m.CurrentVersionID = tfkit.MergeText(m.CurrentVersionID, d.CurrentVersionID)
	return m
}

type teamModel struct {
	ID   types.String `tfsdk:"id"`
	Name types.String `tfsdk:"name"`
}

func (m teamModel) ids() (id, account types.String) { return m.ID, types.StringNull() }

func (m teamModel) merge(t prefactor.Team) teamModel {
	m.ID = types.StringValue(t.ID)
	m.Name = tfkit.MergeText(m.Name, t.Name)
	return m
}

// riskProfileRow is a profile in a list, which does not have the ruleset.
type riskProfileRow struct {
	ID          types.String `tfsdk:"id"`
	Name        types.String `tfsdk:"name"`
	Description types.String `tfsdk:"description"`
}

func (m riskProfileRow) ids() (id, account types.String) { return m.ID, types.StringNull() }

func (m riskProfileRow) merge(p prefactor.RiskProfile) riskProfileRow {
	m.ID = types.StringValue(p.ID)
	m.Name = tfkit.MergeText(m.Name, p.Name)
	m.Description = tfkit.MergeText(m.Description, p.Description)
	return m
}

type riskProfileModel struct {
	riskProfileRow

	Ruleset types.Object `tfsdk:"ruleset"`
}

func (m riskProfileModel) merge(p prefactor.RiskProfile) riskProfileModel {
	m.riskProfileRow = m.riskProfileRow.merge(p)
	if p.Ruleset.Known() {
		m.Ruleset = mergeRuleset(m.Ruleset, p.Ruleset.Value)
	}
	return m
}

type adminUserModel struct {
	ID           types.String      `tfsdk:"id"`
	Email        types.String      `tfsdk:"email"`
	Name         types.String      `tfsdk:"name"`
	JobTitle     types.String      `tfsdk:"job_title"`
	AccountID    types.String      `tfsdk:"account_id"`
	LastActiveAt timetypes.RFC3339 `tfsdk:"last_active_at"`
	CreatedAt    timetypes.RFC3339 `tfsdk:"created_at"`
}

func (m adminUserModel) merge(u prefactor.AdminUser) adminUserModel {
	m.ID = types.StringValue(u.ID)
	m.Email = tfkit.MergeText(m.Email, u.Email)
	m.Name = tfkit.MergeText(m.Name, u.Name)
	m.JobTitle = tfkit.MergeText(m.JobTitle, u.JobTitle)
	m.AccountID = tfkit.MergeString(m.AccountID, u.AccountID)
	m.LastActiveAt = tfkit.MergeTime(m.LastActiveAt, u.LastActiveAt)
	m.CreatedAt = tfkit.MergeCreatedAt(m.CreatedAt, u.InsertedAt, u.CreatedAt())
	return m
}

type agentVersionModel struct {
	ID                   types.String      `tfsdk:"id"`
	AgentID              types.String      `tfsdk:"agent_id"`
	ExternalIdentifier   types.String      `tfsdk:"external_identifier"`
	AgentSchemaVersionID types.String      `tfsdk:"agent_schema_version_id"`
	AccountID            types.String      `tfsdk:"account_id"`
	CreatedAt            timetypes.RFC3339 `tfsdk:"created_at"`
}

func (m agentVersionModel) merge(v prefactor.AgentVersion) agentVersionModel {
	m.ID = types.StringValue(v.ID)
	m.AgentID = tfkit.MergeString(m.AgentID, v.AgentID)
	m.ExternalIdentifier = tfkit.MergeString(m.ExternalIdentifier, v.ExternalIdentifier)
	m.AgentSchemaVersionID = tfkit.MergeString(m.AgentSchemaVersionID, v.AgentSchemaVersionID)
	m.AccountID = tfkit.MergeString(m.AccountID, v.AccountID)
	m.CreatedAt = tfkit.MergeCreatedAt(m.CreatedAt, v.InsertedAt, v.CreatedAt())
	return m
}

type personModel struct {
	ID      types.String `tfsdk:"id"`
	Email   types.String `tfsdk:"email"`
	Name    types.String `tfsdk:"name"`
	Title   types.String `tfsdk:"title"`
	TeamIDs types.Set    `tfsdk:"team_ids"`
}

func (m personModel) ids() (id, account types.String) { return m.ID, types.StringNull() }

func (m personModel) merge(p prefactor.Person) personModel {
	m.ID = types.StringValue(p.ID)
	if !strings.EqualFold(m.Email.ValueString(), p.Email.Value) {
		m.Email = tfkit.MergeText(m.Email, p.Email)
	}
	m.Name = tfkit.MergeText(m.Name, p.Name)
	m.Title = tfkit.MergeText(m.Title, p.Title)
	// Configured, no teams and an empty set of them are the same.
	if !p.TeamIDs.Present {
		return m
	}
	if len(p.TeamIDs.Value) > 0 || len(m.TeamIDs.Elements()) > 0 || m.TeamIDs.IsUnknown() {
		m.TeamIDs = textSet(p.TeamIDs.Value)
	}
	return m
}

// show is the merge of a data source, in which no teams are an empty set.
func (m personModel) show(p prefactor.Person) personModel {
	m = m.merge(p)
	m.TeamIDs = textSet(p.TeamIDs.Value)
	return m
}
