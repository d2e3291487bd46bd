package tfkit

import (
	"errors"
	"math"
	"regexp"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

// longUnits are the days and weeks in a duration, which Go does not know.
var longUnits = regexp.MustCompile(`([0-9]*\.?[0-9]+)([dw])`)

var errDuration = errors.New("not a duration")

// ParseDuration parses a duration as Go does, and knows days (d) of 24 hours and
// weeks (w) of 7 days as well.
func ParseDuration(text string) (time.Duration, error) {
	parts := longUnits.FindAllStringSubmatch(text, -1)
	if len(parts) == 0 {
		return time.ParseDuration(text)
	}
	unsigned := strings.TrimLeft(text, "+-")
	negative := strings.HasPrefix(text, "-")
	if len(text)-len(unsigned) > 1 || strings.ContainsAny(unsigned, "+-") {
		return 0, errDuration
	}
	var sum time.Duration
	if rest := longUnits.ReplaceAllString(unsigned, ""); rest != "" {
		var err error
		if sum, err = time.ParseDuration(rest); err != nil {
			return 0, err
		}
	}
	for _, part := range parts {
		units, err := time.ParseDuration(part[1] + "h")
		if err != nil {
			return 0, err
		}
		hours := int64(24)
		if part[2] == "w" {
			hours = 7 * 24
		}
		if int64(units) > (math.MaxInt64-int64(sum))/hours {
			return 0, errDuration
		}
		sum += time.Duration(int64(units) * hours)
	}
	if negative {
		sum = -sum
	}
	return sum, nil
}

// DurationOr is the duration of an attribute, or another one where it is null,
// unknown or no duration.
func DurationOr(s types.String, otherwise time.Duration) time.Duration {
	d, err := ParseDuration(s.ValueString())
	if s.IsNull() || s.IsUnknown() || err != nil {
		return otherwise
	}
	return d
}

// FormatDuration is a duration as people write it: "48h" and not "48h0m0s".
func FormatDuration(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
