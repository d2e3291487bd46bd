package token

import (
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// NewDeploymentToken is the resource prefactor_deployment_token.
func NewDeploymentToken() resource.Resource { return &tokenResource{kind: deploymentToken} }

var deploymentToken = kind{
	name:  "deployment_token",
	scope: prefactor.ScopeAgentDeployment,
	noun:  "deployment token",
	description: "A deployment token: an API token that is issued for one agent in one environment. " +
		"The SDK of an agent authenticates with it. It cannot manage the account.\n\n" +
		"A change of `agent_id`, `environment_id` or `account_id` replaces the token: the old one is revoked and deleted before the new one is created, " +
		"unless `lifecycle { create_before_destroy = true }` is set.\n\n" +
		"Use [`prefactor_api_token`](api_token.md) for a token that is valid for a whole account.",
}
