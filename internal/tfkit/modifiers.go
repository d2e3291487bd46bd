package tfkit

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
)

// SameInstant keeps the notation of the state for the same time in another
// notation, such as with another offset.
func SameInstant() planmodifier.String {
	return sameValue{
		description: "Another notation of the same time is not a change.",
		same:        SameMoment,
	}
}

// SameDuration keeps the notation of the state for the same duration in another
// notation, such as 720h for 30d.
func SameDuration() planmodifier.String {
	return sameValue{
		description: "Another notation of the same duration is not a change.",
		same: func(a, b string) bool {
			x, errX := ParseDuration(a)
			y, errY := ParseDuration(b)
			return errX == nil && errY == nil && x == y
		},
	}
}

// SameMoment tells whether two RFC 3339 timestamps are the same time. Less than a
// second is no difference: platforms truncate fractions.
func SameMoment(a, b string) bool {
	x, errX := time.Parse(time.RFC3339Nano, a)
	y, errY := time.Parse(time.RFC3339Nano, b)
	return errX == nil && errY == nil && x.Sub(y).Abs() < time.Second
}

type sameValue struct {
	description string
	same        func(a, b string) bool
}

func (m sameValue) Description(context.Context) string { return m.description }

func (m sameValue) MarkdownDescription(context.Context) string { return m.description }

func (m sameValue) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	if req.StateValue.IsNull() || req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if m.same(req.StateValue.ValueString(), req.ConfigValue.ValueString()) {
		resp.PlanValue = req.StateValue
	}
}
