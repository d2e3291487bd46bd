package token

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
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
func (m model) rotationOf() *rotationModel {
	if m.Rotation.IsNull() {
		return nil
	}
	if m.Rotation.IsUnknown() {
		return &rotationModel{BeforeExpiry: types.StringUnknown(), Spread: types.StringUnknown(), RetireWhenUnusedFor: types.StringUnknown(), Triggers: types.MapUnknown(types.StringType), KeepPrevious: types.BoolUnknown()}
	}
	return fields[rotationModel](m.Rotation)
}

// previousOf reads the previous token; nil when there is none.
func (m model) previousOf() *previousModel {
	if m.Previous.IsNull() || m.Previous.IsUnknown() {
		return nil
	}
	return fields[previousModel](m.Previous)
}

// fields reads an object into a struct that has a field for each attribute.
// ObjectValue.As would compile a regular expression for each (see attribute).
func fields[T any](object types.Object) *T {
	into, values := new(T), object.Attributes()
	s := reflect.ValueOf(into).Elem()
	for i := range s.NumField() {
		s.Field(i).Set(reflect.ValueOf(values[s.Type().Field(i).Tag.Get("tfsdk")]))
	}
	return into
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

// ValidateConfig finds durations that contradict each other.
func (r *tokenResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	config := r.kind.load(ctx, req.Config.Raw, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || config.Rotation.IsNull() || config.Rotation.IsUnknown() {
		return
	}
	rotation := config.rotationOf()
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
		"the old token expires before the overlap ends. Make overlap shorter or before_expiry longer")
	longer("overlap", rotation.Overlap, config.Lifetime, "lifetime", "the old token expires before the overlap ends. Make overlap shorter")
	longer("retire_when_unused_for", rotation.RetireWhenUnusedFor, rotation.MaxOverlap, "rotation.max_overlap",
		"max_overlap ends before a token that is in use at the rotation can be unused for that long. Make retire_when_unused_for shorter or max_overlap longer")
	longer("retire_when_unused_for", rotation.RetireWhenUnusedFor, rotation.BeforeExpiry, "rotation.before_expiry",
		"a token that is in use at the rotation expires before it can be unused for that long. Make retire_when_unused_for shorter")
	longer("retire_when_unused_for", rotation.RetireWhenUnusedFor, config.Lifetime, "lifetime", "the old token expires before it can be unused for that long. Make retire_when_unused_for shorter")
	longer("max_overlap", rotation.MaxOverlap, rotation.BeforeExpiry, "rotation.before_expiry",
		"the old token expires before max_overlap ends, so max_overlap has no effect. Make max_overlap shorter, or delete it")
	if rotation.RetireWhenUnusedFor.IsNull() && !rotation.MaxOverlap.IsNull() {
		contradict("max_overlap", "rotation.max_overlap is set, but rotation.retire_when_unused_for is not: without it, the overlap always ends after rotation.overlap. Set both, or delete max_overlap.")
	}
	if overlap := rotation.overlap(); !rotation.Overlap.IsUnknown() && tfkit.DurationOr(rotation.MaxOverlap, overlap) < overlap {
		contradict("max_overlap", "rotation.max_overlap is %s, but rotation.overlap is %s: max_overlap must not be shorter than overlap. Make max_overlap longer or overlap shorter.",
			rotation.MaxOverlap.ValueString(), tfkit.FormatDuration(overlap))
	}
	life, before, spread := tfkit.DurationOr(config.Lifetime, -1), tfkit.DurationOr(rotation.BeforeExpiry, -1), tfkit.DurationOr(rotation.Spread, -1)
	switch {
	case !rotation.Spread.IsNull() && rotation.BeforeExpiry.IsNull():
		contradict("spread", "rotation.spread is set, but rotation.before_expiry is not: spread has an effect only with before_expiry. Set both, or delete spread.")
	case life > 0 && before >= 0 && before < life && spread > 0 && before+spread >= life:
		contradict("spread", "rotation.before_expiry is %s, rotation.spread is %s, and lifetime is %s: some new tokens would be due for renewal immediately. Make spread shorter.",
			rotation.BeforeExpiry.ValueString(), rotation.Spread.ValueString(), config.Lifetime.ValueString())
	}
	if life > 0 && before >= life {
		contradict("before_expiry", "rotation.before_expiry is %s, but lifetime is %s: every new token would be due for renewal immediately. Make before_expiry shorter than lifetime.",
			rotation.BeforeExpiry.ValueString(), config.Lifetime.ValueString())
	}
}
