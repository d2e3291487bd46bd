package token

import (
	"github.com/hashicorp/terraform-plugin-framework/action"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// NewSuspendToken is the action prefactor_suspend_token.
func NewSuspendToken() action.Action {
	return &tokenAction{verb: verb{
		step: stepSuspend,
		past: "suspended",
		goal: goalSuspended,
		from: []string{prefactor.StatusActive},
		// It authenticates nobody, which is what a suspension is for.
		already: ", and neither is one that is revoked",
		description: "Suspends tokens: they stop to authenticate at once, and `prefactor_activate_token` takes it back. The choice where it is not certain " +
			"yet that a token leaked, or what uses it.\n\n" +
			"If a resource manages the token, its next apply activates the token again, unless it says `status = \"suspended\"`.",
	}}
}
