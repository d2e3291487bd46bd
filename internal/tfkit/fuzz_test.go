package tfkit_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// FuzzDurations gives the validators of durations anything: they refuse what is
// no duration and what is too short.
func FuzzDurations(f *testing.F) {
	for _, seed := range []string{
		"", " ", "0", "0s", "-0s", "1", "1h", "-1h", "2160h", "90d", "2w1d12h", "-1d", "1d-1h", "0.5w", "15250w", "1ns", "-1ns", "1h30m0.5s", ".5h", "+5h", "1e9h", "1h-1h", "∞", "1µs", "1μs",
		"2562047h47m16.854775807s", "2562047h47m16.854775808s", "-2562047h47m16.854775808s", "9999999999999999999h", "\x00h", "\xffs",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := tfkit.ParseDuration(text)
		for least, v := range map[time.Duration]validator.String{1: tfkit.PositiveDuration(), 0: tfkit.NonNegativeDuration()} {
			var resp validator.StringResponse
			v.ValidateString(t.Context(), validator.StringRequest{Path: path.Root("lifetime"), ConfigValue: types.StringValue(text)}, &resp)
			if refused, want := resp.Diagnostics.HasError(), err != nil || d < least; refused != want {
				t.Errorf("%q: refused %t, want %t", text, refused, want)
			}
			for _, e := range resp.Diagnostics.Errors() {
				if strings.Contains(e.Detail(), "%!") {
					t.Errorf("malformed: %s", e.Detail())
				}
			}
		}
	})
}
