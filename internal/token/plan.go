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
	if req.Plan.Raw.IsNull() {
		r.planDestroy(ctx, req, resp)
		return
	}
	plan := r.kind.load(ctx, req.Plan.Raw, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	tfkit.CheckSameAccount(plan.AgentID, plan.EnvironmentID, deploymentRule, &resp.Diagnostics)
	if req.State.Raw.IsNull() {
		r.checkPlannedIDs(ctx, plan, false, &resp.Diagnostics)
		r.planCreate(ctx, r.kind.load(ctx, req.Config.Raw, &resp.Diagnostics), plan, resp)
		return
	}
	in, ok := r.inputs(ctx, req.Config, plan, req.State, req.Private, &resp.Diagnostics)
	if !ok {
		return
	}
	in.Configured = overridden(in.config)
	in.save(ctx, resp.Private, &resp.Diagnostics)
	if in.replaced() {
		// Another agent, environment or account: nothing of this resource is
		// kept, so nothing is rotated or retired.
		r.checkPlannedIDs(ctx, in.plan, true, &resp.Diagnostics)
		r.planRemoval(ctx, in.state, in.Digests, &resp.Diagnostics)
		warnOfActivation(in, "replaced", &resp.Diagnostics)
		planRotateAt(ctx, in.rotation, in.config, in.plan, true, resp)
		return
	}
	d := decide(in)
	planRotateAt(ctx, in.rotation, in.config, in.plan, d.renew || d.renewUnknown, resp)
	warnOfStatus(in, d, &resp.Diagnostics)
	if in.plan.Status.ValueString() == prefactor.StatusSuspended && !in.state.Status.Equal(in.plan.Status) && !d.renew {
		r.refuseLockout(ctx, "suspend", in.state.ID.ValueString(), in.Digests.of(in.state, in.state.ID.ValueString()), &resp.Diagnostics)
	}
	for _, n := range d.notes {
		resp.Diagnostics.AddAttributeWarning(n.at, n.summary, n.detail)
	}
	switch {
	case d.renew && in.rotation != nil:
		r.planRotation(ctx, in, d, resp)
	case d.renew:
		r.planReplacement(ctx, in, d, resp)
	case d.renewUnknown:
		r.planUnknown(ctx, in, d, resp)
	case d.step != retireNot:
		r.planPrevious(ctx, in, d, resp)
	case d.stepUnknown:
		setterOf(ctx, resp)("previous", types.ObjectUnknown(previousTypes))
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
		diags.AddAttributeWarning(path.Root("status"), "API token is suspended outside Terraform: "+id, fmt.Sprintf(
			"Token %s is suspended, and the configuration does not set status, so its status is left as it is. "+
				"Set status = \"active\" to activate it, or status = \"suspended\" to keep it suspended without this warning.", id))
	case in.plan.Status.ValueString() == prefactor.StatusActive:
		diags.AddAttributeWarning(path.Root("status"), fmt.Sprintf("API token %s will be activated", id), fmt.Sprintf(
			"Token %s is suspended, and the configuration sets status = \"active\": its value will work again. If it was suspended outside Terraform, "+
				"find out why before you apply; without status in the configuration it stays suspended.", id))
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
	diags.AddAttributeWarning(path.Root("status"), fmt.Sprintf("Successor of suspended API token %s will be active", id), fmt.Sprintf(
		"Token %s is suspended and will be %s: the new token will be active. %s Set status = \"suspended\" to have the new token suspended too.", id, how, old))
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
	in.rotation = in.plan.rotationOf(ctx, diags)
	in.priorRotation = in.state.rotationOf(ctx, diags)
	in.previous = in.state.previousOf(ctx, diags)
	return in, !diags.HasError()
}

func (r *tokenResource) planCreate(ctx context.Context, config, plan model, resp *resource.ModifyPlanResponse) {
	set := setterOf(ctx, resp)
	set("previous", types.ObjectNull(previousTypes))
	if config.Status.IsNull() {
		set("status", types.StringValue(prefactor.StatusActive))
	}
	planValue(set, plan)
	planRotateAt(ctx, plan.rotationOf(ctx, &resp.Diagnostics), config, plan, true, resp)
	if r.provider == nil {
		return
	}
	if config.AccountID.IsNull() && r.provider.AccountID != "" {
		set("account_id", types.StringValue(r.provider.AccountID))
	}
	r.checkExpiry(plan, &resp.Diagnostics)
}

// checkExpiry refuses an expiry in the past for a token that is to be created.
func (r *tokenResource) checkExpiry(plan model, diags *diag.Diagnostics) {
	if r.provider == nil || r.provider.API == nil || plan.ExpiresAt.ValueString() == "" {
		return
	}
	inFuture(timeOf(plan.ExpiresAt), r.provider.API.Now(), diags)
}

// planRotateAt plans rotate_at. isNew tells that there is, or may be, a new token.
// If the configuration changes nothing, Read has set it. With ignore_changes the
// plan does not see whether expires_at is configured.
func planRotateAt(ctx context.Context, rotation *rotationModel, config, plan model, isNew bool, resp *resource.ModifyPlanResponse) {
	if !isNew && !plan.RotateAt.IsUnknown() {
		return
	}
	open := isNew || plan.ExpiresAt.IsUnknown() || config.ExpiresAt.IsUnknown()
	at := rotation.shownRotateAt(plan, !config.ExpiresAt.IsNull())
	switch {
	case rotation == nil, rotation.BeforeExpiry.IsNull(), !config.ExpiresAt.IsNull() && !config.ExpiresAt.IsUnknown():
	case open, rotation.BeforeExpiry.IsUnknown(), rotation.Spread.IsUnknown():
		at = timetypes.NewRFC3339Unknown()
	}
	if !at.Equal(plan.RotateAt) {
		setterOf(ctx, resp)("rotate_at", at)
	}
}

// planRotation plans a new token at the same address. The old one becomes the
// previous one.
func (r *tokenResource) planRotation(ctx context.Context, in inputs, d decision, resp *resource.ModifyPlanResponse) {
	set := setterOf(ctx, resp)
	r.planNewToken(set, in)
	if d.renewUnknown {
		planOpenStatus(set, in)
	} else {
		set("status", in.newStatus())
	}
	if !in.config.ExpiresAt.IsNull() {
		r.checkExpiry(in.plan, &resp.Diagnostics)
	}
	title, words := "Token will be rotated", fmt.Sprintf("Token %s will be rotated: %s. A new token with another id and value will replace it", in.state.ID.ValueString(), d.reason)
	if d.renewUnknown {
		title, words = "Token may be rotated", fmt.Sprintf("Token %s may be rotated, which depends on values that are known only at the apply: %s. A new token with another id and value would then replace it", in.state.ID.ValueString(), d.reason)
	}
	switch {
	case !in.state.revokedOrDeleted():
		words += ". " + in.futureOfOld()
	case in.previous != nil:
		words += fmt.Sprintf("; its predecessor %s is kept, and its overlap starts again.", in.previous.ID.ValueString())
	default:
		words += "."
	}
	if in.previous != nil && !in.state.revokedOrDeleted() {
		r.refuseRecentUse(ctx, in.plan, in.previous.ID.ValueString(), &resp.Diagnostics)
		r.refuseLockout(ctx, "revoke", in.previous.ID.ValueString(), in.Digests.Previous, &resp.Diagnostics)
		words += fmt.Sprintf(" Its own predecessor %s will be revoked and deleted first.", in.previous.ID.ValueString())
	}
	resp.Diagnostics.AddAttributeWarning(d.cause, title, words)
}

// futureOfOld says what a rotation does to the token that it replaces.
func (in inputs) futureOfOld() string {
	overlap, suspendFor := in.rotation.durations()
	then := "will then be revoked and deleted"
	if suspendFor > 0 {
		then = "will then be suspended, and later be revoked and deleted"
	}
	switch suspended := in.state.Status.ValueString() == prefactor.StatusSuspended; {
	case expiredAt(in.state, in.LastDeadlinePassed.ByAPI):
		return "The old one has expired and no longer works; it will later be revoked and deleted."
	case suspended && in.rotation.keeps():
		return "The old one stays suspended, and is kept as rotation.keep_previous asks."
	case suspended:
		return "The old one stays suspended until it is revoked and deleted."
	case in.wantsSuspended():
		return "Both will be suspended, since status is \"suspended\"."
	case in.rotation.keeps():
		return "The old one stays active, as rotation.keep_previous asks."
	case in.rotation.Overlap.IsUnknown():
		return "The old one stays active for rotation.overlap and " + then + "."
	case overlap == 0:
		return "The old one will be suspended in the same apply, since rotation.overlap is zero, and later be revoked and deleted."
	default:
		return fmt.Sprintf("The old one stays active for %s (rotation.overlap) and %s.", tfkit.FormatDuration(overlap), then)
	}
}

// planReplacement plans what Terraform does to a resource that cannot be
// changed: destroy it and create another.
func (r *tokenResource) planReplacement(ctx context.Context, in inputs, d decision, resp *resource.ModifyPlanResponse) {
	set := setterOf(ctx, resp)
	if in.config.ExpiresAt.IsNull() {
		set("expires_at", timetypes.NewRFC3339Unknown())
	} else {
		r.checkExpiry(in.plan, &resp.Diagnostics)
	}
	// Terraform replaces only where the attribute that requires it changes.
	set("status", in.newStatus())
	r.planRemoval(ctx, in.state, in.Digests, &resp.Diagnostics)
	resp.RequiresReplace.Append(d.cause)
	if in.state.revokedOrDeleted() {
		resp.Diagnostics.AddAttributeWarning(d.cause, "API token "+in.state.ID.ValueString()+" was revoked outside Terraform", fmt.Sprintf(
			"Token %s will be replaced: %s. A new token with another value will be created.", in.state.ID.ValueString(), d.reason))
	}
}

// planUnknown leaves open what depends on values not known before the apply.
func (r *tokenResource) planUnknown(ctx context.Context, in inputs, d decision, resp *resource.ModifyPlanResponse) {
	if d.step != retireNot {
		r.planPrevious(ctx, in, d, resp)
	}
	set := setterOf(ctx, resp)
	r.planNewToken(set, in)
	planOpenStatus(set, in)
	if in.previous == nil {
		return
	}
	resp.Diagnostics.AddAttributeWarning(path.Root("rotation"), "Token may be rotated", fmt.Sprintf(
		"Whether token %s is rotated depends on values that are known only at the apply. If it is, its predecessor %s will be revoked and deleted first.",
		in.state.ID.ValueString(), in.previous.ID.ValueString()))
}

// planOpenStatus plans the status where it is not known whether there will be a
// new token, which is active, while the present one may be suspended.
func planOpenStatus(set func(string, any), in inputs) {
	if want := in.newStatus(); in.config.Status.IsNull() && !want.Equal(in.state.Status) {
		set("status", types.StringUnknown())
	}
}

// planNewToken leaves open what a new token brings.
func (r *tokenResource) planNewToken(set func(string, any), in inputs) {
	set("id", types.StringUnknown())
	if r.kind.scope == prefactor.ScopeAgentDeployment && in.state.revokedOrDeleted() {
		// It may have ended with the agent's deployment, which is another one then.
		set("agent_deployment_id", types.StringUnknown())
	}
	planValue(set, in.plan)
	set("created_at", timetypes.NewRFC3339Unknown())
	set("version", types.Int64Unknown())
	set("previous", types.ObjectUnknown(previousTypes))
	if in.config.ExpiresAt.IsNull() {
		set("expires_at", timetypes.NewRFC3339Unknown())
	}
}

// planValue leaves open where a new token's value goes: into the state as it
// is, or encrypted.
func planValue(set func(string, any), plan model) {
	for attribute, is := range map[string]tristate{
		"token":                  plan.keepsPlain(),
		"encrypted_token":        isGiven(plan.Recipients),
		"github_encrypted_token": isGiven(plan.GitHubPublicKey),
	} {
		if is == no {
			set(attribute, types.StringNull())
		} else {
			set(attribute, types.StringUnknown())
		}
	}
}

// planPrevious plans the step that is due for the previous token.
func (r *tokenResource) planPrevious(ctx context.Context, in inputs, d decision, resp *resource.ModifyPlanResponse) {
	if in.Digests.Previous == "" && (d.step == retireSuspend || d.step == retireRemove) {
		r.warnOfUnknownOwn(r.guard(ctx, string(d.step), in.previous.ID.ValueString(), ""), &resp.Diagnostics)
	}
	overlap, _ := in.rotation.durations()
	// A schedule that starts again without an overlap suspends at once, unless the
	// token has expired by then.
	releaseSuspends := d.step == retireRelease && overlap == 0 && in.previous.Status.ValueString() == prefactor.StatusActive
	title, words := d.step.title(in.previous.ID.ValueString()), in.previous.words(d.step, in.rotation, in.wantsSuspended())
	if releaseSuspends {
		title, words = retireSuspend.title(in.previous.ID.ValueString()), fmt.Sprintf(
			"Previous token %s will no longer be kept. If it has not expired, it will be suspended in the same apply, since rotation.overlap is zero.", in.previous.ID.ValueString())
	}
	resp.Diagnostics.AddAttributeWarning(path.Root("previous"), title, words)
	set := setterOf(ctx, resp)
	// Whether a token is the provider's own may become known only at the apply,
	// which then leaves it alone.
	mayBeOwn := r.kind.scope == prefactor.ScopeAccount && in.Digests.Previous == "" && disruptive(d.step) && in.previous.Status.ValueString() != prefactor.StatusRevoked
	// The same goes for the use of the token.
	mayBeUsed := in.previousMayWork() && disruptive(d.step) && (in.waits(d.step) || d.step == retireRemove && tfkit.DurationOr(in.plan.RequireUnusedFor, 0) > 0)
	switch {
	case mayBeOwn, mayBeUsed, releaseSuspends, in.rotation != nil && in.rotation.Overlap.IsUnknown():
		set("previous", types.ObjectUnknown(previousTypes))
	case d.step == retireRemove:
		set("previous", types.ObjectNull(previousTypes))
	default:
		p := in.previous.after(d.step, in.rotation, scheduleOpen(in.rotation))
		var planned model
		planned.setPrevious(ctx, &p, &resp.Diagnostics)
		set("previous", planned.Previous)
	}
}

func setterOf(ctx context.Context, resp *resource.ModifyPlanResponse) func(name string, value any) {
	return func(name string, value any) {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root(name), value)...)
	}
}

