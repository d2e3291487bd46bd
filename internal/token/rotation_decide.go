package token

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// decision is what becomes of a token that exists. It depends on the
// configuration, the state and what Read has noted, and on no clock: a plan
// that is applied much later, and the second planning that an apply begins
// with, decide the same.
type decision struct {
	// renew tells that the token gets a successor: by a rotation where the
	// configuration has one, else by a replacement.
	renew bool
	// reason is the reason for the renewal, for a person.
	reason string
	// cause is the attribute that the renewal comes from.
	cause path.Path
	// renewUnknown tells that the renewal depends on values not known before the apply.
	renewUnknown bool
	// step is what is due for the previous token, unless a renewal removes it.
	step retirement
	// stepUnknown tells that the step depends on values not known before the apply.
	stepUnknown bool
	// notes are what a person should know though nothing is done about it.
	notes []note
}

// known are the tokens that the state has.
func (in inputs) known() []string {
	ids := []string{in.state.ID.ValueString()}
	if in.previous != nil {
		ids = append(ids, in.previous.ID.ValueString())
	}
	return ids
}

type note struct {
	at              path.Path
	summary, detail string
}

// inputs is all that a decision depends on.
type inputs struct {
	config, plan, state model
	rotation            *rotationModel // of the plan
	priorRotation       *rotationModel // of the state
	previous            *previousModel
	private
}

func decide(in inputs) decision {
	d := in.decide()
	if in.LastDeadlinePassed.ByAPI.Equal(in.LastDeadlinePassed.ByBoth) {
		return d
	}
	// The clocks disagree. A person should know if something waits for that.
	in.LastDeadlinePassed.ByBoth = in.LastDeadlinePassed.ByAPI
	if trusting := in.decide(); trusting.renew != d.renew || trusting.step != d.step {
		d.notes = append(d.notes, note{path.Root("id"), "Local clock and API clock differ", fmt.Sprintf(
			"A step that cannot be undone is due for token %s by the API's clock, but not by the local clock. It is postponed until both clocks agree. "+
				"Check the clock of the machine that Terraform runs on.", in.state.ID.ValueString())})
	}
	return d
}

func (in inputs) decide() decision {
	var d decision
	// A renewal that revokes a token that may still work needs both clocks.
	observed := in.LastDeadlinePassed.ByAPI
	if in.rotation == nil || in.previousMayWork() && !in.state.revokedOrDeleted() {
		observed = in.LastDeadlinePassed.ByBoth
	}
	expired := expiredAt(in.state, observed)
	fixed := !in.config.ExpiresAt.IsNull()
	state := in.state
	renew := func(cause path.Path, reason string, args ...any) {
		if !d.renew {
			d.renew, d.cause, d.reason = true, cause, fmt.Sprintf(reason, args...)
		}
	}

	// What time brings does not undo a suspension that the configuration does not
	// mention: it may be the response to a leak.
	postponed := ""
	renewInTime := func(cause path.Path, reason string, args ...any) {
		if in.suspendedOutside() && !d.renew {
			postponed = cmp.Or(postponed, fmt.Sprintf(reason, args...))
			return
		}
		renew(cause, reason, args...)
		d.renewUnknown = d.renewUnknown || (state.Status.ValueString() == prefactor.StatusSuspended && in.config.Status.IsUnknown())
	}

	if state.revokedOrDeleted() {
		renew(path.Root("status"), "%s", state.revocation())
	}
	if !in.plan.ExpiresAt.Equal(state.ExpiresAt) && fixed {
		renew(path.Root("expires_at"), "its expiry changes, and the expiry of a token that exists cannot be changed")
		d.renewUnknown = d.renewUnknown || in.plan.ExpiresAt.IsUnknown()
	}
	if in.expiryRemoved() {
		renew(path.Root("expires_at"), "expires_at is no longer set, so that the platform picks the expiry")
	}
	// A lifetime is a way to say an expiry: where the expiry is the one that
	// the token has, there is no reason to renew it.
	pinned := fixed && in.plan.ExpiresAt.Equal(state.ExpiresAt)
	if !in.plan.Lifetime.Equal(state.Lifetime) && !pinned && !livesAsLong(in.plan, state) {
		renew(path.Root("lifetime"), "its lifetime changes, and the expiry of a token that exists cannot be changed")
		d.renewUnknown = d.renewUnknown || in.plan.Lifetime.IsUnknown()
	}
	if cause, reason := recipientsChanged(in); reason != "" {
		renew(cause, "%s", reason)
		d.renewUnknown = d.renewUnknown || !in.plan.recipientsKnown()
	}
	if !fixed && expired && (in.rotation != nil || !in.plan.Lifetime.IsNull()) {
		renewInTime(path.Root("expires_at"), "it expired at %s", state.ExpiresAt.ValueString())
	}
	if in.rotation != nil {
		decideRotation(in, &d, renew, renewInTime, observed, fixed, expired)
	} else if expired && !d.renew && (fixed || in.plan.Lifetime.IsNull()) {
		d.notes = append(d.notes, expiredNote(state, fixed))
	}
	if postponed != "" && !d.renew {
		d.notes = append(d.notes, postponedNote(state, postponed))
	}
	if in.previous == nil || d.renew {
		return d
	}
	if in.rotation != nil && (in.rotation.KeepPrevious.IsUnknown() || in.rotation.RetireWhenUnusedFor.IsUnknown()) || in.config.Status.IsUnknown() {
		d.stepUnknown = true
		return d
	}
	d.step = in.due(in.LastDeadlinePassed.ByAPI)
	if d.step == retireRemove {
		d.step = in.due(in.LastDeadlinePassed.ByBoth)
	}
	if in.Digests.Held && disruptive(d.step) {
		d.step = retireNot
		d.notes = append(d.notes, removalPostponed(in.previous))
	}
	var used *note
	if d.step, used = in.unlessUsed(d.step); used != nil {
		d.notes = append(d.notes, *used)
	}
	return d
}

