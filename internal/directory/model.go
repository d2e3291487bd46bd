package directory

import (
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

type agentModel struct {
	base

	Name               types.String `tfsdk:"name"`
	Description        types.String `tfsdk:"description"`
	ExternalIdentifier types.String `tfsdk:"external_identifier"`
	Status             types.String `tfsdk:"status"`
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

func (m agentModel) merge(a prefactor.Agent) agentModel {
	m.base = m.base.merge(a.ID, a.AccountID, a.InsertedAt, a.CreatedAt())
	m.Name = tfkit.MergeText(m.Name, a.Name)
	m.Description = tfkit.MergeText(m.Description, a.Description)
	m.ExternalIdentifier = tfkit.MergeString(m.ExternalIdentifier, a.ExternalIdentifier)
	m.Status = tfkit.MergeString(m.Status, a.Status)
	return m
}

func (m deploymentModel) merge(d prefactor.Deployment) deploymentModel {
	m.base = m.base.merge(d.ID, d.AccountID, d.InsertedAt, d.CreatedAt())
	m.AgentID = tfkit.MergeString(m.AgentID, d.AgentID)
	m.EnvironmentID = tfkit.MergeString(m.EnvironmentID, d.EnvironmentID)
	m.CurrentVersionID = tfkit.MergeText(m.CurrentVersionID, d.CurrentVersionID)
	return m
}
