package token

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
)

// Rotations: a token is replaced by a new one, and retires as the previous token.
// What happens is, in the order of reading, in
//
//	rotation_decide.go    when a token is renewed, and which step is due
//	rotation_use.go       how the use of the previous token postpones a step
//	rotation_schedule.go  when the steps are due
//	plan.go               what a plan shows and says of it
//	rotation_apply.go     what an apply does

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

// disruptive tells that a token no longer works after a step.
func disruptive(s retirement) bool { return s == retireSuspend || s == retireRemove }
