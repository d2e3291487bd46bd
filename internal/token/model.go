package token

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// base is what both kinds of token have.
type base struct {
	ID    types.String `tfsdk:"id"`
	Token types.String `tfsdk:"token"`
	// EncryptedToken has the value instead of Token where there are Recipients.
	EncryptedToken types.String `tfsdk:"encrypted_token"`
	Recipients     types.List   `tfsdk:"recipients"`

	Status    types.String         `tfsdk:"status"`
	ExpiresAt timetypes.RFC3339    `tfsdk:"expires_at"`
	Lifetime  timetypes.GoDuration `tfsdk:"lifetime"`
	AccountID types.String         `tfsdk:"account_id"`
	CreatedAt timetypes.RFC3339    `tfsdk:"created_at"`

	Rotation types.Object `tfsdk:"rotation"`
	Previous types.Object `tfsdk:"previous"`
	Version  types.Int64  `tfsdk:"version"`
	// Leftovers are tokens without a use that are still to be removed.
	Leftovers types.List `tfsdk:"leftovers"`

	DeletionPolicy   types.String         `tfsdk:"deletion_policy"`
	RequireUnusedFor timetypes.GoDuration `tfsdk:"require_unused_for"`
}

// model is a token in configuration, plan and state. An account token has no
// attributes beyond the base.
type model struct {
	base

	AgentID           types.String `tfsdk:"agent_id"`
	EnvironmentID     types.String `tfsdk:"environment_id"`
	AgentDeploymentID types.String `tfsdk:"agent_deployment_id"`
}

// leftoversOf are the ids of the tokens that are still to be removed.
func (m model) leftoversOf(ctx context.Context, diags *diag.Diagnostics) []string {
	var ids []string
	diags.Append(m.Leftovers.ElementsAs(ctx, &ids, false)...)
	return ids
}

func (m *model) setLeftovers(ctx context.Context, ids []string, diags *diag.Diagnostics) {
	if len(ids) == 0 {
		m.Leftovers = types.ListNull(types.StringType)
		return
	}
	list, d := types.ListValueFrom(ctx, types.StringType, ids)
	diags.Append(d...)
	m.Leftovers = list
}

// getter and setter are what plans, states and configurations have in common.
type getter interface {
	Get(ctx context.Context, target any) diag.Diagnostics
}

type setter interface {
	Set(ctx context.Context, val any) diag.Diagnostics
}

// load reads a plan, state or configuration of this kind of token.
func (k kind) load(ctx context.Context, from getter, diags *diag.Diagnostics) model {
	var m model
	if k.scope == prefactor.ScopeAgentDeployment {
		diags.Append(from.Get(ctx, &m)...)
	} else {
		diags.Append(from.Get(ctx, &m.base)...)
	}
	return m
}

// save writes a state or plan of this kind of token.
func (k kind) save(ctx context.Context, to setter, m model, diags *diag.Diagnostics) {
	if k.scope == prefactor.ScopeAgentDeployment {
		diags.Append(to.Set(ctx, &m)...)
	} else {
		diags.Append(to.Set(ctx, &m.base)...)
	}
}

// merge is the one conversion from the API's token to Terraform's. What the
// platform does not say stays as it was, above all the value, which it never
// says again; what it says in another spelling keeps the spelling of before.
func merge(m model, t prefactor.Token) model {
	m.ID = types.StringValue(t.ID)
	m.Token, m.EncryptedToken = tfkit.KnownString(m.Token), tfkit.KnownString(m.EncryptedToken)
	m.Status = mergeStatus(m.Status, t.Status)
	m.ExpiresAt = tfkit.MergeTime(m.ExpiresAt, t.ExpiresAt)
	m.CreatedAt = tfkit.MergeCreatedAt(m.CreatedAt, t.InsertedAt, t.CreatedAt())
	m.AccountID = tfkit.MergeString(m.AccountID, t.AccountID)
	m.AgentID = tfkit.MergeString(m.AgentID, t.AgentID)
	m.EnvironmentID = tfkit.MergeString(m.EnvironmentID, t.EnvironmentID)
	m.AgentDeploymentID = tfkit.MergeString(m.AgentDeploymentID, t.AgentDeploymentID)
	return m
}

// mergeStatus knows the three states that a person can ask for. Whether a token
// that has expired gets a state of its own is not known; it would be no
// difference that anyone could mend, so the state of before stays.
func mergeStatus(prior types.String, f prefactor.Field[string]) types.String {
	switch f.Value {
	case prefactor.StatusActive, prefactor.StatusSuspended, prefactor.StatusRevoked:
		return types.StringValue(f.Value)
	}
	if prior.IsNull() || prior.IsUnknown() {
		return types.StringValue(prefactor.StatusActive)
	}
	return prior
}

func formatTime(t time.Time) string { return tfkit.FormatTime(t) }
