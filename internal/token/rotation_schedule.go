package token

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// schedule is when a token that is replaced now is suspended and removed, and
// when one that is suspended now is removed.
type schedule struct{ now, suspendAt, removeAt, suspendedUntil timetypes.RFC3339 }

// overlap is how long a previous token stays active. A nil rotation means the
// defaults: the block may be deleted from the configuration while there is still a
// previous token.
func (r *rotationModel) overlap() time.Duration {
	if r == nil {
		return defaultOverlap
	}
	return tfkit.DurationOr(r.Overlap, min(defaultOverlap, tfkit.DurationOr(r.BeforeExpiry, defaultOverlap)))
}

// suspendFor is how long a previous token then stays suspended.
func (r *rotationModel) suspendFor() time.Duration {
	if r == nil {
		return defaultSuspendFor
	}
	return tfkit.DurationOr(r.SuspendFor, defaultSuspendFor)
}

// scheduleOpen is the schedule as far as a plan knows it.
func scheduleOpen(r *rotationModel) schedule {
	open := timetypes.NewRFC3339Unknown()
	s := schedule{open, open, open, open}
	if r.suspendFor() == 0 {
		s.suspendAt = timetypes.NewRFC3339Null()
	}
	return s
}

// scheduleAt is the schedule at an apply, in whole seconds.
func scheduleAt(now time.Time, r *rotationModel) schedule {
	at := func(t time.Time) timetypes.RFC3339 {
		return timetypes.NewRFC3339TimeValue(t.UTC().Truncate(time.Second))
	}
	end, suspendFor := now.Add(r.overlap()), r.suspendFor()
	s := schedule{at(now), at(end), at(end.Add(suspendFor)), at(now.Add(suspendFor))}
	if suspendFor == 0 {
		s.suspendAt = timetypes.NewRFC3339Null()
	}
	return s
}

// retireFrom starts the retirement by a schedule. Nothing is left to suspend where
// the token is suspended already. If that was by an earlier retirement, its
// suspend_at stays, since that can be undone; see due.
func (p *previousModel) retireFrom(s schedule, keep bool) {
	if keep {
		s.suspendAt, s.removeAt = timetypes.NewRFC3339Null(), timetypes.NewRFC3339Null()
	}
	if p.Status.ValueString() != prefactor.StatusSuspended {
		p.SuspendAt = s.suspendAt
	}
	p.RemoveAt = s.removeAt
}

// after is the previous token after a step other than its removal. At a plan the
// schedule is not known.
func (p previousModel) after(step retirement, rotation *rotationModel, s schedule) previousModel {
	switch step {
	case retireActivate:
		p.Status = types.StringValue(prefactor.StatusActive)
		p.SuspendAt, p.RemoveAt = timetypes.NewRFC3339Null(), timetypes.NewRFC3339Null()
	case retireHold, retireRelease:
		p.retireFrom(s, rotation.keeps())
	case retireSuspend:
		p.Status = types.StringValue(prefactor.StatusSuspended)
		// A suspension with a suspend_at can be undone by keep_previous.
		if p.SuspendAt.IsNull() {
			p.SuspendAt = s.now
		}
		switch {
		case rotation.keeps(), p.RemoveAt.IsNull():
			p.retireFrom(s, rotation.keeps())
		case rotation.waitsForUse() && (s.suspendedUntil.IsUnknown() || timeOf(s.suspendedUntil).After(timeOf(p.RemoveAt))):
			// The suspension may be late, and lasts its full time nevertheless.
			p.RemoveAt = s.suspendedUntil
		}
	case retireNot, retireRemove:
	}
	return p
}

// waitsForUse tells that the use of a previous token postpones its suspension. An
// overlap of zero is for a token that has to stop working immediately.
func (r *rotationModel) waitsForUse() bool {
	return r != nil && r.overlap() > 0 && tfkit.DurationOr(r.RetireWhenUnusedFor, 0) > 0
}

