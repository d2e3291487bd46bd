package tfkit

import (
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// Merging what the platform says into what is known already. What it does not
// say stays as it was, and is null where a plan left it open; what it says in
// another spelling keeps the spelling of before.

// MergeString takes an id or a word of the platform's over.
func MergeString(prior types.String, f prefactor.Field[string]) types.String {
	switch {
	case f.Known():
		return types.StringValue(f.Value)
	case f.Null:
		return types.StringNull()
	default:
		return KnownString(prior)
	}
}

// MergeText takes a text over that people write. An empty one and none are the
// same, and so are texts that differ only in the blanks around them, which
// platforms cut off.
func MergeText(prior types.String, f prefactor.Field[string]) types.String {
	prior = KnownString(prior)
	switch {
	case !f.Present:
		return prior
	case strings.TrimSpace(f.Value) == strings.TrimSpace(prior.ValueString()) && (!prior.IsNull() || f.Value == ""):
		return prior
	default:
		return MergeString(prior, f)
	}
}

// MergeTime takes a moment over.
func MergeTime(prior timetypes.RFC3339, f prefactor.Field[prefactor.Timestamp]) timetypes.RFC3339 {
	switch {
	case f.Known():
		text := FormatTime(f.Value.Time)
		if SameMoment(prior.ValueString(), text) {
			return prior
		}
		return timetypes.NewRFC3339ValueMust(text)
	case f.Null || prior.IsUnknown():
		return timetypes.NewRFC3339Null()
	default:
		return prior
	}
}

// MergeCreatedAt takes over when an object was created: what the platform says,
// or, where nothing better was ever said, the time at that its id carries.
func MergeCreatedAt(prior timetypes.RFC3339, said prefactor.Field[prefactor.Timestamp], at time.Time) timetypes.RFC3339 {
	if at.IsZero() || (!said.Known() && prior.ValueString() != "") {
		return MergeTime(prior, prefactor.Field[prefactor.Timestamp]{})
	}
	return MergeTime(prior, prefactor.Some(prefactor.Timestamp{Time: at}))
}

// KnownString is null for what a plan left open.
func KnownString(s types.String) types.String {
	if s.IsUnknown() {
		return types.StringNull()
	}
	return s
}

// FormatTime is how a moment stands in a state.
func FormatTime(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
