package token_test

import (
	"context"
	"testing"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/provider"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// unmoved answers every read at once, and says nothing that the state does not.
type unmoved struct{ tfkit.API }

func (unmoved) Token(_ context.Context, id string) (prefactor.Token, error) {
	return prefactor.Token{ID: id}, nil
}

// What the provider does for one token in a plan without changes, without the
// platform and without Terraform.
func BenchmarkPlan(b *testing.B) {
	w := acctest.NewWorld(b, emulator.Variant{})
	config := map[string]any{"lifetime": "2160h"}
	k := w.NewCore(nil).Resource(b, "prefactor_api_token")
	if _, err := k.Run(b.Context(), config); err != nil {
		b.Fatal(err)
	}
	quiet := w.NewCore(nil, provider.WithAPI(func(client tfkit.API) tfkit.API { return unmoved{client} }))
	s, err := quiet.Start(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := k.PlanAgain(b.Context(), s, config); err != nil {
			b.Fatal(err)
		}
	}
}