// retireBy is when the waiting for the end of the use ends. It is zero if only
// the expiry of the previous token ends it.
func (r *rotationModel) retireBy(p *previousModel) time.Time {
	end := p.overlapEnds()
	if !r.waitsForUse() || end.IsZero() || tfkit.DurationOr(r.MaxOverlap, 0) == 0 {
		return time.Time{}
	}
	return end.Add(tfkit.DurationOr(r.MaxOverlap, 0) - r.overlap())
}

// overlapEnds is the end of the overlap; zero while the token is kept.
func (p *previousModel) overlapEnds() time.Time {
	if p.SuspendAt.IsNull() {
		return timeOf(p.RemoveAt)
	}
	return timeOf(p.SuspendAt)
}

// rotateAt is when a token is rotated because of before_expiry; zero if never.
func (r *rotationModel) rotateAt(m model) time.Time {
	expires := timeOf(m.ExpiresAt)
	if r == nil || r.BeforeExpiry.IsNull() || expires.IsZero() {
		return time.Time{}
	}
	return expires.Add(-tfkit.DurationOr(r.BeforeExpiry, 0) - shareOf(m.ID.ValueString(), tfkit.DurationOr(r.Spread, 0)))
}

// shareOf is a part of a time that stays the same for an id, in whole seconds.
// The parts of many ids are spread evenly.
func shareOf(id string, spread time.Duration) time.Duration {
	sum := sha256.Sum256([]byte(id))
	return time.Duration(float64(binary.BigEndian.Uint32(sum[:])) / (1 << 32) * float64(spread)).Truncate(time.Second)
}

// shownRotateAt is the attribute rotate_at. fixed tells that the configuration
// sets expires_at: before_expiry does not renew such a token.
func (r *rotationModel) shownRotateAt(m model, fixed bool) timetypes.RFC3339 {
	at := r.rotateAt(m)
	if fixed || at.IsZero() {
		return timetypes.NewRFC3339Null()
	}
	return timetypes.NewRFC3339ValueMust(formatTime(at))
}

// observation is a moment that has passed: by the API's clock, and by both the
// API's and the local clock. Steps that cannot be undone need both; one response
// with a wrong date would be enough otherwise.
type observation struct {
	ByAPI  time.Time `json:"by_api,omitzero"`
	ByBoth time.Time `json:"by_both,omitzero"`
}

// present is the present moment.
func present(api tfkit.API) observation {
	now, local := api.Now().UTC(), api.LocalNow().UTC()
	if local.Before(now) {
		return observation{ByAPI: now, ByBoth: local}
	}
	return observation{ByAPI: now, ByBoth: now}
}

// past tells that a moment has passed by both clocks.
func past(api tfkit.API, at time.Time) bool {
	return !at.IsZero() && !present(api).ByBoth.Before(at)
}

// laterClock is the present by the clock that is ahead, from which an overlap is
// counted, so that it does not end too early by the other one.
func laterClock(api tfkit.API) time.Time {
	now, local := api.Now(), api.LocalNow()
	if local.After(now) {
		return local
	}
	return now
}

// observe notes for the next plan what is due by now: the latest of the
// deadlines that have passed. A time that moves on with each refresh would
// change the state each time, and drift detection would report it.
func (p *private) observe(m model, rotation *rotationModel, previous *previousModel, now observation) {
	deadlines := []time.Time{timeOf(m.ExpiresAt), rotation.rotateAt(m)}
	if previous != nil {
		deadlines = append(deadlines, timeOf(previous.SuspendAt), timeOf(previous.RemoveAt), timeOf(previous.ExpiresAt), rotation.retireBy(previous))
	}
	var latest observation
	for _, at := range deadlines {
		if !at.After(now.ByAPI) && at.After(latest.ByAPI) {
			latest.ByAPI = at.UTC()
		}
		if !at.After(now.ByBoth) && at.After(latest.ByBoth) {
			latest.ByBoth = at.UTC()
		}
	}
	p.LastDeadlinePassed = latest
}
