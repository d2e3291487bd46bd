package token

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// ModifyPlan plans what the decision will do. What it needs to know of the
// platform, Read has put into the state; only require_unused_for asks it.
func (r *tokenResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	diags := &resp.Diagnostics
	if req.Plan.Raw.IsNull() {
		state := r.kind.load(ctx, req.State.Raw, diags)
		if !diags.HasError() {
			r.planRemoval(ctx, state, loadPrivate(ctx, req.Private, diags).Digests, diags)
		}
		return
	}
	plan := r.kind.load(ctx, req.Plan.Raw, diags)
	if diags.HasError() {
		return
	}
	tfkit.CheckSameAccount(plan.AgentID, plan.EnvironmentID, deploymentRule, diags)
	if req.State.Raw.IsNull() {
		r.checkPlannedIDs(ctx, plan, false, diags)
		r.planCreate(r.kind.load(ctx, req.Config.Raw, diags), &plan, diags)
	} else {
		in, ok := r.inputs(ctx, req.Config, plan, req.State, req.Private, diags)
		if !ok {
			return
		}
		in.Configured = overridden(in.config)
		in.save(ctx, resp.Private, diags)
		if in.replaced() {
			// Nothing of this resource is kept, so nothing is rotated or retired.
			r.checkPlannedIDs(ctx, in.plan, true, diags)
			r.planRemoval(ctx, in.state, in.Digests, diags)
			warnOfActivation(in, "replaced", diags)
			plan.RotateAt = rotateAtOfNew(in.rotation, in.config)
		} else {
			d := decide(in)
			r.planUpdate(ctx, in, d, &plan, diags)
			if d.renew && in.rotation == nil {
				resp.RequiresReplace.Append(d.cause)
			}
		}
	}
	r.kind.save(ctx, &resp.Plan.Raw, plan, diags)
}

// inputs gathers what a decision depends on, for ModifyPlan and for Update.
func (r *tokenResource) inputs(ctx context.Context, config tfsdk.Config, plan model, state tfsdk.State, private privateReader, diags *diag.Diagnostics) (inputs, bool) {
	in := inputs{
		config:  r.kind.load(ctx, config.Raw, diags),
		plan:    plan,
		state:   r.kind.load(ctx, state.Raw, diags),
		private: loadPrivate(ctx, private, diags),
	}
	if diags.HasError() {
		return in, false
	}
	in.rotation = in.plan.rotationOf()
	in.priorRotation = in.state.rotationOf()
	in.previous = in.state.previousOf()
	return in, true
}

func (r *tokenResource) planCreate(config model, planned *model, diags *diag.Diagnostics) {
	planned.Previous = types.ObjectNull(previousTypes)
	if config.Status.IsNull() {
		planned.Status = types.StringValue(prefactor.StatusActive)
	}
	planned.planValue()
	planned.RotateAt = rotateAtOfNew(planned.rotationOf(), config)
	if r.provider == nil {
		return
	}
	if config.AccountID.IsNull() && r.provider.AccountID != "" {
		planned.AccountID = types.StringValue(r.provider.AccountID)
	}
	r.checkExpiry(*planned, diags)
}

// hasAPI tells that the provider block is known, as it always is in an apply.
func (r *tokenResource) hasAPI() bool { return r.provider != nil && r.provider.API != nil }

// planValue leaves open where a new token's value goes: into the state as it
// is, or encrypted.
func (m *model) planValue() {
	value := func(has tristate) types.String {
		if has == no {
			return types.StringNull()
		}
		return types.StringUnknown()
	}
	m.Token, m.EncryptedToken, m.GitHubEncryptedToken = value(m.keepsPlain()), value(isGiven(m.Recipients)), value(isGiven(m.GitHubPublicKey))
}

// rotateAtOfNew is the planned rotate_at where there is, or may be, a new token.
func rotateAtOfNew(rotation *rotationModel, config model) timetypes.RFC3339 {
	if rotation == nil || rotation.BeforeExpiry.IsNull() || isGiven(config.ExpiresAt) == yes {
		return timetypes.NewRFC3339Null()
	}
	return timetypes.NewRFC3339Unknown()
}

