package inventory

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// longestName is how much of a name a message repeats, in characters.
const longestName = 60

// MostListed is how many objects a message lists one by one.
const MostListed = 20

// Names are those of agents and environments, by id.
type Names struct{ Agents, Environments map[string]string }

// Names gives the names of what tokens refer to, by one list of agents and one
// of the environments of each account. Where a list fails, the names from the
// others are there beside the error.
func (i *Inventory) Names(ctx context.Context, tokens []prefactor.Token) (Names, error) {
	n := Names{Agents: map[string]string{}, Environments: map[string]string{}}
	hasAgent, accounts := false, map[string]bool{}
	for _, t := range tokens {
		hasAgent = hasAgent || i.agentOf(t) != ""
		if t.EnvironmentID.Value != "" {
			accounts[t.AccountID.Value] = true
		}
	}
	var failure error
	if hasAgent {
		agents, err := i.Agents.List(ctx, "")
		failure = err
		for _, a := range agents {
			n.Agents[a.ID] = a.Name.Value
		}
	}
	for account := range accounts {
		environments, err := i.Environments.List(ctx, account)
		failure = cmp.Or(failure, err)
		for _, e := range environments {
			n.Environments[e.ID] = e.Name.Value
		}
	}
	return n, failure
}

// agentOf is the agent of a token, as far as it is known without a request.
func (i *Inventory) agentOf(t prefactor.Token) string {
	return cmp.Or(t.AgentID.Value, i.deployed.known([]string{t.AgentDeploymentID.Value})[t.AgentDeploymentID.Value])
}

// Describe gives each token in one line, as people know it: `deployment token of
// support-bot in production (01kd..., active, expires 2027-02-21)`. Agents and
// environments whose names cannot be looked up are given by their ids.
func (i *Inventory) Describe(ctx context.Context, tokens []prefactor.Token, now time.Time) []string {
	names, err := i.Names(ctx, tokens)
	if err != nil {
		tflog.Warn(ctx, "cannot look up the names of agents or environments", map[string]any{"error": err.Error()})
	}
	texts := make([]string, 0, len(tokens))
	for _, t := range tokens {
		text := TokenNoun(t.Scope.Value)
		if agent := i.agentOf(t); agent != "" {
			text += " of " + nameOr(names.Agents[agent], agent)
		}
		if environment := t.EnvironmentID.Value; environment != "" {
			text += " in " + nameOr(names.Environments[environment], environment)
		}
		texts = append(texts, text+" ("+strings.Join(facts(t, now), ", ")+")")
	}
	return texts
}

// DescribeSome is Describe for a message, which has only the first of many tokens.
func (i *Inventory) DescribeSome(ctx context.Context, tokens []prefactor.Token, now time.Time) []string {
	texts := i.Describe(ctx, tokens[:min(len(tokens), MostListed)], now)
	if more := len(tokens) - MostListed; more > 0 {
		texts = append(texts, fmt.Sprintf("and %d more", more))
	}
	return texts
}

// facts are the id of a token, its status and its expiry.
func facts(t prefactor.Token, now time.Time) []string {
	all := []string{t.ID}
	if t.Status.Known() {
		all = append(all, t.Status.Value)
	}
	if t.ExpiresAt.Known() {
		verb, layout, left := "expires", time.DateOnly, t.ExpiresAt.Value.Sub(now)
		switch {
		case left <= 0:
			verb = "expired"
		case left < 48*time.Hour:
			layout = "2006-01-02 15:04 UTC"
		}
		all = append(all, verb+" "+t.ExpiresAt.Value.UTC().Format(layout))
	}
	return all
}

// TokenNoun is what people call a token of a scope.
func TokenNoun(scope string) string {
	switch scope {
	case prefactor.ScopeAccount:
		return "account token"
	case prefactor.ScopeAgentDeployment:
		return "deployment token"
	case prefactor.ScopeEnvironment:
		return "environment token"
	default:
		return "token"
	}
}

// nameOr is a name within a sentence, in quotes unless it is a single word, or
// the id where there is no name.
func nameOr(name, id string) string {
	isWord := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_.", r)
	}
	switch {
	case name == "":
		return id
	case len([]rune(name)) <= longestName && strings.IndexFunc(name, func(r rune) bool { return !isWord(r) }) < 0:
		return name
	default:
		return Quoted(name)
	}
}

// Quoted is a text, which someone else may have chosen, in quotes, without
// control characters and cut to size.
func Quoted(text string) string {
	if cut := []rune(text); len(cut) > longestName {
		text = string(cut[:longestName]) + "…"
	}
	return fmt.Sprintf("%q", text)
}