// due is the step that is due for the previous token at a moment.
func (in inputs) due(at time.Time) retirement {
	step := in.previous.due(in.rotation.keeps(), at)
	if !in.wantsSuspended() || step == retireRemove {
		return step
	}
	switch status := in.previous.Status.ValueString(); {
	case status == prefactor.StatusActive && !in.previous.expiredAt(at):
		return retireSuspend
	case step == retireActivate && in.previous.RemoveAt.IsNull():
		return retireNot
	case step == retireActivate:
		return retireHold
	default:
		return step
	}
}

// firstStep is the step that is due for the previous token when its retirement
// has just started. The removal waits for the next apply: until this one has
// ended, the state with the new value may not be stored.
func (in inputs) firstStep(at time.Time) retirement {
	step := in.due(at)
	switch status := in.previous.Status.ValueString(); {
	case step != retireRemove || status == prefactor.StatusRevoked:
		return step
	case status == prefactor.StatusActive && !in.previous.expiredAt(at):
		return retireSuspend
	default:
		return retireNot
	}
}

// previousMayWork tells that there is a previous token that is neither revoked
// nor expired by both clocks.
func (in inputs) previousMayWork() bool {
	return in.previous != nil && in.previous.Status.ValueString() != prefactor.StatusRevoked && !in.previous.expiredAt(in.LastDeadlinePassed.ByBoth)
}

// wantsSuspended tells that the configuration wants no token of the resource to
// authenticate, the previous one included.
func (in inputs) wantsSuspended() bool {
	return !in.config.Status.IsNull() && in.plan.Status.ValueString() == prefactor.StatusSuspended
}

// suspendedOutside tells that the token is suspended and that the configuration
// does not say whether it should be.
func (in inputs) suspendedOutside() bool {
	return in.state.Status.ValueString() == prefactor.StatusSuspended && in.config.Status.IsNull()
}

// newStatus is the status of a new token: active unless configured.
func (in inputs) newStatus() types.String {
	if in.config.Status.IsNull() {
		return types.StringValue(prefactor.StatusActive)
	}
	return in.plan.Status
}

func postponedNote(state model, reason string) note {
	id := state.ID.ValueString()
	return note{path.Root("status"), fmt.Sprintf("Renewal of suspended API token %s is postponed", id), fmt.Sprintf(
		"Token %s is due to be renewed: %s. It is suspended, the configuration does not set status, and its successor would be active, so it is not renewed. "+
			"Set status = \"active\" to activate and renew it, or change one of rotation.triggers to replace it by a new, active token.", id, reason)}
}

// removalPostponed warns while the provider uses the previous token.
func removalPostponed(p *previousModel) note {
	return note{path.Root("previous"), "Removal of the previous token is postponed", fmt.Sprintf(
		"Previous token %s is due to be suspended or removed, but the provider still authenticates with it. Give the provider the new token; "+
			"the first apply after that continues.", p.ID.ValueString())}
}

