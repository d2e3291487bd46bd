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
	description: "An account token: an API token that is valid for a whole account. " +
		"SDKs, scripts and this provider authenticate with it.\n\n" +
		"Use [`prefactor_deployment_token`](deployment_token.md) for a token that is valid for only one agent in one environment.",
}