// ValidateConfig finds durations that contradict each other.
func (r *tokenResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	config := r.kind.load(ctx, req.Config.Raw, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || config.Rotation.IsNull() || config.Rotation.IsUnknown() {
		return
	}
	rotation := config.rotationOf(ctx, &resp.Diagnostics)
	at := path.Root("rotation")
	if rotation.BeforeExpiry.IsNull() && !rotation.Triggers.IsUnknown() && len(rotation.Triggers.Elements()) == 0 {
		resp.Diagnostics.AddAttributeWarning(at, "Rotation without before_expiry and triggers", "The rotation block sets neither before_expiry nor triggers, so the token is not rotated before it expires. "+
			"Set one of them. Terraform ignores misspelled arguments in this block: check their spelling.")
	}
	if !config.ExpiresAt.IsNull() && !rotation.BeforeExpiry.IsNull() {
		resp.Diagnostics.AddAttributeWarning(at.AtName("before_expiry"), "Token with a fixed expiry cannot be renewed in time",
			"expires_at is set, so rotation.before_expiry never rotates the token: a new token would expire at the same time. Use lifetime instead of expires_at, or delete before_expiry.")
	}
	contradict := func(attribute, format string, args ...any) {
		resp.Diagnostics.AddAttributeError(at.AtName(attribute), "Durations contradict each other", fmt.Sprintf(format, args...))
	}
	longer := func(attribute string, d types.String, limit types.String, name, why string) {
		length, most := tfkit.DurationOr(d, -1), tfkit.DurationOr(limit, -1)
		if length >= 0 && most >= 0 && length > most {
			contradict(attribute, "rotation.%s is %s, but %s is %s: %s.", attribute, d.ValueString(), name, limit.ValueString(), why)
		}
	}
	longer("overlap", rotation.Overlap, rotation.BeforeExpiry, "rotation.before_expiry",
		"when the rotation takes place, no more than that is left of the old token, so it cannot stay active any longer. Make overlap shorter or before_expiry longer")
	longer("overlap", rotation.Overlap, config.Lifetime, "lifetime", "the old token cannot stay active longer than it lives. Make overlap shorter")
	longer("retire_when_unused_for", rotation.RetireWhenUnusedFor, rotation.MaxOverlap, "rotation.max_overlap",
		"a token that is used when the rotation takes place is suspended before it was unused that long. Make retire_when_unused_for shorter or max_overlap longer")
	longer("retire_when_unused_for", rotation.RetireWhenUnusedFor, rotation.BeforeExpiry, "rotation.before_expiry",
		"a token that is used when the rotation takes place expires before it was unused that long. Make retire_when_unused_for shorter")
	longer("retire_when_unused_for", rotation.RetireWhenUnusedFor, config.Lifetime, "lifetime", "the old token expires before it was unused that long. Make retire_when_unused_for shorter")
	longer("max_overlap", rotation.MaxOverlap, rotation.BeforeExpiry, "rotation.before_expiry",
		"when the rotation takes place, no more than that is left of the old token. Make max_overlap shorter, or delete it: the expiry ends the overlap in any case")
	if rotation.RetireWhenUnusedFor.IsNull() && !rotation.MaxOverlap.IsNull() {
		contradict("max_overlap", "rotation.max_overlap is set, but rotation.retire_when_unused_for is not: without it, the overlap always ends after rotation.overlap. Set both, or delete max_overlap.")
	}
	if overlap, _ := rotation.durations(); !rotation.Overlap.IsUnknown() && tfkit.DurationOr(rotation.MaxOverlap, overlap) < overlap {
		contradict("max_overlap", "rotation.max_overlap is %s, but rotation.overlap is %s: it cannot end before that. Make max_overlap longer or overlap shorter.",
			rotation.MaxOverlap.ValueString(), tfkit.FormatDuration(overlap))
	}
	life, before, spread := tfkit.DurationOr(config.Lifetime, -1), tfkit.DurationOr(rotation.BeforeExpiry, -1), tfkit.DurationOr(rotation.Spread, -1)
	switch {
	case !rotation.Spread.IsNull() && rotation.BeforeExpiry.IsNull():
		contradict("spread", "rotation.spread is set, but rotation.before_expiry is not: spread moves the time of before_expiry. Set both, or delete spread.")
	case life > 0 && before >= 0 && before < life && spread > 0 && before+spread >= life:
		contradict("spread", "rotation.before_expiry is %s, rotation.spread is %s, and lifetime is %s: some new tokens would be due for renewal at once. Make spread shorter.",
			rotation.BeforeExpiry.ValueString(), rotation.Spread.ValueString(), config.Lifetime.ValueString())
	}
	if life > 0 && before >= life {
		contradict("before_expiry", "rotation.before_expiry is %s, but lifetime is %s: every new token would be due for renewal at once. Make before_expiry shorter than lifetime.",
			rotation.BeforeExpiry.ValueString(), config.Lifetime.ValueString())
	}
}

// planDestroy checks in the plan what a destroy will check again.
func (r *tokenResource) planDestroy(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	state := r.kind.load(ctx, req.State.Raw, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	r.planRemoval(ctx, state, loadPrivate(ctx, req.Private, &resp.Diagnostics).Digests, &resp.Diagnostics)
}

// planRemoval adds an error for a plan to remove a token, or its predecessor, that is in use.
func (r *tokenResource) planRemoval(ctx context.Context, state model, known digests, diags *diag.Diagnostics) {
	if state.DeletionPolicy.ValueString() == policyAbandon {
		return
	}
	if !state.revokedOrDeleted() {
		r.refuseLockout(ctx, "destroy", state.ID.ValueString(), known.of(state, state.ID.ValueString()), diags)
		r.refuseRecentUse(ctx, state, state.ID.ValueString(), diags)
	}
	if p := state.previousOf(ctx, diags); p != nil {
		r.refuseRecentUse(ctx, state, p.ID.ValueString(), diags)
		r.refuseLockout(ctx, "destroy", p.ID.ValueString(), known.Previous, diags)
	}
}

// refuseRecentUse asks the platform early for what the apply will ask again. An
// error is no reason to reject the plan.
func (r *tokenResource) refuseRecentUse(ctx context.Context, m model, id string, diags *diag.Diagnostics) {
	if r.provider == nil || r.provider.API == nil {
		return
	}
	if inUse, ok := errors.AsType[*inUseError](r.checkUnused(ctx, removalRule(m), id, m.AccountID.ValueString())); ok {
		diags.AddAttributeError(path.Root("require_unused_for"), "Token is in use", inUse.Error())
	}
}
