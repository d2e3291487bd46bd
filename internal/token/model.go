package token

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// model is a token in configuration, plan and state; attributes.go has the place
// of each attribute in it.
type model struct {
	ID    types.String
	Token types.String
	// EncryptedToken has the value instead of Token where there are Recipients,
	// or GitHubEncryptedToken where there is a GitHubPublicKey.
	EncryptedToken types.String
	Recipients     types.List
	// GitHubEncryptedToken has the value for the owner of GitHubPublicKey.
	GitHubEncryptedToken types.String
	GitHubPublicKey      types.String

	Status    types.String
	ExpiresAt timetypes.RFC3339
	Lifetime  types.String
	AccountID types.String
	CreatedAt timetypes.RFC3339

	Rotation types.Object
	RotateAt timetypes.RFC3339
	Previous types.Object
	Version  types.Int64

	DeletionPolicy   types.String
	RequireUnusedFor types.String

	// An account token has none of these.
	AgentID           types.String
	EnvironmentID     types.String
	AgentDeploymentID types.String
}

// merge is the one conversion from the API's token to Terraform's. What the
// platform does not say stays as it was, above all the value, which it never
// says again; what it says in another spelling keeps the spelling of before.
func merge(m model, t prefactor.Token) model {
	m.ID = types.StringValue(t.ID)
	m.Token, m.EncryptedToken, m.GitHubEncryptedToken = tfkit.KnownString(m.Token), tfkit.KnownString(m.EncryptedToken), tfkit.KnownString(m.GitHubEncryptedToken)
	m.Status = mergeStatus(m.Status, t.Status)
	m.ExpiresAt = tfkit.MergeTime(m.ExpiresAt, t.ExpiresAt)
	m.CreatedAt = tfkit.MergeCreatedAt(m.CreatedAt, t.InsertedAt, t.CreatedAt())
	m.AccountID = tfkit.MergeString(m.AccountID, t.AccountID)
	m.AgentID = mergeAgent(m, t)
	m.EnvironmentID = tfkit.MergeString(m.EnvironmentID, t.EnvironmentID)
	m.AgentDeploymentID = tfkit.MergeString(m.AgentDeploymentID, t.AgentDeploymentID)
	return m
}

// mergeAgent takes the agent over where the response has it (reference:
// queryapitokenlist does not, the vendor's newest client does). Else the agent
// of before stays, as long as the deployment does: a deployment never changes
// its agent.
func mergeAgent(m model, t prefactor.Token) types.String {
	switch {
	case !lacksAgent(t):
		return tfkit.MergeString(m.AgentID, t.AgentID)
	case m.AgentDeploymentID.ValueString() == "" || m.AgentDeploymentID.ValueString() == t.AgentDeploymentID.Value:
		return tfkit.KnownString(m.AgentID)
	default:
		return types.StringNull()
	}
}

// lacksAgent tells that a deployment token is shown without its agent.
func lacksAgent(t prefactor.Token) bool {
	return t.AgentDeploymentID.Value != "" && t.AgentID.Value == ""
}

// mergeStatus is the status as the state has it: one of the two that a person
// can configure, or null for a revoked token. With "revoked" in the state,
// ignore_changes would make that the configuration of every later token.
func mergeStatus(prior types.String, f prefactor.Field[string]) types.String {
	switch {
	case f.Known():
		return stateStatus(f.Value)
	case prior.IsNull() || prior.IsUnknown():
		return types.StringValue(prefactor.StatusActive)
	default:
		return prior
	}
}

// stateStatus is a status of the API's, or of a lifecycle, as the state has it.
func stateStatus(status string) types.String {
	if status == prefactor.StatusRevoked || status == statusDeleted {
		return types.StringNull()
	}
	return types.StringValue(status)
}

func formatTime(t time.Time) string { return tfkit.FormatTime(t) }
