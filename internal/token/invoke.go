package token

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// target is one token that an action is for.
type target struct {
	id string
	// token and status are what the platform last said.
	token  prefactor.Token
	status string
	// changed tells that the action has done something.
	changed bool
	err     error
}

func (t target) name() string { return inventory.TokenNoun(t.token.Scope.Value) + " " + t.id }

// Invoke looks at the tokens, refuses what would lock the provider out, and
// does the rest. A token that fails stops no other.
func (a *tokenAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	m := a.load(ctx, req.Config, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !a.provider.Ready(&resp.Diagnostics) {
		return
	}
	tell := func(format string, args ...any) {
		resp.SendProgress(action.InvokeProgressEvent{Message: fmt.Sprintf(format, args...)})
	}
	// A choice of which nothing is known would be no choice at all.
	named, _ := given(m.ID, m.IDs)
	filters, _ := given(m.filters()...)
	if _, open := given(append(m.filters(), m.ID, m.IDs, m.ConfirmCount)...); open > 0 || named+filters == 0 {
		resp.Diagnostics.AddError("Tokens not known yet", "The tokens of this action depend on values that are not known yet. No changes were made. Apply the resources that provide these values first.")
		return
	}
	var targets []*target
	if named > 0 {
		targets = a.lookUp(ctx, m)
	} else {
		targets = a.match(ctx, m, &resp.Diagnostics)
		if resp.Diagnostics.HasError() {
			return
		}
		if m.ConfirmCount.ValueInt64() == 0 {
			tell("%s", a.unconfirmed(ctx, 0, targets))
			return
		}
		tell("the filter matches %s, as confirmed", counted(len(targets), "token"))
	}
	act := func(t *target) {
		a.act(ctx, t)
		switch {
		case t.err != nil:
			tell("%s: not %s: %s", t.name(), a.verb.past, t.err)
		case t.changed:
			tell("%s: %s", t.name(), a.verb.past)
		default:
			tell("%s: is already %s, nothing to do", t.name(), t.status)
		}
	}
	own := a.refuseOwn(ctx, targets)
	var group sync.WaitGroup
	for _, t := range targets {
		if !slices.Contains(own, t.id) {
			group.Go(func() { act(t) })
		}
	}
	group.Wait()
	// What may be the provider's own token comes last: the others need it.
	for _, t := range targets {
		if slices.Contains(own, t.id) {
			act(t)
		}
	}
	a.report(targets, &resp.Diagnostics)
}

// lookUp asks the platform for the tokens that are named.
func (a *tokenAction) lookUp(ctx context.Context, m actionModel) []*target {
	var targets []*target
	if !m.ID.IsNull() {
		targets = append(targets, &target{id: m.ID.ValueString()})
	}
	for _, e := range m.IDs.Elements() {
		id, _ := e.(types.String)
		targets = append(targets, &target{id: id.ValueString()})
	}
	var group sync.WaitGroup
	for _, t := range targets {
		group.Go(func() {
			t.token, t.status, t.err = lifecycle{api: a.provider.API, id: t.id}.get(ctx)
			if t.status == statusDeleted && t.err == nil {
				t.err = fmt.Errorf("there is no such token that the provider's credentials (%s) can see: check the id, and check that the credentials belong to the token's account", a.provider.TokenSource)
			}
		})
	}
	group.Wait()
	return targets
}

// match lists the tokens that the filter matches, which have to be as many as
// was said.
func (a *tokenAction) match(ctx context.Context, m actionModel, diags *diag.Diagnostics) []*target {
	f := filter{Scope: m.Scope}
	f.AgentID, f.EnvironmentID, f.creatorFilter = m.AgentID, m.EnvironmentID, m.creatorFilter
	matching, err := f.list(ctx, a.provider)
	if err != nil {
		a.provider.AddAPIError(diags, "Cannot list the tokens", err)
		return nil
	}
	var targets []*target
	for _, t := range matching {
		if slices.Contains(a.verb.from, t.Status.Value) {
			targets = append(targets, &target{id: t.ID, token: t, status: t.Status.Value})
		}
	}
	if want := m.ConfirmCount.ValueInt64(); want != 0 && want != int64(len(targets)) {
		diags.AddAttributeError(path.Root("confirm_count"), "Number of tokens does not match confirm_count",
			a.unconfirmed(ctx, want, targets))
	}
	return targets
}

// unconfirmed says what a filter matches, and how to confirm that.
func (a *tokenAction) unconfirmed(ctx context.Context, want int64, targets []*target) string {
	which := strings.Join(a.verb.from, " or ")
	if len(targets) == 0 {
		return fmt.Sprintf("The filter matches no %s token, and confirm_count is %d. No changes were made.", which, want)
	}
	var says strings.Builder
	fmt.Fprintf(&says, "The filter matches %s, and confirm_count is %d. No changes were made. If these are the right tokens, set confirm_count = %d:\n",
		counted(len(targets), which+" token"), want, len(targets))
	matching := make([]prefactor.Token, 0, len(targets))
	for _, t := range targets {
		matching = append(matching, t.token)
	}
	for _, name := range a.provider.Inventory.Describe(ctx, matching, a.provider.API.Now()) {
		says.WriteString("\n  " + name)
	}
	return says.String()
}

// refuseOwn refuses the targets that are, or can be, the provider's own token.
// It gives those that can be it where that is allowed.
func (a *tokenAction) refuseOwn(ctx context.Context, targets []*target) []string {
	if a.verb.goal == goalActive {
		return nil
	}
	var risky []*target
	for _, t := range targets {
		if t.err == nil && t.token.Scope.Value == prefactor.ScopeAccount && t.status == prefactor.StatusActive {
			risky = append(risky, t)
		}
	}
	if len(risky) == 0 {
		return nil
	}
	own, err := findOwn(ctx, a.provider, risky[0].token.AccountID.Value)
	var possible []string
	for _, t := range risky {
		refusal := own.refusal(ctx, a.provider, string(a.verb.step), t.token)
		switch {
		case a.provider.AllowSelfLockout:
			if err != nil || refusal != nil {
				possible = append(possible, t.id)
			}
		case err != nil:
			t.err = fmt.Errorf("it cannot be determined whether the provider itself authenticates with this token: %w", err)
		default:
			t.err = refusal
		}
	}
	return possible
}

// act does to one token what the action is for.
func (a *tokenAction) act(ctx context.Context, t *target) {
	if t.err != nil {
		return
	}
	if a.verb.goal == goalSuspended && t.status == prefactor.StatusRevoked {
		// It authenticates nobody, which is what a suspension is for.
		return
	}
	before := t.status
	t.status, t.err = lifecycle{api: a.provider.API, id: t.id, accountID: t.token.AccountID.Value}.moveTo(ctx, before, a.verb.goal)
	t.changed = t.err == nil && t.status != before
	if t.err == nil && t.status != string(a.verb.goal) {
		t.err = fmt.Errorf("its status is %q, and only tokens that are %s can be %s", t.status, strings.Join(a.verb.from, " or "), a.verb.past)
	}
}

// report adds an error with the result of each token if one failed.
func (a *tokenAction) report(targets []*target, diags *diag.Diagnostics) {
	var failed, done, already, hints []string
	for _, t := range targets {
		switch {
		case t.err != nil:
			failed = append(failed, fmt.Sprintf("%s: %s", t.name(), t.err))
			if hint := a.provider.Hint(t.err); hint != "" && !slices.Contains(hints, hint) {
				hints = append(hints, hint)
			}
		case t.changed:
			done = append(done, t.name())
		default:
			already = append(already, t.name())
		}
	}
	if len(failed) == 0 {
		return
	}
	summary := fmt.Sprintf("%d of %s not %s", len(failed), counted(len(targets), "token"), a.verb.past)
	if slices.ContainsFunc(targets, func(t *target) bool { _, ok := errors.AsType[lockoutError](t.err); return ok }) {
		summary += ": " + strings.ToLower(lockoutSummary[:1]) + lockoutSummary[1:]
	}
	var said strings.Builder
	for _, part := range []struct {
		heading string
		lines   []string
	}{{"Not " + a.verb.past, failed}, {tfkit.UpperFirst(a.verb.past), done}, {tfkit.UpperFirst(string(a.verb.goal)) + " already", already}} {
		if len(part.lines) > 0 {
			fmt.Fprintf(&said, "%s:\n  %s\n\n", part.heading, strings.Join(part.lines, "\n  "))
		}
	}
	diags.AddError(summary, strings.TrimSpace(said.String())+strings.Join(hints, ""))
}

// counted is a number of things in words.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
