package token_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/provider"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// shortening is a platform at which someone has shortened the expiry of a token.
type shortening struct {
	tfkit.API

	id      *string
	expires time.Time
}

func (s shortening) Token(ctx context.Context, id string) (prefactor.Token, error) {
	t, err := s.API.Token(ctx, id)
	if err == nil && id == *s.id {
		t.ExpiresAt = prefactor.Some(prefactor.Timestamp{Time: s.expires})
	}
	return t, err
}

// A renewal of a token whose expiry was shortened gives the full lifetime again.
func TestRotation_shortened(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	var first string
	end := w.Clock.Now().Add(10 * day)
	i := w.NewCore(nil, provider.WithAPI(func(a tfkit.API) tfkit.API { return shortening{a, &first, end} })).Resource(t, "prefactor_api_token")
	apply(t, i, rotated("0"))
	first = i.Text("id")
	apply(t, i, rotated("0"))
	if i.Text("id") == first {
		t.Errorf("the token was not rotated: %s", said(i))
	}
	settled(t, i, rotated("0"))
}

// A platform that grants less than before_expiry is not asked again and again.
func TestRotation_grantedTooLittle(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	i := w.NewCore(nil, provider.WithAPI(func(a tfkit.API) tfkit.API { return capping{a, w.Clock} })).Resource(t, "prefactor_api_token")
	config := map[string]any{"lifetime": "20000h", "rotation": map[string]any{"before_expiry": "10000h"}}
	apply(t, i, config)
	settled(t, i, config)
	warned(t, i, "Token would be renewed at each apply")
}

// An expired token that nothing renews is not passed over in silence.
func TestExpired_withoutLifetime(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	i := w.NewCore(nil).Resource(t, "prefactor_api_token")
	apply(t, i, map[string]any{})
	w.Clock.Advance(10 * 366 * day)
	settled(t, i, map[string]any{})
	warned(t, i, "Token has expired")
}

// A rotation block that can never rotate is told at once.
func TestRotation_never(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	for summary, config := range map[string]map[string]any{
		"Rotation without before_expiry and triggers":         {"rotation": map[string]any{}},
		"Token with a fixed expiry cannot be renewed in time": {"expires_at": "2090-01-01T00:00:00Z", "rotation": map[string]any{"before_expiry": "24h"}},
	} {
		i := w.NewCore(nil).Resource(t, "prefactor_api_token")
		_, err := i.Plan(t.Context(), config)
		must(t, err)
		warned(t, i, summary)
	}
	i := w.NewCore(nil).Resource(t, "prefactor_api_token")
	_, err := i.Plan(t.Context(), map[string]any{"rotation": map[string]any{"triggers": map[string]any{"reason": ""}}})
	must(t, err)
	if len(i.Warnings) != 0 {
		t.Errorf("warnings: %s", said(i))
	}
}

// A wrong duration or timestamp is told once, by the attribute's name.
func TestDuration_invalid(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	for _, text := range []string{"30days", "720", ""} {
		for name, config := range map[string]map[string]any{
			"lifetime":               {"lifetime": text},
			"rotation.before_expiry": {"rotation": map[string]any{"before_expiry": text}},
			"require_unused_for":     {"require_unused_for": text},
		} {
			i := w.NewCore(nil).Resource(t, "prefactor_api_token")
			_, err := i.Plan(t.Context(), config)
			want := fmt.Sprintf("Invalid duration: %s must be a duration such as \"720h\" or \"30d\", not %q. The units are s, m, h, d (24 hours) and w (7 days).", name, text)
			if err == nil || err.Error() != want {
				t.Errorf("got %v", err)
			}
		}
	}
	i := w.NewCore(nil).Resource(t, "prefactor_api_token")
	_, err := i.Plan(t.Context(), map[string]any{"expires_at": "2030-01-01"})
	if want := `Invalid timestamp: expires_at must be a timestamp in RFC 3339 with a date, a time and an offset, such as "2030-01-01T00:00:00Z", not "2030-01-01".`; err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

// Days and weeks are durations, and another spelling is no change.
func TestDuration_spellings(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	block := func(lifetime, before, overlap, unused string) string {
		return apiTokenConfig(fmt.Sprintf("lifetime = %q\nrequire_unused_for = %q\nrotation = {\n before_expiry = %q\n overlap = %q\n}", lifetime, unused, before, overlap))
	}
	w.TestInProcess(t,
		resource.TestStep{
			Config:            block("90d", "2w", "1d", "1w"),
			ConfigStateChecks: []statecheck.StateCheck{value(apiToken, "expires_at", secondOf(w.Clock.Now().Add(90*day))), value(apiToken, "lifetime", knownvalue.StringExact("90d"))},
		},
		resource.TestStep{Config: block("2160h", "336h", "24h", "7d"), ConfigPlanChecks: does(apiToken, plancheck.ResourceActionNoop)},
		resource.TestStep{Config: block("91d", "2w", "1d", "1w"), ConfigPlanChecks: does(apiToken, plancheck.ResourceActionUpdate), Check: w.CheckCount(2)},
		resource.TestStep{Config: w.ProviderBlock(`request_timeout = "1d"`, `expiry_warning = "2w"`) + block("91d", "2w", "1d", "1w"), PlanOnly: true},
	)
}
