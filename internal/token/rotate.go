package token

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// change carries out an update step by step. After each step the state says
// what is true by then, so that whatever fails next, nothing alive is forgotten
// and the next apply goes on from there.
type change struct {
	r     *tokenResource
	state model
	// digests are those of the values of the state's tokens.
	digests digests
	diags   *diag.Diagnostics
	save    func(*change)
}

// rotate replaces the token by a new one and keeps the old one as the previous.
func (c *change) rotate(ctx context.Context, in inputs) bool {
	keepsPrevious := in.previous != nil && c.state.dead()
	switch {
	case keepsPrevious:
		// The predecessor may be all that still works somewhere: it stays, and
		// the dead token goes.
		if !c.bury(ctx) {
			return false
		}
	case in.previous != nil:
		// Never more than two are alive: the older one goes first.
		if !c.retire(ctx, in, retireRemove) {
			return false
		}
	}
	created, ok := c.r.create(ctx, in.plan, c.diags)
	if !ok {
		return false
	}
	now := c.r.provider.API.Now()
	old := previousModel{ID: c.state.ID, Status: c.state.Status, ExpiresAt: c.state.ExpiresAt}
	old.SuspendAt, old.RemoveAt = in.rotation.schedule(now)
	if in.rotation.keeps() {
		old.SuspendAt, old.RemoveAt = timetypes.NewRFC3339Null(), timetypes.NewRFC3339Null()
	}
	fresh := c.state
	fresh.CreatedAt = timetypes.NewRFC3339Null()
	fresh.ExpiresAt = in.plan.ExpiresAt
	fresh.Lifetime = in.plan.Lifetime
	fresh.Rotation, fresh.Recipients = in.plan.Rotation, in.plan.Recipients
	fresh = merge(fresh, created.Token)
	fresh.Status = types.StringValue(prefactor.StatusActive)
	hidden := fresh.keepValue(created.Value)
	held := digests{Token: tfkit.Digest(created.Value), Previous: c.digests.of(c.state, c.state.ID.ValueString())}
	if keepsPrevious {
		held.Previous = c.digests.Previous
	}
	fresh.Version = types.Int64Value(c.state.Version.ValueInt64() + 1)
	if !keepsPrevious {
		fresh.setPrevious(ctx, &old, c.diags)
		in.previous = &old
	}
	c.state, c.digests = fresh, held
	c.save(c)
	checkCreated(in.plan, created, hidden, c.diags)
	if c.diags.HasError() {
		return false
	}
	// An overlap of nothing ends at once, and a revoked row need not wait.
	step := in.previous.due(in.rotation.keeps(), now)
	if cuts(step) && c.r.provider.Uses(held.Previous) {
		n := heldBack(in.previous)
		c.diags.AddAttributeWarning(n.at, n.summary, n.detail)
		return true
	}
	return step == retireNot || c.retire(ctx, in, step)
}

// bury deletes the row of a token that someone revoked.
func (c *change) bury(ctx context.Context) bool {
	status, err := c.r.lifecycleOf(c.state).reach(ctx, c.state.Status.ValueString(), goalGone)
	if err != nil {
		c.r.provider.AddAPIError(c.diags, "Cannot delete the revoked "+c.r.kind.noun, err)
		return false
	}
	c.state.Status = types.StringValue(status)
	c.save(c)
	return true
}

// retire takes a step of the retirement of the previous token.
func (c *change) retire(ctx context.Context, in inputs, step retirement) bool {
	p := *in.previous
	l := lifecycle{api: c.r.provider.API, id: p.ID.ValueString(), accountID: c.state.AccountID.ValueString()}
	now := c.r.provider.API.Now()
	var err error
	status := p.Status.ValueString()
	switch step {
	case retireActivate:
		status, err = l.reach(ctx, "", goalActive)
		if err == nil {
			p.SuspendAt, p.RemoveAt = timetypes.NewRFC3339Null(), timetypes.NewRFC3339Null()
		}
	case retireHold:
		p.SuspendAt, p.RemoveAt = timetypes.NewRFC3339Null(), timetypes.NewRFC3339Null()
	case retireRelease:
		p.SuspendAt, p.RemoveAt = in.rotation.schedule(now)
	case retireSuspend:
		if err = c.r.guard(ctx, "suspend", l.id, c.digests.Previous); err == nil {
			status, err = l.reach(ctx, "", goalSuspended)
		}
	case retireRemove:
		if status != prefactor.StatusRevoked {
			err = errors.Join(c.r.guard(ctx, "revoke", l.id, c.digests.Previous), c.r.checkUnused(ctx, in.plan, l.id))
		}
		if err == nil {
			status, err = l.reach(ctx, status, goalGone)
		}
	case retireNot:
	}
	// Whoever was faster has done what was to be done: a token that is gone or
	// revoked needs no suspension.
	if (status == statusGone || status == prefactor.StatusRevoked) && step != retireRemove && errors.Is(err, errNoWay) {
		err = nil
	}
	switch {
	case status == statusGone:
		c.state.setPrevious(ctx, nil, c.diags)
		c.digests.Previous, c.digests.Held = "", false
	case status != "":
		p.Status = types.StringValue(status)
		c.state.setPrevious(ctx, &p, c.diags)
	}
	c.save(c)
	switch {
	case err == nil && step == retireRelease:
		// A new beginning of no length ends at once.
		in.previous = &p
		then := p.due(in.rotation.keeps(), now)
		return then == retireNot || c.retire(ctx, in, then)
	case err == nil:
		return true
	default:
		c.r.addError(c.diags, fmt.Sprintf("Cannot %s the previous %s", step, c.r.kind.noun), err)
	}
	return false
}

// setStatus suspends or activates the token itself.
func (c *change) setStatus(ctx context.Context, known string, want types.String) bool {
	if c.state.Status.Equal(want) {
		return true
	}
	if want.ValueString() == prefactor.StatusSuspended {
		if err := c.r.guard(ctx, "suspend", c.state.ID.ValueString(), c.digests.of(c.state, c.state.ID.ValueString())); err != nil {
			c.r.addError(c.diags, "Cannot suspend the "+c.r.kind.noun, err)
			return false
		}
	}
	status, err := c.r.lifecycleOf(c.state).reach(ctx, known, goal(want.ValueString()))
	switch {
	case err == nil:
		c.state.Status = want
		c.save(c)
		return true
	case status == statusGone || status == prefactor.StatusRevoked:
		if status == prefactor.StatusRevoked {
			c.state.Status = types.StringValue(status)
			c.save(c)
		}
		c.diags.AddAttributeError(path.Root("status"), "Token cannot be used again", fmt.Sprintf(
			"Token %s was to become %s, but meanwhile it is %s, which is for good. Plan and apply again: that renews it.", c.state.ID.ValueString(), want.ValueString(), status))
	default:
		if status != "" {
			c.state.Status = types.StringValue(status)
			c.save(c)
		}
		c.r.provider.AddAPIError(c.diags, "Cannot change the status of the "+c.r.kind.noun, err)
	}
	return false
}