// recipientsChanged is the reason to renew a token whose value is to be
// encrypted to others than it is; empty if there is none.
func recipientsChanged(in inputs) (cause path.Path, reason string) {
	was, is := in.state.recipientsOf(), in.plan.recipientsOf()
	sameKey := in.state.GitHubPublicKey.Equal(in.plan.GitHubPublicKey)
	cause = path.Root("recipients")
	if !sameKey && slices.Equal(was, is) {
		cause = path.Root("github_public_key")
	}
	switch {
	case in.state.hasNoValue(), slices.Equal(was, is) && sameKey && in.plan.recipientsKnown():
		return cause, ""
	case !in.state.encrypts():
		return cause, "its value has been in the state as it is, so that only a new one can be kept out of it"
	default:
		return cause, "the keys that its value is encrypted to change, and a value that is no longer known cannot be encrypted again"
	}
}

// decideRotation adds the reasons that only a rotation block knows.
func decideRotation(in inputs, d *decision, renew, renewInTime func(path.Path, string, ...any), observed time.Time, fixed, expired bool) {
	state, rotation := in.state, in.rotation
	switch triggersChanged(in) {
	case yes:
		renew(path.Root("rotation").AtName("triggers"), "rotation.triggers changed")
	case unknown:
		d.renewUnknown = true
	case no:
	}
	if rotation.BeforeExpiry.IsUnknown() || !rotation.BeforeExpiry.IsNull() && rotation.Spread.IsUnknown() {
		d.renewUnknown = true
		return
	}
	if d.renew || rotation.BeforeExpiry.IsNull() || state.ExpiresAt.IsNull() || observed.IsZero() {
		if fixed && expired && !d.renew {
			d.notes = append(d.notes, expiredNote(state, fixed))
		}
		return
	}
	ends, rotateAt := timeOf(state.ExpiresAt), rotation.rotateAt(state)
	if observed.Before(rotateAt) {
		return
	}
	// The next token may be rotated this long before its end.
	before := tfkit.DurationOr(rotation.BeforeExpiry, 0) + tfkit.DurationOr(rotation.Spread, 0)
	at := path.Root("rotation").AtName("before_expiry")
	rule, inUse := unusedRule{}, false
	if in.previous != nil {
		rule, inUse = in.violatedRule(retireRemove)
	}
	why, way := "expires_at is fixed", "Move expires_at, which rotates the token, or use lifetime instead."
	if !in.config.Lifetime.IsNull() {
		// A configuration cannot set both.
		why, way = "lifecycle.ignore_changes fixes expires_at at its present value", "Remove expires_at, or all, from ignore_changes."
	}
	switch created := timeOf(state.CreatedAt); {
	case fixed && expired:
		d.notes = append(d.notes, expiredNote(state, fixed))
	case fixed:
		d.notes = append(d.notes, note{path.Root("expires_at"), "Token cannot be renewed", fmt.Sprintf(
			"Token %s expires at %s, which is sooner than rotation.before_expiry allows, but %s: a new token would expire at the same time. %s",
			state.ID.ValueString(), state.ExpiresAt.ValueString(), why, way)})
	case !created.IsZero() && ends.Sub(created) <= before && in.GrantedExpiry.Sub(created) <= before:
		// A new token would live no longer. One whose expiry was shortened since
		// its creation would.
		d.notes = append(d.notes, note{at, "Token would be renewed at each apply", fmt.Sprintf(
			"Token %s has a lifetime of %s, and is due to be renewed when less than %s is left: a new token would be due immediately. "+
				"It is not renewed. Make rotation.before_expiry shorter, or set a longer lifetime.",
			state.ID.ValueString(), tfkit.FormatDuration(ends.Sub(created).Round(time.Second)), tfkit.FormatDuration(before))})
	case in.Digests.Held && in.previous != nil && !expired:
		d.notes = append(d.notes, removalPostponed(in.previous))
	case rotation.keeps() && in.previousMayWork():
		d.notes = append(d.notes, note{at, "Rotation waits for the previous token", fmt.Sprintf(
			"Token %s expires at %s and is due to be renewed, but rotation.keep_previous keeps its predecessor %s, and a resource has at most two tokens. "+
				"Remove keep_previous. The rotation takes place at the latest when the token has expired.",
			state.ID.ValueString(), state.ExpiresAt.ValueString(), in.previous.ID.ValueString())})
	case inUse && !expired:
		n := in.previousInUse(rule, in.PreviousUse.Last)
		n.at, n.summary, n.detail = at, "Rotation waits for the previous token", fmt.Sprintf(
			"Token %s expires at %s and is due to be renewed, which would remove its predecessor. %s", state.ID.ValueString(), state.ExpiresAt.ValueString(), n.detail)
		d.notes = append(d.notes, n)
	default:
		because := fmt.Sprintf("less than %s is left until it expires at %s", rotation.BeforeExpiry.ValueString(), state.ExpiresAt.ValueString())
		if !rotation.Spread.IsNull() {
			because = fmt.Sprintf("its rotate_at, %s, has passed; it expires at %s", formatTime(rotateAt), state.ExpiresAt.ValueString())
		}
		renewInTime(at, "%s", because)
		// A predecessor that is to be kept would hold it back.
		d.renewUnknown = d.renewUnknown || (rotation.KeepPrevious.IsUnknown() && in.previous != nil)
	}
}

