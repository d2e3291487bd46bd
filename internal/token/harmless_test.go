package token_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

// A token that no longer works, and that the platform does not remove, holds
// nothing up: neither rotations nor replacements nor a destroy.

var (
	undeletable = emulator.Fault{Method: http.MethodDelete, Path: "/api_token/:id", Kind: emulator.FaultStatus, Status: 409, Code: "invalid_action", Message: "refused"}
	unrevocable = emulator.Fault{Method: http.MethodPost, Path: "/api_token/:id/revoke", Kind: emulator.FaultStatus, Status: 409, Code: "invalid_action", Message: "expired"}
	forbidden   = emulator.Fault{Method: http.MethodDelete, Path: "/api_token/:id", Kind: emulator.FaultStatus, Status: 403, Code: "not_permitted", Message: "refused"}
)

func TestHarmless_undeletablePredecessor(t *testing.T) {
	t.Parallel()
	for _, fault := range []emulator.Fault{undeletable, forbidden} {
		w := acctest.NewWorld(t, emulator.Variant{})
		i := w.NewCore(nil).Resource(t, "prefactor_api_token")
		apply(t, i, rotated("0"))
		first := i.Text("id")
		apply(t, i, rotated("1"))
		w.Inject(fault)
		apply(t, i, rotated("2"))
		warned(t, i, "API token "+first+" could not be deleted")
		if !w.Authenticates(i.Text("token")) {
			t.Error("the new token does not authenticate")
		}
		must(t, statusOf(w, first, "revoked"))
		settled(t, i, rotated("2"))

		// The same when its time has come, and when all is destroyed.
		second := i.Nested("previous", "id")
		w.Clock.Advance(100 * time.Hour)
		apply(t, i, rotated("2"))
		warned(t, i, "API token "+second+" could not be deleted")
		settled(t, i, rotated("2"))
		third := i.Text("id")
		apply(t, i, nil)
		warned(t, i, "API token "+third+" could not be deleted")
		must(t, statusOf(w, third, "revoked"))
		if i.State != nil {
			t.Error("the state is left")
		}
	}
}

func TestHarmless_expired(t *testing.T) {
	t.Parallel()
	plain := map[string]any{"lifetime": "2160h"}
	for name, config := range map[string]map[string]any{"rotation": rotated("0"), "replacement": plain} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, emulator.Variant{})
			i := w.NewCore(nil).Resource(t, "prefactor_api_token")
			apply(t, i, config)
			first := i.Text("id")
			w.Inject(unrevocable)
			w.Clock.Advance(91 * 24 * time.Hour)
			apply(t, i, config)
			if i.Text("id") == first || !w.Authenticates(i.Text("token")) {
				t.Fatal("the expired token has no successor")
			}
			if name == "rotation" {
				w.Clock.Advance(100 * time.Hour)
				apply(t, i, config)
			}
			warned(t, i, "API token "+first+" could not be deleted")
			settled(t, i, config)
			w.Clock.Advance(91 * 24 * time.Hour)
			apply(t, i, nil)
			if i.State != nil {
				t.Error("the expired token cannot be destroyed")
			}
		})
	}
}

// A predecessor that has expired may have been used shortly before: it is
// removed all the same.
func TestHarmless_expiredAndUsed(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	i := w.NewCore(nil).Resource(t, "prefactor_api_token")
	config := rotated("0", func(c, _ map[string]any) { c["require_unused_for"] = "720h" })
	apply(t, i, config)
	w.Clock.Advance(89 * 24 * time.Hour)
	ping(t, w, i.Text("token"))
	apply(t, i, config)
	w.Clock.Advance(5 * 24 * time.Hour)
	apply(t, i, config)
	settled(t, i, config)
	if n := len(w.Others()); n != 1 {
		t.Errorf("%d tokens are left", n)
	}
}

// With neither overlap nor suspension the old token still exists, suspended,
// when the apply ends: until then the new value may not be stored.
func TestRotation_noOverlap(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	i := w.NewCore(nil).Resource(t, "prefactor_api_token")
	config := func(n string, more ...func(c, r map[string]any)) map[string]any {
		return rotated(n, append(more, func(_, r map[string]any) { r["overlap"], r["suspend_for"] = "0s", "0s" })...)
	}
	apply(t, i, config("0"))
	first := i.Text("id")
	apply(t, i, config("1"))
	must(t, statusOf(w, first, "suspended"))
	if !w.Authenticates(i.Text("token")) {
		t.Error("the new token does not authenticate")
	}
	keep := func(_, r map[string]any) { r["keep_previous"] = true }
	apply(t, i, config("1", keep))
	must(t, statusOf(w, first, "active"))
	settled(t, i, config("1", keep))
	apply(t, i, config("1"))
	must(t, statusOf(w, first, "suspended"))
	apply(t, i, config("1"))
	if _, there := w.Token(first); there {
		t.Error("the old token is not removed by the next apply")
	}
	settled(t, i, config("1"))
}
