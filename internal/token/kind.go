package token

import (
	"fmt"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// kind is what account tokens and deployment tokens differ in.
type kind struct {
	// name is the type's name behind the provider's prefix.
	name string
	// scope is the platform's token_scope.
	scope string
	// noun is what people call it.
	noun string
	// description opens the documentation page.
	description string
}

// typeName is the resource's type as in a configuration.
func (k kind) typeName() string { return "prefactor_" + k.name }

// otherScope says what to do with a token that is not of this kind.
func (k kind) otherScope(t prefactor.Token) string {
	switch t.Scope.Value {
	case k.scope:
		return ""
	case prefactor.ScopeAccount, prefactor.ScopeAgentDeployment:
		right := accountToken
		if t.Scope.Value == prefactor.ScopeAgentDeployment {
			right = deploymentToken
		}
		return fmt.Sprintf("Token %s is %s (scope %s). Import it as %s instead of %s.", t.ID, withArticle(right.noun), t.Scope.Value, right.typeName(), k.typeName())
	case prefactor.ScopeEnvironment:
		return fmt.Sprintf("Token %s is a legacy environment token. The platform no longer creates such tokens, and no resource manages them: "+
			"create a prefactor_deployment_token for each agent that uses it, then revoke it on the platform's API tokens page.", t.ID)
	case "":
		return ""
	default:
		return fmt.Sprintf("Token %s has the scope %q, which this version of the provider does not know. Look for a newer version.", t.ID, t.Scope.Value)
	}
}

func withArticle(noun string) string {
	if noun[0] == 'a' {
		return "an " + noun
	}
	return "a " + noun
}

// deploymentRule is why an agent and an environment of different accounts go
// with no token.
const deploymentRule = "A deployment token is issued for an agent in an environment of the same account."
