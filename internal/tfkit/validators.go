package tfkit

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
)

// textValidator validates a string. check returns the summary and the detail of what
// is wrong with it; empty if nothing is.
type textValidator struct {
	description string
	check       func(at path.Path, text string) (summary, detail string)
}

func (v textValidator) Description(context.Context) string { return v.description }

func (v textValidator) MarkdownDescription(context.Context) string { return v.description }

func (v textValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if summary, detail := v.check(req.Path, req.ConfigValue.ValueString()); summary != "" {
		resp.Diagnostics.AddAttributeError(req.Path, summary, detail)
	}
}

// PFID requires an id.
func PFID() validator.String {
	return textValidator{"must be a Prefactor id (32 characters of lower-case Crockford base 32)", func(at path.Path, text string) (summary, detail string) {
		if _, err := pfid.Parse(text); err != nil {
			return "Invalid Prefactor id", fmt.Sprintf(
				"%s must be a Prefactor id (PFID): %s. A name is not an id: the platform's pages and the data sources show the ids.", at, err)
		}
		return "", ""
	}}
}

// PositiveDuration requires a duration of more than zero.
func PositiveDuration() validator.String { return durationFrom(1, "longer than zero") }

// NonNegativeDuration requires a duration of zero or more.
func NonNegativeDuration() validator.String { return durationFrom(0, "zero or longer") }

func durationFrom(least time.Duration, words string) validator.String {
	return textValidator{"must be " + words, func(at path.Path, text string) (summary, detail string) {
		switch d, err := ParseDuration(text); {
		case err != nil:
			return "Invalid duration", fmt.Sprintf(
				`%s must be a duration such as "720h" or "30d", not %q. The units are s, m, h, d (24 hours) and w (7 days).`, at, text)
		case d < least:
			return "Duration out of range", fmt.Sprintf(`%s must be %s, not %q. Set a duration such as "30d", "720h" or "30m".`, at, words, text)
		}
		return "", ""
	}}
}

// Timestamp requires a time in RFC 3339.
func Timestamp() validator.String {
	return textValidator{"must be a timestamp in RFC 3339", func(at path.Path, text string) (summary, detail string) {
		if _, err := time.Parse(time.RFC3339, text); err != nil {
			return "Invalid timestamp", fmt.Sprintf(
				`%s must be a timestamp in RFC 3339 with a date, a time and an offset, such as "2030-01-01T00:00:00Z", not %q.`, at, text)
		}
		return "", ""
	}}
}
