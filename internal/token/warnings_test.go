package token_test

import (
	"context"
	"testing"
	"time"

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
