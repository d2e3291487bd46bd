package token_test

import (
	"testing"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

const day = 24 * time.Hour

// A wrong date in the API's responses removes nothing that may still be used:
// what cannot be undone needs the local clock to agree.
func TestClock_wrongDate(t *testing.T) {
	t.Parallel()
	for name, ahead := range map[string]time.Duration{"removal": 30 * day, "rotation": 80 * day, "past the expiry": 400 * day} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, emulator.Variant{})
			i := w.NewCore(nil).Resource(t, "prefactor_api_token")
			apply(t, i, rotated("0"))
			first, held := i.Text("id"), i.Text("token")
			apply(t, i, rotated("1"))
			second := i.Text("id")
			w.Inject(emulator.Fault{Kind: emulator.FaultDate, For: ahead})
			apply(t, i, rotated("1"))
			warned(t, i, "Local clock and API clock differ")
			w.ClearFaults()
			if _, there := w.Token(first); !there || i.Text("id") != second {
				t.Fatalf("the previous token is still there: %v; rotated: %v", there, i.Text("id") != second)
			}
			// A suspension can be undone.
			apply(t, i, rotated("1", func(_, r map[string]any) { r["keep_previous"] = true }))
			if !w.Authenticates(held) {
				t.Error("the previous token no longer works")
			}
		})
	}
}

// Without a rotation block a renewal destroys the token.
func TestClock_wrongDateReplacement(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	i := w.NewCore(nil).Resource(t, "prefactor_api_token")
	config := map[string]any{"lifetime": "240h"}
	apply(t, i, config)
	id := i.Text("id")
	w.Inject(emulator.Fault{Kind: emulator.FaultDate, For: 30 * day})
	apply(t, i, config)
	if _, there := w.Token(id); !there || i.Text("id") != id {
		t.Error("the token was replaced")
	}
}

// A date in the past does not shorten an overlap.
func TestClock_dateInThePast(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	i := w.NewCore(nil).Resource(t, "prefactor_api_token")
	apply(t, i, rotated("0"))
	held := i.Text("token")
	w.Inject(emulator.Fault{Kind: emulator.FaultDate, For: -30 * day})
	apply(t, i, rotated("1"))
	w.ClearFaults()
	settled(t, i, rotated("1"))
	if !w.Authenticates(held) {
		t.Error("the overlap ended")
	}
}
