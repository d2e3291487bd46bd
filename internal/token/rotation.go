package token

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// What a rotation block leaves out.
const (
	defaultOverlap    = 24 * time.Hour
	defaultSuspendFor = 72 * time.Hour
)

// rotationModel is rotationBlock.
type rotationModel struct {
	BeforeExpiry types.String `tfsdk:"before_expiry"`
	Spread       types.String `tfsdk:"spread"`
	Triggers     types.Map    `tfsdk:"triggers"`
	Overlap      types.String `tfsdk:"overlap"`
	SuspendFor   types.String `tfsdk:"suspend_for"`
	KeepPrevious types.Bool   `tfsdk:"keep_previous"`

	RetireWhenUnusedFor types.String `tfsdk:"retire_when_unused_for"`
	MaxOverlap          types.String `tfsdk:"max_overlap"`
}

// previousModel is previousToken: the token that a rotation has replaced and
// that still exists. One that is kept has no remove_at.
type previousModel struct {
	ID        types.String      `tfsdk:"id"`
	Status    types.String      `tfsdk:"status"`
	ExpiresAt timetypes.RFC3339 `tfsdk:"expires_at"`
	SuspendAt timetypes.RFC3339 `tfsdk:"suspend_at"`
	RemoveAt  timetypes.RFC3339 `tfsdk:"remove_at"`

	Version              types.Int64  `tfsdk:"version"`
	EncryptedToken       types.String `tfsdk:"encrypted_token"`
	GitHubEncryptedToken types.String `tfsdk:"github_encrypted_token"`
}

// rotationOf reads the rotation block; nil when there is none. A block that is
// not known as a whole counts as one of which nothing is known.
func (m model) rotationOf(ctx context.Context, diags *diag.Diagnostics) *rotationModel {
	if m.Rotation.IsNull() {
		return nil
	}
	if m.Rotation.IsUnknown() {
		return &rotationModel{BeforeExpiry: types.StringUnknown(), Spread: types.StringUnknown(), RetireWhenUnusedFor: types.StringUnknown(), Triggers: types.MapUnknown(types.StringType), KeepPrevious: types.BoolUnknown()}
	}
	var r rotationModel
	diags.Append(m.Rotation.As(ctx, &r, basetypes.ObjectAsOptions{})...)
	return &r
}

// previousOf reads the previous token; nil when there is none.
func (m model) previousOf(ctx context.Context, diags *diag.Diagnostics) *previousModel {
	if m.Previous.IsNull() || m.Previous.IsUnknown() {
		return nil
	}
	var p previousModel
	diags.Append(m.Previous.As(ctx, &p, basetypes.ObjectAsOptions{})...)
	return &p
}

func (m *model) setPrevious(ctx context.Context, p *previousModel, diags *diag.Diagnostics) {
	if p == nil {
		m.Previous = types.ObjectNull(previousTypes)
		return
	}
	object, d := types.ObjectValueFrom(ctx, previousTypes, *p)
	diags.Append(d...)
	m.Previous = object
}

func timeOf(t interface{ ValueString() string }) time.Time {
	parsed, err := time.Parse(time.RFC3339Nano, t.ValueString())
	if err != nil {
		return time.Time{}
	}
	return parsed
}

func (r *rotationModel) keeps() bool { return r != nil && r.KeepPrevious.ValueBool() }

// retirement is what happens to a previous token.
type retirement string

const (
	retireNot      retirement = ""
	retireActivate retirement = "activate" // activated again, and kept
	retireHold     retirement = "hold"     // the schedule stops
	retireRelease  retirement = "release"  // the schedule starts again
	retireSuspend  retirement = "suspend"
	retireRemove   retirement = "remove"
)

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

func (p *previousModel) expiredAt(at time.Time) bool {
	return !p.ExpiresAt.IsNull() && !at.Before(timeOf(p.ExpiresAt))
}

// due is the step of the retirement that is due at a moment. Only a suspension
// that the retirement has caused is undone, not one that a person wanted.
func (p *previousModel) due(keep bool, at time.Time) retirement {
	status, expired := p.Status.ValueString(), p.expiredAt(at)
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

// disruptive tells that a token no longer works after a step.
func disruptive(s retirement) bool { return s == retireSuspend || s == retireRemove }

// stepNote is what a plan says of a step. Terraform merges warnings with equal
// summaries, so that one after which a token no longer works has the id in it.
func (in inputs) stepNote(step retirement) note {
	p, id := in.previous, in.previous.ID.ValueString()
	n := note{at: path.Root("previous")}
	switch step {
	case retireActivate:
		n.summary = fmt.Sprintf("Previous API token %s will be activated", id)
		n.detail = fmt.Sprintf("Previous token %s will be activated and kept, as rotation.keep_previous asks.", id)
	case retireHold:
		n.summary = "Previous token will be kept"
		n.detail = fmt.Sprintf("Previous token %s will be kept until rotation.keep_previous is no longer true.", id)
	case retireRelease:
		n.summary = "Previous token will no longer be kept"
		n.detail = fmt.Sprintf("Previous token %s will no longer be kept: its overlap and suspension start again.", id)
		if in.releaseSuspends(step) {
			n.summary = fmt.Sprintf("Previous API token %s will be suspended", id)
			n.detail = fmt.Sprintf("Previous token %s will no longer be kept. If it has not expired, it will be suspended in the same apply, since rotation.overlap is zero.", id)
		}
	case retireSuspend:
		why, until := "status is \"suspended\"", "."
		if !in.wantsSuspended() && !p.SuspendAt.IsNull() {
			why = "its overlap ended at " + p.SuspendAt.ValueString()
		}
		switch _, suspendFor := in.rotation.durations(); {
		case p.RemoveAt.IsNull():
		case in.rotation.waitsForUse():
			until = fmt.Sprintf(" until it is removed, %s later.", tfkit.FormatDuration(suspendFor))
		default:
			until = fmt.Sprintf(" until it is removed, from %s on.", p.RemoveAt.ValueString())
		}
		n.summary = fmt.Sprintf("Previous API token %s will be suspended", id)
		n.detail = fmt.Sprintf("Previous token %s will be suspended: %s. Consumers that still use it will fail; rotation.keep_previous = true activates it again%s", id, why, until)
	case retireRemove:
		n.summary = fmt.Sprintf("Previous API token %s will be removed", id)
		n.detail = fmt.Sprintf("Previous token %s will be revoked and deleted: its time ended at %s. This cannot be undone.", id, p.RemoveAt.ValueString())
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
	overlap, _ := in.rotation.durations()
	return step == retireRelease && overlap == 0 && in.previous.Status.ValueString() == prefactor.StatusActive
}