// rotateAtOfSame is the planned rotate_at of the same token. If the configuration
// changes nothing, Read has set it. With ignore_changes the plan does not see
// whether expires_at is configured.
func (in inputs) rotateAtOfSame() timetypes.RFC3339 {
	switch {
	case !in.plan.RotateAt.IsUnknown():
		return in.plan.RotateAt
	case in.plan.ExpiresAt.IsUnknown(), in.config.ExpiresAt.IsUnknown(), in.rotation != nil && (in.rotation.BeforeExpiry.IsUnknown() || in.rotation.Spread.IsUnknown()):
		return rotateAtOfNew(in.rotation, in.config)
	default:
		return in.rotation.shownRotateAt(in.plan, !in.config.ExpiresAt.IsNull())
	}
}

// replaced tells that the agent, the environment or the account changes, which
// their attributes plan as a replacement.
func (in inputs) replaced() bool {
	for _, a := range []struct{ plan, state types.String }{
		{in.config.AccountID, in.state.AccountID}, {in.plan.AgentID, in.state.AgentID}, {in.plan.EnvironmentID, in.state.EnvironmentID},
	} {
		if !a.plan.IsNull() && !a.plan.Equal(a.state) {
			return true
		}
	}
	return false
}

// planUpdate plans what a decision does.
func (r *tokenResource) planUpdate(ctx context.Context, in inputs, d decision, planned *model, diags *diag.Diagnostics) {
	planned.RotateAt = in.rotateAtOfSame()
	if d.renew || d.renewUnknown {
		planned.RotateAt = rotateAtOfNew(in.rotation, in.config)
	}
	warnOfStatus(in, d, diags)
	if in.plan.Status.ValueString() == prefactor.StatusSuspended && !in.state.Status.Equal(in.plan.Status) && !d.renew {
		r.refuseLockout(ctx, "suspend", in.state.ID.ValueString(), in.Digests.of(in.state), diags)
	}
	for _, n := range d.notes {
		n.warn(diags)
	}
	switch {
	case d.renew && in.rotation != nil:
		r.planRotation(ctx, in, d, planned, diags)
	case d.renew:
		r.planReplacement(ctx, in, d, planned, diags)
	case d.renewUnknown:
		r.planUnknown(ctx, in, d, planned, diags)
	case d.step != retireNot:
		r.planPrevious(ctx, in, d.step, planned, diags)
	case d.stepUnknown:
		planned.Previous = types.ObjectUnknown(previousTypes)
	}
}

// warnOfStatus says what becomes of a suspended token.
func warnOfStatus(in inputs, d decision, diags *diag.Diagnostics) {
	id := in.state.ID.ValueString()
	switch {
	case in.state.Status.ValueString() != prefactor.StatusSuspended:
	case d.renew && in.rotation != nil:
		warnOfActivation(in, "rotated", diags)
	case d.renew:
		warnOfActivation(in, "replaced", diags)
	case in.suspendedOutside():
		diags.AddAttributeWarning(path.Root("status"), "API token "+id+" was suspended outside Terraform", fmt.Sprintf(
			"Token %s is suspended, and the configuration does not set status, so Terraform does not change its status. "+
				"Set status = \"active\" to activate it, or status = \"suspended\" to keep it suspended without this warning.", id))
	case in.plan.Status.ValueString() == prefactor.StatusActive:
		diags.AddAttributeWarning(path.Root("status"), fmt.Sprintf("API token %s will be activated", id), fmt.Sprintf(
			"Token %s is suspended, and the configuration sets status = \"active\": the token value will work again. If the token was suspended outside Terraform, "+
				"find out why before you apply. To keep it suspended, set status = \"suspended\" or delete the argument.", id))
	}
}

