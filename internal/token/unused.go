package token

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

func lastUse(t prefactor.Token) time.Time {
	if !t.LastUsedAt.Known() {
		return time.Time{}
	}
	return t.LastUsedAt.Value.Time
}

// unusedRule is an argument that asks for a time without use before something is
// done to a token.
type unusedRule struct {
	argument string
	need     types.String
	// purpose is what is done then.
	purpose string
}

func removalRule(m model) unusedRule {
	return unusedRule{"require_unused_for", m.RequireUnusedFor, "it is removed"}
}

func suspensionRule(r *rotationModel) unusedRule {
	return unusedRule{"rotation.retire_when_unused_for", r.RetireWhenUnusedFor, "it is suspended"}
}

// violated tells that a token was used within the time, or may have been: the API
// does not say when (reference: last_used_at is a required key, and null for a
// token that was never used).
func (u unusedRule) violated(t prefactor.Token, now time.Time) bool {
	need := tfkit.DurationOr(u.need, 0)
	return need > 0 && (!t.LastUsedAt.Present || t.LastUsedAt.Known() && now.Sub(lastUse(t)) < need)
}

// says is why a rule is violated by the last use of a token, which is zero if
// the API does not say it.
func (u unusedRule) says(id string, last time.Time) string {
	asks := fmt.Sprintf("%s asks for %s without use before %s", u.argument, u.need.ValueString(), u.purpose)
	if last.IsZero() {
		return fmt.Sprintf("The platform does not say when token %s was last used, and %s.", id, asks)
	}
	return fmt.Sprintf("Token %s was last used at %s, and %s.", id, formatTime(last), asks)
}

// checkUnused asks the platform for the last use of a token. It is not in the
// state, where it would be a difference after each use.
func (r *tokenResource) checkUnused(ctx context.Context, rule unusedRule, id, accountID string) error {
	if tfkit.DurationOr(rule.need, 0) <= 0 {
		return nil
	}
	l := lifecycle{api: r.provider.API, id: id, accountID: accountID}
	t, status, err := l.look(ctx)
	if err != nil || status == statusGone || status == prefactor.StatusRevoked || past(l.api, t.ExpiresAt.Value.Time) {
		return err
	}
	if rule.violated(t, r.provider.API.Now()) {
		return &inUseError{rule, id, lastUse(t)}
	}
	return nil
}

// inUseError is the refusal to do something to a token that is in use.
type inUseError struct {
	rule unusedRule
	id   string
	last time.Time
}

func (e *inUseError) Error() string {
	return fmt.Sprintf("%s Find out who uses it and wait. To remove it anyway, set %s = \"0s\", apply, and try again.", e.rule.says(e.id, e.last), e.rule.argument)
}

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
	p.PreviousUse = previousUse{}
	seen := p.LastDeadlinePassed
	rotateAt := rotation.rotateAt(m)
	rotationDue := !rotateAt.IsZero() && !seen.ByAPI.Before(rotateAt)
	if previous.Status.ValueString() == prefactor.StatusRevoked || previous.expiredAt(seen.ByBoth) || !rotationDue && !cuts(previous.due(rotation.keeps(), seen.ByAPI)) {
		return
	}
	u := previousUse{
		Suspension: rotation.waitsForUse() && previous.Status.ValueString() == prefactor.StatusActive && suspensionRule(rotation).violated(t, now),
		Removal:    removalRule(m).violated(t, now),
	}
	if u != (previousUse{}) {
		u.Last = lastUse(t).UTC()
		p.PreviousUse = u
	}
}

// waits tells that a step may be postponed because of retire_when_unused_for.
func (in inputs) waits(step retirement) bool {
	seen := in.LastDeadlinePassed.ByAPI
	if step == retireRemove {
		seen = in.LastDeadlinePassed.ByBoth
	}
	by := in.rotation.retireBy(in.previous)
	return in.rotation.waitsForUse() && !in.switchedOff() && in.previous.Status.ValueString() == prefactor.StatusActive && (by.IsZero() || seen.Before(by))
}

// violatedRule is the rule that postpones a step for the previous token, if one does.
func (in inputs) violatedRule(step retirement) (unusedRule, bool) {
	switch removal := removalRule(in.plan); {
	case !in.previousMayWork() || !cuts(step):
	case in.waits(step) && in.PreviousUse.Suspension:
		return suspensionRule(in.rotation), true
	case step == retireRemove && tfkit.DurationOr(removal.need, 0) > 0 && in.PreviousUse.Removal:
		return removal, true
	}
	return unusedRule{}, false
}

// unlessUsed is the step that takes place now, with a note if the use of the
// previous token postpones one. A token that is still active is suspended before
// it is removed, since that can be undone.
func (in inputs) unlessUsed(step retirement) (retirement, *note) {
	_, postponed := in.violatedRule(step)
	_, suspendFor := in.rotation.durations()
	overdue := step == retireRemove && in.previous.Status.ValueString() == prefactor.StatusActive && suspendFor > 0 && !in.previous.SuspendAt.IsNull()
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

// previousInUse says what the use of the previous token postpones.
func (in inputs) previousInUse(rule unusedRule, last time.Time) note {
	p := in.previous
	until := "It expires at " + p.ExpiresAt.ValueString()
	if by := in.rotation.retireBy(p); rule.argument != removalRule(in.plan).argument && !by.IsZero() && by.Before(timeOf(p.ExpiresAt)) {
		until = fmt.Sprintf("It is suspended after %s in any case (rotation.max_overlap)", formatTime(by))
	}
	return note{path.Root("previous"), "Previous API token is still in use", fmt.Sprintf(
		"%s This step is postponed, and the first apply after that takes it. %s. Find out who uses the old value.", rule.says(p.ID.ValueString(), last), until)}
}

// warnOfUnusedValue says that consumers still use the old value of a token
// although more than half of the overlap is over.
func (r *tokenResource) warnOfUnusedValue(m model, rotation *rotationModel, previous *previousModel, current, old prefactor.Token, diags *diag.Diagnostics) {
	overlap, _ := rotation.durations()
	end := previous.overlapEnds()
	switch {
	case end.IsZero() || overlap == 0 || r.provider.API.Now().Before(end.Add(-overlap/2)),
		m.Status.ValueString() != prefactor.StatusActive || previous.Status.ValueString() == prefactor.StatusRevoked,
		// A null is a token that was never used, and no key is no information.
		!current.LastUsedAt.Present || current.LastUsedAt.Known() || !old.LastUsedAt.Known():
		return
	}
	diags.AddAttributeWarning(path.Root("token"), "API token is rotated but the new value is not in use", fmt.Sprintf(
		"Token %s was never used. Its predecessor %s was last used at %s, and its overlap ends at %s. Check that the new value was delivered and that its consumers have loaded it.",
		m.ID.ValueString(), previous.ID.ValueString(), formatTime(lastUse(old)), formatTime(end)))
}
