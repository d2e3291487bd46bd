package token

import (
	"github.com/hashicorp/terraform-plugin-framework/action"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// NewRevokeToken is the action prefactor_revoke_token.
func NewRevokeToken() action.Action {
	return &tokenAction{verb: verb{
		step: stepRevoke,
		past: "revoked",
		goal: goalRevoked,
		from: []string{prefactor.StatusActive, prefactor.StatusSuspended},
		description: "Revokes tokens: they stop working immediately, which cannot be undone. The API keeps their records for audits.\n\n" +
			"If a resource manages the token, its next apply creates a new one, with another value.",
	}}
}
