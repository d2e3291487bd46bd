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
		description: "Suspends tokens: they stop working immediately, and `prefactor_activate_token` can undo it. Use it while it is not certain " +
			"that a token leaked, or what uses it.\n\n" +
			"If a resource manages the token with `status = \"active\"`, its next apply activates the token again. If no status is configured, the token stays suspended, and each plan warns of it.",
	}}
}
