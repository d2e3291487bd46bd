package token

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// addCreateError says why a token could not be created. Where the API rejected a
// deployment token, the reason may be an id that is not of an agent or not of an
// environment, which the API's own words need not say.
func addCreateError(ctx context.Context, p *tfkit.Provider, summary string, n prefactor.NewToken, err error, diags *diag.Diagnostics) {
	rejected := errors.Is(err, prefactor.ErrNotFound) || errors.Is(err, prefactor.ErrRejected)
	if rejected && n.Scope == prefactor.ScopeAgentDeployment {
		wrong := checkReferences(ctx, p.API, reference{"agent_id", n.AgentID, anAgent}, reference{"environment_id", n.EnvironmentID, anEnvironment})
		for _, w := range wrong {
			diags.AddAttributeError(path.Root(w.attribute), summary, fmt.Sprintf("%s %s.", w.text, tfkit.UpperFirst(err.Error())))
		}
		if len(wrong) > 0 {
			return
		}
	}
	p.AddAPIError(diags, summary, err, "expires_at", "account_id", "agent_id", "environment_id")
}

// The kinds of objects that an id may be mistaken for.
const (
	anAccount     = "an account"
	anAgent       = "an agent"
	anEnvironment = "an environment"
	aDeployment   = "an agent deployment"
	noneOfThese   = ""
)

// reference is an id in a configuration, and the kind that it has to be of.
type reference struct{ attribute, id, want string }

// wrongReference says what is wrong with a reference.
type wrongReference struct{ attribute, text string }

// checkReferences asks the platform for what is referred to, and finds out what
// the ids are instead. An empty id is not looked at.
func checkReferences(ctx context.Context, api tfkit.API, references ...reference) []wrongReference {
	// At once: an id that was created just now may be waited for.
	kinds := make([]string, len(references))
	var group sync.WaitGroup
	for n, r := range references {
		group.Go(func() { kinds[n] = kindOf(ctx, api, r.id, r.want) })
	}
	group.Wait()
	var wrong []wrongReference
	actual := map[string]reference{}
	for n, r := range references {
		kind := kinds[n]
		actual[kind] = r
		switch kind {
		case r.want:
		case noneOfThese:
			wrong = append(wrong, wrongReference{r.attribute, fmt.Sprintf("%s must be the id of %s, but the provider's credentials see none with the id %s.", r.attribute, r.want, r.id)})
		default:
			wrong = append(wrong, wrongReference{r.attribute, fmt.Sprintf("%s must be the id of %s, but %s is %s.", r.attribute, r.want, r.id, kind)})
		}
	}
	if e, a := actual[anEnvironment], actual[anAgent]; e.attribute == "agent_id" && a.attribute == "environment_id" {
		return []wrongReference{{"agent_id", fmt.Sprintf("agent_id and environment_id are swapped: %s is an environment and %s is an agent.", e.id, a.id)}}
	}
	return wrong
}

// kindOf says what an id is the id of. It is what is wanted unless the API says
// that there is no such object.
func kindOf(ctx context.Context, api tfkit.API, id, want string) string {
	read := map[string]func() error{
		anAccount:     func() error { _, err := api.Account(ctx, id); return err },
		anAgent:       func() error { _, err := api.Agent(ctx, id); return err },
		anEnvironment: func() error { _, err := api.Environment(ctx, id); return err },
		aDeployment:   func() error { _, err := api.Deployment(ctx, id); return err },
	}
	if id == "" || !errors.Is(read[want](), prefactor.ErrNotFound) {
		return want
	}
	kinds := make(chan string, len(read))
	var group sync.WaitGroup
	for kind, exists := range read {
		if kind != want {
			group.Go(func() {
				if exists() == nil {
					kinds <- kind
				}
			})
		}
	}
	group.Wait()
	close(kinds)
	return <-kinds // It is noneOfThese of a closed channel.
}

// checkPlannedIDs finds ids that cannot work before a token is created or, for a
// replacement, deleted. For a create, it asks only for ids that are missing in a
// list that this run has loaded anyway.
func (r *tokenResource) checkPlannedIDs(ctx context.Context, plan model, replaces bool, diags *diag.Diagnostics) {
	if !r.hasAPI() {
		return
	}
	known, account := r.provider.Inventory, plan.AccountID.ValueString()
	var references []reference
	switch {
	case replaces && r.kind.scope == prefactor.ScopeAccount:
		references = append(references, reference{"account_id", account, anAccount})
	case replaces:
		// One list is enough for all tokens; an id that is missing in it, as
		// after an error, is read.
		_, _ = known.Agents.List(ctx, "")
		_, _ = known.Environments.List(ctx, account)
	}
	agents, loaded := known.Agents.Loaded()
	if id := plan.AgentID.ValueString(); (loaded || replaces) && !slices.ContainsFunc(agents, func(a prefactor.Agent) bool { return a.ID == id }) {
		references = append(references, reference{"agent_id", id, anAgent})
	}
	environments, loaded := known.Environments.Loaded()
	if id := plan.EnvironmentID.ValueString(); (loaded || replaces) && !slices.ContainsFunc(environments, func(e prefactor.Environment) bool { return e.ID == id }) {
		references = append(references, reference{"environment_id", id, anEnvironment})
	}
	for _, w := range checkReferences(ctx, r.provider.API, references...) {
		if replaces {
			w.text += " The existing token is unchanged."
		}
		diags.AddAttributeError(path.Root(w.attribute), "Wrong id for the "+r.kind.noun, w.text)
	}
}
