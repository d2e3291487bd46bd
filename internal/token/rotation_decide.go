package token

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// When a token is renewed, and what becomes of the previous one.
//
// A token is renewed, by a rotation where the configuration has a rotation block,
// else by a replacement, for the first of these reasons:
//
//	it was revoked or deleted outside Terraform
//	expires_at changes, or is no longer set
//	lifetime changes, and with it the expiry
//	recipients or github_public_key change
//	it has expired, and expires_at is not set        (due to time)
//	rotation.triggers change
//	rotate_at has passed; see beforeExpiry           (due to time)
//
// A token that was suspended outside Terraform is not renewed due to time.
//
// If the token is not renewed, the first of these is the step for the previous one:
//
//	it was revoked                                             remove
//	remove_at has passed by both clocks, not keep_previous     remove
//	status = "suspended", and it still works                   suspend
//	keep_previous, and its retirement has suspended it         activate, unless status = "suspended"
//	keep_previous, and it has a remove_at                      hold
//	no longer keep_previous                                    release
//	suspend_at has passed, and it still works                  suspend
//
// Suspension and removal are postponed while the provider uses the previous token,
// and while anybody does where the configuration asks for that; see unlessUsed.

// decision is what becomes of a token that exists. It depends on the
// configuration, the state and what Read has noted, and on no clock: a plan
// that is applied much later, and the second planning that an apply begins
// with, decide the same.
type decision struct {
	// renew tells that the token gets a successor.
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

// note is what a diagnostic says.
type note struct {
	at              path.Path
	summary, detail string
}

func (n note) warn(diags *diag.Diagnostics) { diags.AddAttributeWarning(n.at, n.summary, n.detail) }

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
			"A step that cannot be undone is due for token %s by the API's clock, but not by the local clock. The step is postponed until it is due by both clocks. "+
				"Check the clock of the machine that Terraform runs on.", in.state.ID.ValueString())})
	}
	return d
}

func (in inputs) decide() decision {
	var d decision
	in.decideRenewal(&d)
	if in.previous != nil && !d.renew {
		in.decideStep(&d)
	}
	return d
}

// renewal is a reason to renew a token.
type renewal struct {
	applies bool
	cause   path.Path
	reason  string
	// unknown tells that it depends on values not known before the apply.
	unknown bool
	// dueToTime tells that it comes from no change of the configuration.
	dueToTime bool
}

// decideRenewal decides whether the token is renewed.
func (in inputs) decideRenewal(d *decision) {
	state, plan := in.state, in.plan
	// A renewal that revokes a token that may still work needs both clocks.
	observed := in.LastDeadlinePassed.ByAPI
	if in.rotation == nil || in.previousMayWork() && !state.revokedOrDeleted() {
		observed = in.LastDeadlinePassed.ByBoth
	}
	fixed := !in.config.ExpiresAt.IsNull()
	expired := expiredAt(state.ExpiresAt, observed)
	// With a fixed expiry, a new token would have expired as well.
	renewsExpired := !fixed && (in.rotation != nil || !plan.Lifetime.IsNull())
	revocation := "it was revoked outside Terraform, and a revoked token cannot be activated again"
	if in.previous != nil {
		revocation = "it was revoked or deleted outside Terraform"
	}
	recipients, recipientsReason := in.recipientsChanged()
	triggers := in.triggersChanged()
	d.renewUnknown = triggers == unknown

	postponed := ""
	consider := func(r renewal) {
		switch {
		case !r.applies:
			return
		case r.dueToTime && in.suspendedOutside() && !d.renew:
			// The suspension may be the response to a leak.
			postponed = cmp.Or(postponed, r.reason)
			return
		case !d.renew:
			d.renew, d.cause, d.reason = true, r.cause, r.reason
		}
		statusOpen := state.Status.ValueString() == prefactor.StatusSuspended && in.config.Status.IsUnknown()
		d.renewUnknown = d.renewUnknown || r.unknown || r.dueToTime && statusOpen
	}
	for _, r := range []renewal{
		{applies: state.revokedOrDeleted(), cause: path.Root("status"), reason: revocation},
		{
			applies: fixed && !plan.ExpiresAt.Equal(state.ExpiresAt), unknown: plan.ExpiresAt.IsUnknown(), cause: path.Root("expires_at"),
			reason: "its expiry changes, and the expiry of an existing token cannot be changed",
		},
		{
			applies: in.ExpirySet && !fixed && in.config.Lifetime.IsNull(), cause: path.Root("expires_at"),
			reason: "expires_at is no longer set, so the platform sets the expiry",
		},
		{
			applies: in.lifetimeChanged(fixed), unknown: plan.Lifetime.IsUnknown(), cause: path.Root("lifetime"),
			reason: "its lifetime changes, and the expiry of an existing token cannot be changed",
		},
		{applies: recipientsReason != "", unknown: !plan.recipientsKnown(), cause: recipients, reason: recipientsReason},
		{applies: expired && renewsExpired, dueToTime: true, cause: path.Root("expires_at"), reason: "it expired at " + state.ExpiresAt.ValueString()},
		{applies: triggers == yes, cause: path.Root("rotation").AtName("triggers"), reason: "rotation.triggers changed"},
	} {
		consider(r)
	}
	switch {
	case in.rotation == nil:
	case in.rotation.BeforeExpiry.IsUnknown() || in.rotation.Spread.IsUnknown():
		d.renewUnknown = true
	case !d.renew:
		r, why := in.beforeExpiry(observed, fixed, expired)
		consider(r)
		if why != nil {
			d.notes = append(d.notes, *why)
		}
	}
	switch {
	case d.renew:
	case postponed != "":
		d.notes = append(d.notes, postponedNote(state, postponed))
	case expired && !renewsExpired:
		d.notes = append(d.notes, expiredNote(state, fixed))
	}
}

