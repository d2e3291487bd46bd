package token

import (
	"github.com/hashicorp/terraform-plugin-framework/action"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// NewActivateToken is the action prefactor_activate_token.
func NewActivateToken() action.Action {
	return &tokenAction{verb: verb{
		step: stepActivate,
		past: "activated",
		goal: goalActive,
		from: []string{prefactor.StatusSuspended},
		description: "Activates suspended tokens: they work again, with the same value. A revoked token cannot be activated.\n\n" +
			"If a resource manages the token with `status = \"suspended\"`, its next apply suspends the token again.",
	}}
}
