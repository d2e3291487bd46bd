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
	description: "A deployment token: an API token that carries one agent in one environment. " +
		"It is what an agent's SDK authenticates with, and it cannot manage anything.\n\n" +
		"Use [`prefactor_api_token`](api_token.md) for what has to reach a whole account.",
}
