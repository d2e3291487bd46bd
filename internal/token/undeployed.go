package token

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// addCreateError says why a token could not be created. Whether a platform
// deploys the agent by itself, and how it refuses if not, is not known; a look
// at the agent's deployments tells whether that is why.
func addCreateError(ctx context.Context, p *tfkit.Provider, summary string, n prefactor.NewToken, err error, diags *diag.Diagnostics) {
	if missesDeployment(ctx, p.API, n, err) {
		diags.AddAttributeError(path.Root("environment_id"), summary, fmt.Sprintf(
			"Agent %s is not deployed to environment %s, and the platform makes no token without that: %s.\n\n"+
				"Add a prefactor_agent_deployment resource with this agent_id and environment_id, and have the token refer to it "+
				"(agent_id = prefactor_agent_deployment.<name>.agent_id, and likewise environment_id), so that it is created first. "+
				"If the agent should be deployed there already, check both ids.", n.AgentID, n.EnvironmentID, err))
		return
	}
	p.AddAPIError(diags, summary, err, "expires_at", "account_id", "agent_id", "environment_id")
}

// missesDeployment tells whether a create was refused for want of a deployment.
func missesDeployment(ctx context.Context, api tfkit.API, n prefactor.NewToken, err error) bool {
	e, ok := errors.AsType[*prefactor.Error](err)
	refused := errors.Is(err, prefactor.ErrNotFound) || errors.Is(err, prefactor.ErrRefused)
	if !ok || !refused || e.Ambiguous || n.Scope != prefactor.ScopeAgentDeployment {
		return false
	}
	// A refusal that is about other fields has other reasons.
	about := []string{"agent_id", "environment_id", "agent_deployment_id", "agent_deployment"}
	if len(e.Fields) > 0 && !slices.ContainsFunc(e.Fields, func(f prefactor.FieldError) bool { return slices.Contains(about, f.Field) }) {
		return false
	}
	rows, err := api.Deployments(ctx, n.AgentID)
	if err != nil {
		return false
	}
	// A row that does not say its environment may be the one.
	return !slices.ContainsFunc(rows, func(d prefactor.Deployment) bool {
		return !d.EnvironmentID.Present || d.EnvironmentID.Value == n.EnvironmentID
	})
}
