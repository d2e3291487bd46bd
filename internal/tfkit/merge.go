package tfkit

import (
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// These functions merge values of the API into prior values. What a response does
// not contain is not changed, or null if it was unknown. The same value in another
// notation keeps the prior notation.

// MergeString merges an id or a keyword.
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

// MergeText merges free text. An empty text equals null, and white space at the
// ends is ignored, because platforms trim it.
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

// MergeTime merges a time.
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

// MergeCreatedAt merges a creation time: that of the response, or at, the time in
// the id, if no response has had one.
func MergeCreatedAt(prior timetypes.RFC3339, said prefactor.Field[prefactor.Timestamp], at time.Time) timetypes.RFC3339 {
	if at.IsZero() || (!said.Known() && prior.ValueString() != "") {
		return MergeTime(prior, prefactor.Field[prefactor.Timestamp]{})
	}
	return MergeTime(prior, prefactor.Some(prefactor.Timestamp{Time: at}))
}

// KnownString is null for an unknown value.
func KnownString(s types.String) types.String {
	if s.IsUnknown() {
		return types.StringNull()
	}
	return s
}

// FormatTime is the notation of a time in a state.
func FormatTime(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