// creationSlack is how far the platform's creation time may be from the moment
// that a lifetime was counted from.
const creationSlack = time.Minute

// lifetimeChanged tells that a token of the planned lifetime expires at another time.
func (in inputs) lifetimeChanged(fixed bool) bool {
	created, expires, lifetime := timeOf(in.state.CreatedAt), timeOf(in.state.ExpiresAt), tfkit.DurationOr(in.plan.Lifetime, 0)
	switch {
	case in.plan.Lifetime.Equal(in.state.Lifetime), fixed && in.plan.ExpiresAt.Equal(in.state.ExpiresAt):
		return false
	case in.state.Lifetime.IsNull() && lifetime > 0 && !created.IsZero() && !expires.IsZero():
		// The token was imported, and may have this lifetime already.
		return expires.Sub(created.Add(lifetime)).Abs() >= creationSlack
	default:
		return true
	}
}

// recipientsChanged is the reason to renew a token whose value is to be
// encrypted to others than it is; empty if there is none.
func (in inputs) recipientsChanged() (cause path.Path, reason string) {
	sameRecipients := slices.Equal(in.state.recipientsOf(), in.plan.recipientsOf())
	sameKey := in.state.GitHubPublicKey.Equal(in.plan.GitHubPublicKey)
	cause = path.Root("recipients")
	if !sameKey && sameRecipients {
		cause = path.Root("github_public_key")
	}
	switch {
	case in.state.hasNoValue(), sameRecipients && sameKey && in.plan.recipientsKnown():
		return cause, ""
	case !in.state.encrypts():
		return cause, "its value is already in the state unencrypted, so only the value of a new token can be kept out of the state"
	default:
		return cause, "the public keys that its value is encrypted to change, and the provider no longer knows the value and cannot encrypt it again"
	}
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
func (in inputs) triggersChanged() tristate {
	if in.rotation == nil {
		return no
	}
	triggers := in.rotation.Triggers.Elements()
	changed := false
	switch {
	case in.rotation.Triggers.IsUnknown() || !allKnown(maps.Values(triggers)):
		return unknown
	case in.priorRotation != nil:
		changed = !maps.EqualFunc(triggers, in.priorRotation.Triggers.Elements(), func(a, b attr.Value) bool { return a.Equal(b) })
	case in.state.hasNoValue():
		for _, v := range triggers {
			s, ok := v.(types.String)
			changed = changed || ok && s.ValueString() != ""
		}
	}
	if changed {
		return yes
	}
	return no
}

// beforeExpiry is the renewal that rotation.before_expiry asks for, or why the
// token is not renewed although its rotate_at has passed.
func (in inputs) beforeExpiry(observed time.Time, fixed, expired bool) (renewal, *note) {
	state, rotation := in.state, in.rotation
	rotateAt := rotation.rotateAt(state)
	if rotateAt.IsZero() || observed.Before(rotateAt) || fixed && expired {
		return renewal{}, nil
	}
	at := path.Root("rotation").AtName("before_expiry")
	id, expiresAt := state.ID.ValueString(), state.ExpiresAt.ValueString()
	created, ends := timeOf(state.CreatedAt), timeOf(state.ExpiresAt)
	// The next token may be rotated this long before its end.
	before := tfkit.DurationOr(rotation.BeforeExpiry, 0) + tfkit.DurationOr(rotation.Spread, 0)
	rule, inUse := in.violatedRule(retireRemove)
	switch {
	case fixed:
		why, way := "expires_at is fixed", "Set a later expires_at, which rotates the token, or use lifetime instead."
		if !in.config.Lifetime.IsNull() {
			// A configuration cannot set both.
			why, way = "lifecycle.ignore_changes keeps expires_at at its current value", "Remove expires_at, or all, from ignore_changes."
		}
		return renewal{}, &note{path.Root("expires_at"), "Token cannot be renewed", fmt.Sprintf(
			"Token %s expires at %s, which is within rotation.before_expiry, but %s: a new token would expire at the same time. %s", id, expiresAt, why, way)}
	case !created.IsZero() && ends.Sub(created) <= before && in.GrantedExpiry.Sub(created) <= before:
		// A new token would live no longer. One whose expiry was shortened since
		// its creation would.
		return renewal{}, &note{at, "Token would be renewed at each apply", fmt.Sprintf(
			"Token %s has a lifetime of %s, and is due to be renewed when less than %s is left: a new token would be due immediately. "+
				"It is not renewed. Make rotation.before_expiry shorter, or set a longer lifetime.",
			id, tfkit.FormatDuration(ends.Sub(created).Round(time.Second)), tfkit.FormatDuration(before))}
	case in.Digests.Held && in.previous != nil && !expired:
		n := removalPostponed(in.previous)
		return renewal{}, &n
	case rotation.keeps() && in.previousMayWork():
		return renewal{}, &note{at, "Rotation waits for the previous token", fmt.Sprintf(
			"Token %s expires at %s and is due to be renewed, but rotation.keep_previous keeps the previous token %s, and a resource has at most two tokens. "+
				"Remove keep_previous. If keep_previous stays true, the token is only rotated after it has expired and no longer works.", id, expiresAt, in.previous.ID.ValueString())}
	case inUse && !expired:
		return renewal{}, &note{at, "Rotation waits for the previous token", fmt.Sprintf(
			"Token %s expires at %s and is due to be renewed, which would remove the previous token. %s", id, expiresAt, in.previousInUse(rule, in.PreviousUse.Last).detail)}
	}
	reason := fmt.Sprintf("less than %s is left until it expires at %s", rotation.BeforeExpiry.ValueString(), expiresAt)
	if !rotation.Spread.IsNull() {
		reason = fmt.Sprintf("its rotate_at, %s, has passed; it expires at %s", formatTime(rotateAt), expiresAt)
	}
	return renewal{
		applies: true, dueToTime: true, cause: at, reason: reason,
		// A previous token that is to be kept would postpone it.
		unknown: rotation.KeepPrevious.IsUnknown() && in.previous != nil,
	}, nil
}

// decideStep decides what becomes of the previous token.
func (in inputs) decideStep(d *decision) {
	if in.rotation != nil && (in.rotation.KeepPrevious.IsUnknown() || in.rotation.RetireWhenUnusedFor.IsUnknown()) || in.config.Status.IsUnknown() {
		d.stepUnknown = true
		return
	}
	step := in.stepDueAt(in.LastDeadlinePassed.ByAPI)
	if step == retireRemove {
		step = in.stepDueAt(in.LastDeadlinePassed.ByBoth)
	}
	if in.Digests.Held && disruptive(step) {
		d.notes = append(d.notes, removalPostponed(in.previous))
		return
	}
	var used *note
	if d.step, used = in.unlessUsed(step); used != nil {
		d.notes = append(d.notes, *used)
	}
}

// stepDueAt is the step that is due for the previous token at a moment, with what the
// configuration wants of the status.
func (in inputs) stepDueAt(at time.Time) retirement {
	step := in.previous.due(in.rotation.keeps(), at)
	if !in.wantsSuspended() || step == retireRemove {
		return step
	}
	switch status := in.previous.Status.ValueString(); {
	case status == prefactor.StatusActive && !expiredAt(in.previous.ExpiresAt, at):
		return retireSuspend
	case step == retireActivate && in.previous.RemoveAt.IsNull():
		return retireNot
	case step == retireActivate:
		return retireHold
	default:
		return step
	}
}

// due is the step of the retirement that is due at a moment. Only a suspension
// that the retirement has caused is undone, not one that a person wanted.
func (p *previousModel) due(keep bool, at time.Time) retirement {
	status, expired := p.Status.ValueString(), expiredAt(p.ExpiresAt, at)
	switch {
	case status == prefactor.StatusRevoked:
		return retireRemove
	case keep && status == prefactor.StatusSuspended && !p.SuspendAt.IsNull() && !expired:
		return retireActivate
	case keep && !p.RemoveAt.IsNull():
		return retireHold
	case keep:
		return retireNot
	case p.RemoveAt.IsNull():
		return retireRelease
	case !at.Before(timeOf(p.RemoveAt)):
		return retireRemove
	case status == prefactor.StatusActive && !expired && !p.SuspendAt.IsNull() && !at.Before(timeOf(p.SuspendAt)):
		return retireSuspend
	}
	return retireNot
}

// firstStep is the step that is due for the previous token when its retirement
// has just started. The removal waits for the next apply: until this one has
// ended, the state with the new value may not be stored.
func (in inputs) firstStep(at time.Time) retirement {
	step := in.stepDueAt(at)
	switch status := in.previous.Status.ValueString(); {
	case step != retireRemove || status == prefactor.StatusRevoked:
		return step
	case status == prefactor.StatusActive && !expiredAt(in.previous.ExpiresAt, at):
		return retireSuspend
	default:
		return retireNot
	}
}

// previousMayWork tells that there is a previous token that is neither revoked
// nor expired by both clocks.
func (in inputs) previousMayWork() bool {
	return in.previous != nil && in.previous.Status.ValueString() != prefactor.StatusRevoked && !expiredAt(in.previous.ExpiresAt, in.LastDeadlinePassed.ByBoth)
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
		"Token %s is due to be renewed: %s. It is suspended, the configuration does not set status, and the new token would be active, so the token is not renewed. "+
			"Set status = \"active\" to activate and renew it, or change one of rotation.triggers to rotate it: the new token is then active.", id, reason)}
}