// warnOfActivation says that a suspended token gets an active successor.
func warnOfActivation(in inputs, how string, diags *diag.Diagnostics) {
	if in.state.Status.ValueString() != prefactor.StatusSuspended || in.newStatus().ValueString() != prefactor.StatusActive {
		return
	}
	id, old := in.state.ID.ValueString(), "It will be deleted."
	if how == "rotated" {
		old = "It stays suspended until it is removed."
	}
	diags.AddAttributeWarning(path.Root("status"), fmt.Sprintf("Suspended API token %s will be replaced by an active one", id), fmt.Sprintf(
		"Token %s is suspended and will be %s: the new token will be active. %s To suspend the new token too, set status = \"suspended\".", id, how, old))
}

// planRotation plans a new token at the same address. The old one becomes the
// previous one.
func (r *tokenResource) planRotation(ctx context.Context, in inputs, d decision, planned *model, diags *diag.Diagnostics) {
	r.planNewToken(in, planned)
	if d.renewUnknown {
		planOpenStatus(in, planned)
	} else {
		planned.Status = in.newStatus()
	}
	if !in.config.ExpiresAt.IsNull() {
		r.checkExpiry(in.plan, diags)
	}
	title, words := "Token will be rotated", fmt.Sprintf("Token %s will be rotated: %s. A new token with another id and value will replace it", in.state.ID.ValueString(), d.reason)
	if d.renewUnknown {
		title, words = "Token may be rotated", fmt.Sprintf("Token %s may be rotated, depending on values that are known only during the apply: %s. A new token with another id and value would then replace it", in.state.ID.ValueString(), d.reason)
	}
	switch {
	case !in.state.revokedOrDeleted():
		words += ". " + in.futureOfOld()
	case in.previous != nil:
		words += fmt.Sprintf(". The previous token %s is kept, and its overlap starts again.", in.previous.ID.ValueString())
	default:
		words += "."
	}
	if in.previous != nil && !in.state.revokedOrDeleted() {
		r.refuseRecentUse(ctx, in.plan, in.previous.ID.ValueString(), diags)
		r.refuseLockout(ctx, "revoke", in.previous.ID.ValueString(), in.Digests.Previous, diags)
		words += fmt.Sprintf(" The previous token %s will be revoked and deleted first.", in.previous.ID.ValueString())
	}
	diags.AddAttributeWarning(d.cause, title, words)
}

// futureOfOld says what a rotation does to the token that it replaces.
func (in inputs) futureOfOld() string {
	overlap, then := in.rotation.overlap(), "will then be revoked and deleted"
	if in.rotation.suspendFor() > 0 {
		then = "will then be suspended, and later be revoked and deleted"
	}
	switch suspended := in.state.Status.ValueString() == prefactor.StatusSuspended; {
	case expiredAt(in.state.ExpiresAt, in.LastDeadlinePassed.ByAPI):
		return "The old one has expired and no longer works; it will later be revoked and deleted."
	case suspended && in.rotation.keeps():
		return "The old one stays suspended, and is kept because of rotation.keep_previous."
	case suspended:
		return "The old one stays suspended until it is revoked and deleted."
	case in.wantsSuspended():
		return "Both will be suspended, because status is \"suspended\"."
	case in.rotation.keeps():
		return "The old one stays active because of rotation.keep_previous."
	case in.rotation.Overlap.IsUnknown():
		return "The old one stays active for rotation.overlap and " + then + "."
	case overlap == 0:
		return "The old one will be suspended in the same apply, because rotation.overlap is zero, and later be revoked and deleted."
	default:
		return fmt.Sprintf("The old one stays active for %s (rotation.overlap) and %s.", tfkit.FormatDuration(overlap), then)
	}
}

