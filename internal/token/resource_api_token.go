package token

import (
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// NewAPIToken is the resource prefactor_api_token.
func NewAPIToken() resource.Resource { return &tokenResource{kind: accountToken} }

var accountToken = kind{
	name:  "api_token",
	scope: prefactor.ScopeAccount,
	noun:  "account token",
	description: "An account token: an API token that reaches every agent of an account. " +
		"SDKs, scripts and this provider itself authenticate with it.\n\n" +
		"Use [`prefactor_deployment_token`](deployment_token.md) for what needs one agent in one environment only.",
}