// removalPostponed warns while the provider uses the previous token.
func removalPostponed(p *previousModel) note {
	return note{path.Root("previous"), "Removal of the previous token is postponed", fmt.Sprintf(
		"Previous token %s is due to be suspended or removed, but the provider still authenticates with this token. Give the provider the new token: "+
			"the first apply after that suspends or removes the previous one.", p.ID.ValueString())}
}

func expiredNote(state model, fixed bool) note {
	why := "The configuration sets neither expires_at nor lifetime, so the token is not renewed. Set lifetime, so that the next apply renews the token, or destroy it."
	if fixed {
		why = "Its expires_at is fixed, so the token is not renewed. Set a later expires_at, or use lifetime instead: the next apply then renews the token."
	}
	return note{path.Root("expires_at"), "Token has expired", fmt.Sprintf(
		"Token %s expired at %s and no longer works. %s", state.ID.ValueString(), state.ExpiresAt.ValueString(), why)}
}

// expiredAt tells that an expiry has passed at a moment.
func expiredAt(expires timetypes.RFC3339, at time.Time) bool {
	return !expires.IsNull() && !at.IsZero() && !at.Before(timeOf(expires))
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

// revokedOrDeleted tells that someone revoked or deleted the token outside
// Terraform. A deleted one stays in the state only as long as its predecessor lives.
func (m model) revokedOrDeleted() bool { return m.Status.IsNull() }

// hasNoValue tells that the state has the token's value in no form.
func (m model) hasNoValue() bool {
	return m.Token.IsNull() && m.EncryptedToken.IsNull() && m.GitHubEncryptedToken.IsNull()
}