func expiredNote(state model, fixed bool) note {
	why := "The configuration sets neither expires_at nor lifetime, so it is not renewed: set lifetime, with which an expired token is renewed by the next apply, or destroy it."
	if fixed {
		why = "Its expires_at is fixed, so it is not renewed: set a later expires_at, or use lifetime instead, with which an expired token is renewed by the next apply."
	}
	return note{path.Root("expires_at"), "Token has expired", fmt.Sprintf(
		"Token %s expired at %s and no longer works. %s", state.ID.ValueString(), state.ExpiresAt.ValueString(), why)}
}

func expiredAt(m model, at time.Time) bool {
	return !m.ExpiresAt.IsNull() && !at.IsZero() && !at.Before(timeOf(m.ExpiresAt))
}

// allKnown tells that a collection's elements are known.
func allKnown(elements iter.Seq[attr.Value]) bool {
	for e := range elements {
		if e.IsUnknown() {
			return false
		}
	}
	return true
}

// recipientsKnown tells that it is known to whom the value is encrypted.
func (m model) recipientsKnown() bool {
	return !m.Recipients.IsUnknown() && !m.GitHubPublicKey.IsUnknown() && allKnown(slices.Values(m.Recipients.Elements()))
}

type tristate int

const (
	no tristate = iota
	yes
	unknown
)

// triggersChanged tells whether rotation.triggers asks for a new token. To add
// a rotation block to a token changes nothing yet, or whole fleets would be
// renewed by adopting a module. Only for a token whose value nobody knows,
// because it was imported, a trigger is at once what it was written for.
func triggersChanged(in inputs) tristate {
	triggers := in.rotation.Triggers
	if triggers.IsUnknown() || !allKnown(maps.Values(triggers.Elements())) {
		return unknown
	}
	if in.priorRotation == nil {
		if !in.state.hasNoValue() {
			return no
		}
		for _, v := range triggers.Elements() {
			if s, ok := v.(types.String); ok && s.ValueString() != "" {
				return yes
			}
		}
		return no
	}
	if len(triggers.Elements()) == 0 && len(in.priorRotation.Triggers.Elements()) == 0 {
		return no
	}
	if triggers.Equal(in.priorRotation.Triggers) {
		return no
	}
	return yes
}

// revokedOrDeleted tells that someone revoked or deleted the token outside
// Terraform. A deleted one stays in the state only as long as its predecessor lives.
func (m model) revokedOrDeleted() bool { return m.Status.IsNull() }

// revocation says what someone did to a token outside Terraform.
func (m model) revocation() string {
	if m.Previous.IsNull() {
		return "it was revoked outside Terraform, and a revoked token cannot be activated again"
	}
	return "it was revoked or deleted outside Terraform"
}

// hasNoValue tells that the state has the token's value in no form.
func (m model) hasNoValue() bool {
	return m.Token.IsNull() && m.EncryptedToken.IsNull() && m.GitHubEncryptedToken.IsNull()
}

// livesAsLong tells whether a token whose lifetime was not known, because it
// was imported, has the lifetime that is now written down for it.
func livesAsLong(plan, state model) bool {
	if !state.Lifetime.IsNull() || plan.Lifetime.IsUnknown() || plan.Lifetime.IsNull() {
		return false
	}
	created, expires := timeOf(state.CreatedAt), timeOf(state.ExpiresAt)
	if created.IsZero() || expires.IsZero() {
		return false
	}
	// The platform took its own time between the request and the creation.
	return expires.Sub(created.Add(tfkit.DurationOr(plan.Lifetime, 0))).Abs() < creationSlack
}

// creationSlack is how far the platform's creation time may be from the moment
// that a lifetime was counted from.
const creationSlack = time.Minute

// expiryRemoved tells that the configuration no longer sets expires_at, so that
// the API picks the expiry.
func (in inputs) expiryRemoved() bool {
	return in.ExpirySet && in.config.ExpiresAt.IsNull() && in.config.Lifetime.IsNull()
}
