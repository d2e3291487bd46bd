package token_test

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

// Whatever state the token is in, and whatever gets lost on the way, a destroy
// ends with the token gone.
func TestDestroy(t *testing.T) {
	t.Parallel()
	const revoke, remove = "/api_token/:id/revoke", "/api_token/:id"
	for name, prepare := range map[string]func(w *acctest.World, id string) error{
		"active":            func(*acctest.World, string) error { return nil },
		"suspended":         func(w *acctest.World, id string) error { return w.Suspend(id) },
		"revoked":           func(w *acctest.World, id string) error { return w.Revoke(id) },
		"gone":              func(w *acctest.World, id string) error { return w.DeleteToken(id) },
		"revoke lost once":  inject(emulator.Fault{Method: "POST", Path: revoke, Kind: emulator.FaultCutAfter, Times: 1}),
		"revoke always cut": inject(emulator.Fault{Method: "POST", Path: revoke, Kind: emulator.FaultCutAfter}),
		"revoke 500 after":  inject(emulator.Fault{Method: "POST", Path: revoke, Kind: emulator.FaultStatusAfter, Status: 500}),
		"revoke broken":     inject(emulator.Fault{Method: "POST", Path: revoke, Kind: emulator.FaultTruncatedJSON}),
		"delete lost once":  inject(emulator.Fault{Method: "DELETE", Path: remove, Kind: emulator.FaultCutAfter, Times: 1}),
		"delete always cut": inject(emulator.Fault{Method: "DELETE", Path: remove, Kind: emulator.FaultCutAfter}),
		"delete 503 after":  inject(emulator.Fault{Method: "DELETE", Path: remove, Kind: emulator.FaultStatusAfter, Status: 503}),
		"rate limited":      inject(emulator.Fault{Kind: emulator.FaultStatus, Status: 429, RetryAfter: "0", Times: 3}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, emulator.Variant{})
			i := w.NewCore(nil).Resource(t, "prefactor_api_token")
			apply(t, i, map[string]any{})
			p, err := i.Plan(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			must(t, prepare(w, i.Text("id")))
			must(t, i.Apply(t.Context(), p))
			if p, err := i.Plan(t.Context(), nil); err != nil || p.Action != acctest.NoOp || i.State != nil {
				t.Errorf("the plan afterwards: %+v, %v", p, err)
			}
			must(t, w.NothingLeft(nil))
		})
	}
}

// A revocation that the API refuses is an error, and the token stays in the state.
func TestDestroy_refused(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	w.TestInProcess(t,
		resource.TestStep{Config: apiTokenConfig("")},
		resource.TestStep{
			PreConfig: func() {
				w.Inject(emulator.Fault{Method: "POST", Path: "/api_token/:id/revoke", Kind: emulator.FaultStatus, Status: 422, Code: "invalid_action", Message: "held for an audit"})
			},
			Config:      apiTokenConfig(""),
			Destroy:     true,
			ExpectError: regexp.MustCompile(`held\s+for\s+an\s+audit`),
		},
		resource.TestStep{PreConfig: w.ClearFaults, Config: apiTokenConfig(""), Check: w.CheckCount(1)},
	)
}

func inject(f emulator.Fault) func(*acctest.World, string) error {
	return func(w *acctest.World, _ string) error {
		w.Inject(f)
		return nil
	}
}
