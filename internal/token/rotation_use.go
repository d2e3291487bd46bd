package token

import (
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// previousUse is the use of a previous token that postpones a step that is due.
// Only Read looks at it; see decision. It is empty while no step is due, so that
// a refresh does not change the state after each use.
type previousUse struct {
	// Last is the last use; zero if the API does not say it.
	Last time.Time `json:"last,omitzero"`
	// Suspension and Removal tell what is postponed.
	Suspension bool `json:"suspension,omitempty"`
	Removal    bool `json:"removal,omitempty"`
}

// noteUse notes the use of the previous token for the next plan.
func (p *private) noteUse(m model, rotation *rotationModel, previous *previousModel, t prefactor.Token, now time.Time) {
	seen := p.LastDeadlinePassed
	rotateAt := rotation.rotateAt(m)
	rotationDue := !rotateAt.IsZero() && !seen.ByAPI.Before(rotateAt)
	if previous.Status.ValueString() == prefactor.StatusRevoked || expiredAt(previous.ExpiresAt, seen.ByBoth) || !rotationDue && !disruptive(previous.due(rotation.keeps(), seen.ByAPI)) {
		return
	}
	u := previousUse{
		Suspension: rotation.waitsForUse() && previous.Status.ValueString() == prefactor.StatusActive && suspensionRule(rotation).violated(t, now),
		Removal:    removalRule(m).violated(t, now),
	}
	if u != (previousUse{}) {
		u.Last = t.LastUsedAt.Value.UTC()
		p.PreviousUse = u
	}
}

// unlessUsed is the step that takes place now, with a note if the use of the
// previous token postpones one. A token that is still active is suspended before
// it is removed, since that can be undone.
func (in inputs) unlessUsed(step retirement) (retirement, *note) {
	_, postponed := in.violatedRule(step)
	overdue := step == retireRemove && in.previous.Status.ValueString() == prefactor.StatusActive && in.rotation.suspendFor() > 0 && !in.previous.SuspendAt.IsNull()
	if overdue && in.previousMayWork() && (postponed || in.rotation.waitsForUse()) {
		step = retireSuspend
	}
	rule, postponed := in.violatedRule(step)
	if !postponed {
		return step, nil
	}
	n := in.previousInUse(rule, in.PreviousUse.Last)
	return retireNot, &n
}

// violatedRule is the rule that postpones a step for the previous token, if one does.
func (in inputs) violatedRule(step retirement) (unusedRule, bool) {
	switch removal := removalRule(in.plan); {
	case !in.previousMayWork() || !disruptive(step):
	case in.waits(step) && in.PreviousUse.Suspension:
		return suspensionRule(in.rotation), true
	case step == retireRemove && tfkit.DurationOr(removal.need, 0) > 0 && in.PreviousUse.Removal:
		return removal, true
	}
	return unusedRule{}, false
}

// waits tells that a step may be postponed because of retire_when_unused_for.
func (in inputs) waits(step retirement) bool {
	seen := in.LastDeadlinePassed.ByAPI
	if step == retireRemove {
		seen = in.LastDeadlinePassed.ByBoth
	}
	by := in.rotation.retireBy(in.previous)
	return in.rotation.waitsForUse() && !in.wantsSuspended() && in.previous.Status.ValueString() == prefactor.StatusActive && (by.IsZero() || seen.Before(by))
}

// previousInUse says what the use of the previous token postpones.
func (in inputs) previousInUse(rule unusedRule, last time.Time) note {
	p := in.previous
	until := "The token expires at " + p.ExpiresAt.ValueString()
	if by := in.rotation.retireBy(p); rule.argument != removalRule(in.plan).argument && !by.IsZero() && by.Before(timeOf(p.ExpiresAt)) {
		until = fmt.Sprintf("The first apply after %s suspends the token in any case (rotation.max_overlap)", formatTime(by))
	}
	return note{path.Root("previous"), "Previous API token is still in use", fmt.Sprintf(
		"%s The step is postponed to the first apply after that time without use. %s. Find out what uses the old value.", rule.says(p.ID.ValueString(), last), until)}
}

// warnOfUnusedValue says that consumers still use the old value of a token
// although more than half of the overlap is over.
func (r *tokenResource) warnOfUnusedValue(m model, rotation *rotationModel, previous *previousModel, current, old prefactor.Token, diags *diag.Diagnostics) {
	overlap := rotation.overlap()
	end := previous.overlapEnds()
	switch {
	case end.IsZero() || overlap == 0 || r.provider.API.Now().Before(end.Add(-overlap/2)),
		m.Status.ValueString() != prefactor.StatusActive || previous.Status.ValueString() == prefactor.StatusRevoked,
		// A null is a token that was never used, and no key is no information.
		!current.LastUsedAt.Present || current.LastUsedAt.Known() || !old.LastUsedAt.Known():
		return
	}
	diags.AddAttributeWarning(path.Root("token"), "API token is rotated but the new value is not in use", fmt.Sprintf(
		"Token %s was never used. The previous token %s was last used at %s, and its overlap ends at %s. After that, consumers of the old value will fail. Check that the new value was delivered and that all consumers have loaded it.",
		m.ID.ValueString(), previous.ID.ValueString(), formatTime(old.LastUsedAt.Value.Time), formatTime(end)))
}