// planReplacement plans what Terraform does to a resource that cannot be
// changed: destroy it and create another.
func (r *tokenResource) planReplacement(ctx context.Context, in inputs, d decision, planned *model, diags *diag.Diagnostics) {
	if in.config.ExpiresAt.IsNull() {
		planned.ExpiresAt = timetypes.NewRFC3339Unknown()
	} else {
		r.checkExpiry(in.plan, diags)
	}
	// Terraform replaces only where the attribute that requires it changes.
	planned.Status = in.newStatus()
	r.planRemoval(ctx, in.state, in.Digests, diags)
	if in.state.revokedOrDeleted() {
		diags.AddAttributeWarning(d.cause, "API token "+in.state.ID.ValueString()+" was revoked outside Terraform", fmt.Sprintf(
			"Token %s will be replaced: %s. A new token with another value will be created.", in.state.ID.ValueString(), d.reason))
	}
}

// planUnknown leaves open what depends on values not known before the apply.
func (r *tokenResource) planUnknown(ctx context.Context, in inputs, d decision, planned *model, diags *diag.Diagnostics) {
	if d.step != retireNot {
		r.planPrevious(ctx, in, d.step, planned, diags)
	}
	r.planNewToken(in, planned)
	planOpenStatus(in, planned)
	if in.previous == nil {
		return
	}
	diags.AddAttributeWarning(path.Root("rotation"), "Token may be rotated", fmt.Sprintf(
		"Whether token %s is rotated depends on values that are known only during the apply. If it is, the previous token %s will be revoked and deleted first. This cannot be undone.",
		in.state.ID.ValueString(), in.previous.ID.ValueString()))
}

// planOpenStatus plans the status where it is not known whether there will be a
// new token, which is active, while the present one may be suspended.
func planOpenStatus(in inputs, planned *model) {
	if want := in.newStatus(); in.config.Status.IsNull() && !want.Equal(in.state.Status) {
		planned.Status = types.StringUnknown()
	}
}

// planNewToken leaves open what a new token brings.
func (r *tokenResource) planNewToken(in inputs, planned *model) {
	planned.ID = types.StringUnknown()
	if r.kind.scope == prefactor.ScopeAgentDeployment && in.state.revokedOrDeleted() {
		// It may have ended with the agent's deployment, which is another one then.
		planned.AgentDeploymentID = types.StringUnknown()
	}
	planned.planValue()
	planned.CreatedAt = timetypes.NewRFC3339Unknown()
	planned.Version = types.Int64Unknown()
	planned.Previous = types.ObjectUnknown(previousTypes)
	if in.config.ExpiresAt.IsNull() {
		planned.ExpiresAt = timetypes.NewRFC3339Unknown()
	}
}

// planPrevious plans the step that is due for the previous token.
func (r *tokenResource) planPrevious(ctx context.Context, in inputs, step retirement, planned *model, diags *diag.Diagnostics) {
	unknownOwn := in.Digests.Previous == ""
	if unknownOwn && disruptive(step) {
		r.warnOfUnknownOwn(r.guard(ctx, string(step), in.previous.ID.ValueString(), ""), diags)
	}
	in.stepNote(step).warn(diags)
	// Whether a token is the provider's own may become known only at the apply,
	// which then leaves it alone.
	mayBeOwn := r.kind.scope == prefactor.ScopeAccount && unknownOwn && disruptive(step) && in.previous.Status.ValueString() != prefactor.StatusRevoked
	// The same goes for the use of the token.
	mayBeUsed := in.previousMayWork() && disruptive(step) && (in.waits(step) || step == retireRemove && tfkit.DurationOr(in.plan.RequireUnusedFor, 0) > 0)
	switch {
	case mayBeOwn, mayBeUsed, in.releaseSuspends(step), in.rotation != nil && in.rotation.Overlap.IsUnknown():
		planned.Previous = types.ObjectUnknown(previousTypes)
	case step == retireRemove:
		planned.Previous = types.ObjectNull(previousTypes)
	default:
		p := in.previous.after(step, in.rotation, scheduleOpen(in.rotation))
		planned.setPrevious(ctx, &p, diags)
	}
}

