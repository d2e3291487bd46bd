package tfkit

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
)

// PFID requires an id.
func PFID() validator.String { return pfidValidator{} }

type pfidValidator struct{}

func (pfidValidator) Description(context.Context) string {
	return "must be a Prefactor id (32 characters of lower-case Crockford base 32)"
}

func (v pfidValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (pfidValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := pfid.Parse(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Not a Prefactor id", fmt.Sprintf(
			"%s must be a Prefactor id (PFID): %s. Names are not ids; Prefactor's pages and the data sources show the ids.", req.Path, err))
	}
}

// PositiveDuration requires a duration of more than zero.
func PositiveDuration() validator.String {
	return durationValidator{least: 1, words: "longer than zero"}
}

// NonNegativeDuration requires a duration of zero or more.
func NonNegativeDuration() validator.String {
	return durationValidator{least: 0, words: "zero or longer"}
}

type durationValidator struct {
	least time.Duration
	words string
}

func (v durationValidator) Description(context.Context) string { return "must be " + v.words }

func (v durationValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v durationValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	text := req.ConfigValue.ValueString()
	d, err := ParseDuration(text)
	if err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid duration", fmt.Sprintf(
			`%s must be a duration such as "720h" or "30d", not %q. The units are s, m, h, d (24 hours) and w (7 days).`, req.Path, text))
		return
	}
	if d < v.least {
		resp.Diagnostics.AddAttributeError(req.Path, "Duration out of range", fmt.Sprintf(
			`%s must be %s, not %q. Set a duration such as "30d", "720h" or "30m".`, req.Path, v.words, text))
	}
}

// Timestamp requires a time in RFC 3339.
func Timestamp() validator.String { return timestampValidator{} }

type timestampValidator struct{}

func (timestampValidator) Description(context.Context) string {
	return "must be a timestamp in RFC 3339"
}

func (v timestampValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (timestampValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := time.Parse(time.RFC3339, req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid timestamp", fmt.Sprintf(
			`%s must be a timestamp in RFC 3339 with a time and an offset, such as "2030-01-01T00:00:00Z", not %q.`, req.Path, req.ConfigValue.ValueString()))
	}
}