// stepNote is what a plan says of a step. Terraform merges warnings with equal
// summaries, so that one after which a token no longer works has the id in it.
func (in inputs) stepNote(step retirement) note {
	p, id := in.previous, in.previous.ID.ValueString()
	n := note{at: path.Root("previous")}
	switch step {
	case retireActivate:
		n.summary = fmt.Sprintf("Previous API token %s will be activated", id)
		n.detail = fmt.Sprintf("Previous token %s will be activated and kept because of rotation.keep_previous: the old token value will work again.", id)
	case retireHold:
		n.summary = "Previous API token will be kept"
		n.detail = fmt.Sprintf("Previous token %s will not be suspended or removed while rotation.keep_previous is true.", id)
	case retireRelease:
		n.summary = "Previous API token will no longer be kept"
		n.detail = fmt.Sprintf("Previous token %s will no longer be kept: its overlap and suspension start again.", id)
		if in.releaseSuspends(step) {
			n.summary = fmt.Sprintf("Previous API token %s will be suspended", id)
			n.detail = fmt.Sprintf("Previous token %s will no longer be kept. If it has not expired, it will be suspended in the same apply, because rotation.overlap is zero.", id)
		}
	case retireSuspend:
		why, until := "status is \"suspended\"", "."
		if !in.wantsSuspended() && !p.SuspendAt.IsNull() {
			why = "its overlap ended at " + p.SuspendAt.ValueString()
		}
		switch {
		case p.RemoveAt.IsNull():
		case in.rotation.waitsForUse():
			until = fmt.Sprintf(", until it is removed %s after the suspension.", tfkit.FormatDuration(in.rotation.suspendFor()))
		default:
			until = fmt.Sprintf(", until the first apply after %s removes it.", p.RemoveAt.ValueString())
		}
		n.summary = fmt.Sprintf("Previous API token %s will be suspended", id)
		n.detail = fmt.Sprintf("Previous token %s will be suspended: %s. Consumers that still use it will fail; rotation.keep_previous = true activates it again%s", id, why, until)
	case retireRemove:
		n.summary = fmt.Sprintf("Previous API token %s will be removed", id)
		n.detail = fmt.Sprintf("Previous token %s will be revoked and deleted: its remove_at, %s, has passed. This cannot be undone.", id, p.RemoveAt.ValueString())
		if p.Status.ValueString() == prefactor.StatusRevoked {
			n.detail = fmt.Sprintf("Previous token %s was revoked outside Terraform and will be deleted.", id)
		}
	case retireNot:
	}
	return n
}

// releaseSuspends tells that a schedule that starts again without an overlap
// suspends the token at once, unless it has expired by then.
func (in inputs) releaseSuspends(step retirement) bool {
	return step == retireRelease && in.rotation.overlap() == 0 && in.previous.Status.ValueString() == prefactor.StatusActive
}

// planRemoval adds an error for a plan to remove a token, or its predecessor, that is in use.
func (r *tokenResource) planRemoval(ctx context.Context, state model, known digests, diags *diag.Diagnostics) {
	if state.DeletionPolicy.ValueString() == policyAbandon {
		return
	}
	if !state.revokedOrDeleted() {
		r.refuseLockout(ctx, "destroy", state.ID.ValueString(), known.of(state), diags)
		r.refuseRecentUse(ctx, state, state.ID.ValueString(), diags)
	}
	if p := state.previousOf(); p != nil {
		r.refuseRecentUse(ctx, state, p.ID.ValueString(), diags)
		r.refuseLockout(ctx, "destroy", p.ID.ValueString(), known.Previous, diags)
	}
}

// refuseRecentUse asks the platform early for what the apply will ask again. An
// error is no reason to reject the plan.
func (r *tokenResource) refuseRecentUse(ctx context.Context, m model, id string, diags *diag.Diagnostics) {
	if !r.hasAPI() {
		return
	}
	if inUse, ok := errors.AsType[*inUseError](r.checkUnused(ctx, removalRule(m), id, m.AccountID.ValueString())); ok {
		diags.AddAttributeError(path.Root("require_unused_for"), "Token is in use", inUse.Error())
	}
}
