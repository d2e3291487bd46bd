package token_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/provider"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// What happens when a rotation, a retirement or a destroy meets a second thing
// that goes wrong.

func rotated(n string, more ...func(config, rotation map[string]any)) map[string]any {
	rotation := map[string]any{"before_expiry": "336h", "overlap": "24h", "suspend_for": "72h", "triggers": map[string]any{"n": n}}
	config := map[string]any{"lifetime": "2160h", "rotation": rotation}
	for _, change := range more {
		change(config, rotation)
	}
	return config
}

func unknownOf(t tftypes.Type) tftypes.Value { return tftypes.NewValue(t, tftypes.UnknownValue) }

func apply(t *testing.T, i *acctest.Instance, config map[string]any) acctest.Action {
	t.Helper()
	action, err := i.Run(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	return action
}

// settled wants nothing to be left to do.
func settled(t *testing.T, i *acctest.Instance, config map[string]any) {
	t.Helper()
	if p, err := i.Plan(t.Context(), config); err != nil || p.Action != acctest.NoOp {
		t.Errorf("the next plan: %v, %v", p, err)
	}
}

// A rotation whose new token has no value, or another expiry than requested,
// leaves the old one where it is, and nothing behind.
func TestRotation_inVain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		variant emulator.Variant
		fault   emulator.Fault
		says    string
	}{
		"no value in the answer": {
			fault: emulator.Fault{Kind: emulator.FaultMissingFields, Fields: []string{"token"}, Times: 1}, says: "did not contain the token value",
		},
	} {
		for _, alive := range []bool{true, false} {
			for _, stuck := range []bool{false, true} {
				t.Run(name+map[bool]string{true: "", false: ", dead"}[alive]+map[bool]string{true: ", stuck"}[stuck], func(t *testing.T) {
					t.Parallel()
					w := acctest.NewWorld(t, c.variant)
					i := w.NewCore(map[string]any{"max_retries": int64(1)}).Resource(t, "prefactor_api_token")
					apply(t, i, rotated("0"))
					first := i.Text("token")
					apply(t, i, rotated("1"))
					held, id := i.Text("token"), i.Text("id")
					if !alive {
						must(t, w.Revoke(id))
						held = first
					}
					f := c.fault
					f.Method, f.Path = http.MethodPost, "/api_token"
					w.Inject(f)
					if stuck {
						w.Inject(emulator.Fault{Method: http.MethodPost, Path: "/api_token/:id/revoke", Skip: map[bool]int{true: 1}[alive], Kind: emulator.FaultStatus, Status: 503})
					}
					_, err := i.Run(t.Context(), rotated("2"))
					if err == nil || !strings.Contains(err.Error(), c.says) {
						t.Fatalf("got %v", err)
					}
					said := err.Error()
					if i.Text("id") != id || !w.Authenticates(held) {
						t.Errorf("the token is %s instead of %s, and what consumers hold authenticates: %v", i.Text("id"), id, w.Authenticates(held))
					}
					w.ClearFaults()
					if stuck {
						// Nobody asks for a rotation any more.
						if _, err := i.Run(t.Context(), rotated("1")); err != nil {
							t.Fatal(err)
						}
						settled(t, i, rotated("1"))
					} else {
						apply(t, i, rotated("2"))
						settled(t, i, rotated("2"))
					}
					if !w.Authenticates(held) {
						t.Error("what consumers hold authenticates no more")
					}
					left := 0
					for _, k := range w.Others() {
						switch {
						case k.ID == i.Text("id"), k.ID == i.Nested("previous", "id"):
						case strings.Contains(said, "prefactor api_tokens revoke "+k.ID):
							left++
						default:
							t.Errorf("token %s is %s, in no state, and not named: %s", k.ID, k.Status, said)
						}
					}
					if want := map[bool]int{true: 1}[stuck]; left != want {
						t.Errorf("%d tokens are left, not %d", left, want)
					}
				})
			}
		}
	}
}

// capping is a platform that lets no token live longer than a year.
type capping struct {
	tfkit.API

	clock *acctest.Clock
}

func (c capping) CreateToken(ctx context.Context, n prefactor.NewToken) (prefactor.CreatedToken, error) {
	if most := c.clock.Now().Add(365 * 24 * time.Hour); n.ExpiresAt.After(most) {
		n.ExpiresAt = most
	}
	return c.API.CreateToken(ctx, n)
}

func TestRotation_anotherExpiry(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	i := w.NewCore(nil, provider.WithAPI(func(a tfkit.API) tfkit.API { return capping{a, w.Clock} })).Resource(t, "prefactor_api_token")
	until := func(d time.Duration) map[string]any {
		return map[string]any{"expires_at": w.Clock.Now().Add(d).Format(time.RFC3339), "rotation": map[string]any{"overlap": "24h"}}
	}
	apply(t, i, until(100*24*time.Hour))
	held := i.Text("token")
	far := until(800 * 24 * time.Hour)
	for range 3 {
		if _, err := i.Run(t.Context(), far); err == nil || !strings.Contains(err.Error(), "Expiry differs") {
			t.Fatalf("got %v", err)
		}
		if !w.Authenticates(held) || len(w.Others()) != 1 {
			t.Fatalf("what consumers hold authenticates: %v; %d tokens", w.Authenticates(held), len(w.Others()))
		}
	}
}

// A token that was revoked outside has a predecessor which may be all that
// still works: it is not retired by a plan that is applied late.
func TestRotation_deadAndLate(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	i := w.NewCore(nil).Resource(t, "prefactor_api_token")
	apply(t, i, rotated("0"))
	held := i.Text("token")
	apply(t, i, rotated("1"))
	must(t, w.Revoke(i.Text("id")))
	w.Clock.Advance(23 * time.Hour)
	p, err := i.Plan(t.Context(), rotated("1"))
	must(t, err)
	w.Clock.Advance(100 * time.Hour)
	must(t, i.Apply(t.Context(), p))
	if !w.Authenticates(held) {
		t.Error("the predecessor authenticates no more")
	}
	settled(t, i, rotated("1"))
	w.Clock.Advance(97 * time.Hour)
	apply(t, i, rotated("1"))
	if w.Authenticates(held) || len(w.Others()) != 1 {
		t.Error("the predecessor outlives its overlap")
	}
}

// The row of a dead token that cannot be deleted does not hold up the new one.
func TestRotation_undeletable(t *testing.T) {
	t.Parallel()
	for _, before := range []string{"0", "1"} {
		w := acctest.NewWorld(t, emulator.Variant{})
		i := w.NewCore(nil).Resource(t, "prefactor_api_token")
		apply(t, i, rotated("0"))
		apply(t, i, rotated(before))
		must(t, w.Revoke(i.Text("id")))
		w.Inject(emulator.Fault{Method: http.MethodDelete, Path: "/api_token/:id", Kind: emulator.FaultStatus, Status: 403})
		apply(t, i, rotated(before))
		if !w.Authenticates(i.Text("token")) || !i.Warned("could not be deleted") {
			t.Errorf("after %s: the new token authenticates: %v; warnings: %v", before, w.Authenticates(i.Text("token")), i.Warnings)
		}
		w.ClearFaults()
		apply(t, i, rotated(before))
		settled(t, i, rotated(before))
	}
}

// Values that are known only during the apply, and turn out to be what they were,
// change nothing.
func TestPlan_unknowns(t *testing.T) {
	t.Parallel()
	const key = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
	text := unknownOf(tftypes.String)
	recipients := func(c, _ map[string]any) { c["recipients"] = []any{key} }
	for name, c := range map[string]struct {
		known, open func(c, rotation map[string]any)
	}{
		"lifetime":         {open: func(c, _ map[string]any) { c["lifetime"] = text }},
		"before_expiry":    {open: func(_, r map[string]any) { r["before_expiry"] = text }},
		"a trigger":        {open: func(_, r map[string]any) { r["triggers"] = map[string]any{"n": text} }},
		"all triggers":     {open: func(_, r map[string]any) { r["triggers"] = unknownOf(tftypes.Map{ElementType: tftypes.String}) }},
		"overlap":          {open: func(_, r map[string]any) { r["overlap"] = text }},
		"a recipient":      {recipients, func(c, _ map[string]any) { c["recipients"] = []any{text} }},
		"all recipients":   {recipients, func(c, _ map[string]any) { c["recipients"] = unknownOf(tftypes.List{ElementType: tftypes.String}) }},
		"keep, and kept":   {func(_, r map[string]any) { r["keep_previous"] = true }, func(_, r map[string]any) { r["keep_previous"] = unknownOf(tftypes.Bool) }},
		"keep, and not":    {func(_, r map[string]any) { r["keep_previous"] = false }, func(_, r map[string]any) { r["keep_previous"] = unknownOf(tftypes.Bool) }},
		"require no usage": {open: func(c, _ map[string]any) { c["require_unused_for"] = text }},
	} {
		for _, late := range []time.Duration{0, 25 * time.Hour, 100 * time.Hour} {
			t.Run(name+" "+late.String(), func(t *testing.T) {
				t.Parallel()
				w := acctest.NewWorld(t, emulator.Variant{})
				i := w.NewCore(nil).Resource(t, "prefactor_api_token")
				with := func(n string, changes ...func(c, r map[string]any)) map[string]any {
					if c.known != nil {
						changes = append([]func(c, r map[string]any){c.known}, changes...)
					}
					return rotated(n, changes...)
				}
				apply(t, i, rotated("0", func(config, _ map[string]any) {
					if c.known != nil && strings.Contains(name, "recipient") {
						recipients(config, nil)
					}
				}))
				apply(t, i, with("1"))
				id := i.Text("id")
				w.Clock.Advance(late)
				p, err := i.Plan(t.Context(), with("1", c.open))
				must(t, err)
				w.Clock.Advance(late)
				if err := i.Apply(t.Context(), p.With(with("1"))); err != nil {
					t.Fatal(err)
				}
				if i.Text("id") != id {
					t.Error("the token was rotated")
				}
			})
		}
	}
}

// What is switched off on purpose is not switched on by a rotation.
func TestRotation_suspended(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	i := w.NewCore(nil).Resource(t, "prefactor_api_token")
	config := func(n string) map[string]any {
		return rotated(n, func(c, r map[string]any) { c["status"], r["keep_previous"] = "suspended", true })
	}
	apply(t, i, config("0"))
	apply(t, i, config("1"))
	for _, k := range w.Others() {
		if k.Status != "suspended" {
			t.Errorf("token %s is %s", k.ID, k.Status)
		}
	}
	settled(t, i, config("1"))
}

// The same where the successor is to be used.
func TestRotation_suspendedBefore(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	i := w.NewCore(nil).Resource(t, "prefactor_api_token")
	apply(t, i, rotated("0", func(c, _ map[string]any) { c["status"] = "suspended" }))
	first := i.Text("id")
	kept := rotated("1", func(_, r map[string]any) { r["keep_previous"] = true })
	apply(t, i, kept)
	must(t, statusOf(w, first, "suspended"))
	settled(t, i, kept)
}

// keep_previous switches on what the retirement had suspended, but not while
// everything is to be off.
func TestRotation_keptWhileSuspended(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	i := w.NewCore(nil).Resource(t, "prefactor_api_token")
	apply(t, i, rotated("0"))
	first := i.Text("id")
	apply(t, i, rotated("1"))
	w.Clock.Advance(25 * time.Hour)
	apply(t, i, rotated("1"))
	must(t, statusOf(w, first, "suspended"))
	off := rotated("1", func(c, r map[string]any) { c["status"], r["keep_previous"] = "suspended", true })
	apply(t, i, off)
	must(t, statusOf(w, first, "suspended"))
	settled(t, i, off)
	on := rotated("1", func(_, r map[string]any) { r["keep_previous"] = true })
	apply(t, i, on)
	must(t, statusOf(w, first, "active"))
	settled(t, i, on)
}

// Without an overlap, a previous token that is no longer kept is suspended at once,
// unless it has expired.
func TestRotation_releasedWithoutOverlap(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		wait time.Duration
		then string
	}{
		"active":  {time.Hour, "suspended"},
		"expired": {101 * time.Hour, "active"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, emulator.Variant{})
			i := w.NewCore(nil).Resource(t, "prefactor_api_token")
			apply(t, i, rotated("0", func(c, r map[string]any) { c["lifetime"] = "100h"; delete(r, "before_expiry") }))
			first := i.Text("id")
			config := func(keep bool) map[string]any {
				return rotated("1", func(_, r map[string]any) {
					r["keep_previous"], r["overlap"], r["suspend_for"] = keep, "0s", "1000h"
					delete(r, "before_expiry")
				})
			}
			apply(t, i, config(true))
			w.Clock.Advance(c.wait)
			apply(t, i, config(true))
			apply(t, i, config(false))
			must(t, statusOf(w, first, c.then))
			settled(t, i, config(false))
		})
	}
}

// The agent's deployment was created again, and the token with it.
func TestRotation_anotherDeployment(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	i := w.NewCore(nil).Resource(t, "prefactor_deployment_token")
	config := rotated("0", func(c, _ map[string]any) { c["agent_id"], c["environment_id"] = w.Agent.ID, w.Staging.ID })
	apply(t, i, config)
	before := i.Text("agent_deployment_id")
	must(t, w.Revoke(i.Text("id")))
	client, err := prefactor.New(prefactor.Config{BaseURL: w.URL, Token: w.AdminToken, Now: w.Clock.Now})
	must(t, err)
	must(t, client.DeleteDeployment(t.Context(), before))
	apply(t, i, config)
	if after := i.Text("agent_deployment_id"); after == "" || after == before {
		t.Errorf("agent_deployment_id is %q, it was %q", after, before)
	}
}

// What is refused for one token of a resource is refused before the other is
// touched.
func TestDestroy_refusedForOne(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	i := w.NewCore(nil).Resource(t, "prefactor_api_token")
	config := func(n string) map[string]any {
		return rotated(n, func(c, _ map[string]any) { c["require_unused_for"] = "168h" })
	}
	apply(t, i, config("0"))
	apply(t, i, config("1"))
	p, err := i.Plan(t.Context(), nil)
	must(t, err)
	ping(t, w, i.Text("token"))
	if err := i.Apply(t.Context(), p); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("got %v", err)
	}
	for _, k := range w.Others() {
		if k.Status != "active" {
			t.Errorf("token %s is %s", k.ID, k.Status)
		}
	}
}

// A token that is gone already is destroyed, whatever the policy.
func TestDestroy_gone(t *testing.T) {
	t.Parallel()
	for _, policy := range []string{"delete", "revoke", "suspend", "abandon"} {
		for _, before := range []string{"0", "1"} {
			w := acctest.NewWorld(t, emulator.Variant{})
			i := w.NewCore(nil).Resource(t, "prefactor_api_token")
			config := func(n string) map[string]any {
				return rotated(n, func(c, _ map[string]any) { c["deletion_policy"] = policy })
			}
			apply(t, i, config("0"))
			apply(t, i, config(before))
			p, err := i.Plan(t.Context(), nil)
			must(t, err)
			must(t, w.Revoke(i.Text("id")))
			must(t, w.DeleteToken(i.Text("id")))
			if err := i.Apply(t.Context(), p); err != nil || i.State != nil {
				t.Errorf("%s: %v; the state is left: %v", policy, err, i.State != nil)
			}
		}
	}
}

// A replacement because of another environment removes a token, too.
func TestReplacement_inUse(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	i := w.NewCore(nil).Resource(t, "prefactor_deployment_token")
	config := func(environment string) map[string]any {
		return map[string]any{"agent_id": w.Agent.ID, "environment_id": environment, "require_unused_for": "168h"}
	}
	apply(t, i, config(w.Staging.ID))
	ping(t, w, i.Text("token"))
	if _, err := i.Plan(t.Context(), config(w.Production.ID)); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("got %v", err)
	}
}

// The provider's own token, imported, has a successor: its retirement waits
// until the provider uses another one.
func TestRotation_importedOwn(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	i := w.NewCore(nil).Resource(t, "prefactor_api_token")
	must(t, i.Import(t.Context(), w.Admin.ID))
	config := map[string]any{"rotation": map[string]any{"triggers": map[string]any{"n": "1"}}}
	apply(t, i, config)
	w.Clock.Advance(25 * time.Hour)
	apply(t, i, config)
	if !i.Warned("still authenticates with this token") {
		t.Errorf("warnings: %v", i.Warnings)
	}
	settled(t, i, config)
	i.Use(w.NewCore(map[string]any{"api_token": i.Text("token")}))
	apply(t, i, config)
	must(t, statusOf(w, w.Admin.ID, "suspended"))
}

// That expires_at is no longer set is carried out once, whatever fails behind
// the new token.
func TestRotation_expiryRemovedOnce(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	i := w.NewCore(map[string]any{"max_retries": int64(0)}).Resource(t, "prefactor_api_token")
	with := map[string]any{"expires_at": w.Clock.Now().Add(2000 * time.Hour).Format(time.RFC3339), "rotation": map[string]any{"overlap": "0s"}}
	without := map[string]any{"rotation": map[string]any{"overlap": "0s"}}
	apply(t, i, with)
	w.Inject(emulator.Fault{Method: http.MethodPost, Path: "/api_token/:id/suspend", Kind: emulator.FaultStatus, Status: 503})
	if _, err := i.Run(t.Context(), without); err == nil {
		t.Fatal("the suspension did not fail")
	}
	id := i.Text("id")
	w.ClearFaults()
	apply(t, i, without)
	if i.Text("id") != id {
		t.Error("the token was rotated a second time")
	}
}

// An expired predecessor needs no suspension, which a platform may refuse.
func TestRetirement_expired(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	i := w.NewCore(nil).Resource(t, "prefactor_api_token")
	apply(t, i, rotated("0"))
	w.Clock.Advance(91 * 24 * time.Hour)
	apply(t, i, rotated("0"))
	w.Inject(emulator.Fault{Method: http.MethodPost, Path: "/api_token/:id/suspend", Kind: emulator.FaultStatus, Status: 409, Code: "invalid_action", Message: "expired"})
	w.Clock.Advance(25 * time.Hour)
	settled(t, i, rotated("0"))
	w.Clock.Advance(75 * time.Hour)
	apply(t, i, rotated("0"))
	if len(w.Others()) != 1 {
		t.Errorf("%d tokens are left", len(w.Others()))
	}
}

// A due step for the predecessor is told also where it is open whether the
// token is rotated.
func TestPlan_dueAndOpen(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	i := w.NewCore(nil).Resource(t, "prefactor_api_token")
	apply(t, i, rotated("0"))
	apply(t, i, rotated("1"))
	w.Clock.Advance(100 * time.Hour)
	open := rotated("1", func(_, r map[string]any) { r["triggers"] = unknownOf(tftypes.Map{ElementType: tftypes.String}) })
	_, err := i.Plan(t.Context(), open)
	must(t, err)
	if !i.Warned("will be revoked and deleted: its remove_at") || !i.Warned("depends on values that are known only during the apply") {
		t.Errorf("warnings: %v", i.Warnings)
	}
}

// What could not be checked before, because it was not known, is checked when
// the token is opened.
func TestEphemeral_checkedWhenOpened(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	s, err := w.NewCore(nil).Start(t.Context())
	must(t, err)
	if _, err := s.Open(t.Context(), "prefactor_api_token", map[string]any{"lifetime": "25h"}); err == nil || !strings.Contains(err.Error(), "Long-lived") {
		t.Errorf("got %v", err)
	}
	if n := len(w.Others()); n != 0 {
		t.Errorf("%d tokens were created", n)
	}
}

// A new token that cannot be used is revoked; that its record cannot be deleted is
// only a warning.
func TestRotation_inVainUndeletable(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	i := w.NewCore(map[string]any{"max_retries": int64(0)}).Resource(t, "prefactor_api_token")
	apply(t, i, rotated("0"))
	w.Inject(emulator.Fault{Method: http.MethodPost, Path: "/api_token", Kind: emulator.FaultMissingFields, Fields: []string{"token"}, Times: 1})
	w.Inject(emulator.Fault{Method: http.MethodDelete, Path: "/api_token/:id", Kind: emulator.FaultStatus, Status: 403})
	if _, err := i.Run(t.Context(), rotated("1")); err == nil || !strings.Contains(err.Error(), "The new token was revoked") || !i.Warned("could not be deleted") {
		t.Fatalf("got %v; warnings: %v", err, i.Warnings)
	}
	for _, k := range w.Others() {
		if k.ID != i.Text("id") {
			must(t, statusOf(w, k.ID, "revoked"))
		}
	}
	apply(t, i, rotated("1"))
	settled(t, i, rotated("1"))
}

// What a retirement has suspended can be switched on again also when the
// successor died, and when it was held and released meanwhile.
func TestRotation_wayBack(t *testing.T) {
	t.Parallel()
	keep := func(_, r map[string]any) { r["keep_previous"] = true }
	off := func(c, _ map[string]any) { c["status"] = "suspended" }
	for name, between := range map[string]func(w *acctest.World, i *acctest.Instance){
		"dead": func(w *acctest.World, i *acctest.Instance) {
			must(t, w.Revoke(i.Text("id")))
			apply(t, i, rotated("1"))
		},
		"held and released": func(_ *acctest.World, i *acctest.Instance) {
			apply(t, i, rotated("1", keep, off))
			apply(t, i, rotated("1", off))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, emulator.Variant{})
			i := w.NewCore(nil).Resource(t, "prefactor_api_token")
			apply(t, i, rotated("0"))
			first := i.Text("id")
			apply(t, i, rotated("1"))
			w.Clock.Advance(25 * time.Hour)
			apply(t, i, rotated("1"))
			must(t, statusOf(w, first, "suspended"))
			between(w, i)
			must(t, statusOf(w, first, "suspended"))
			apply(t, i, rotated("1", keep))
			must(t, statusOf(w, first, "active"))
			settled(t, i, rotated("1", keep))
		})
	}
}

// An expired predecessor authenticates nobody: to keep it holds nothing up, and
// it is not switched on, which a platform may refuse.
func TestRotation_keptAndExpired(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	w := acctest.NewWorld(t, emulator.Variant{})
	i := w.NewCore(nil).Resource(t, "prefactor_api_token")
	with := func(n string, keep bool) map[string]any {
		return rotated(n, func(_, r map[string]any) { r["suspend_for"], r["keep_previous"] = "2000h", keep })
	}
	apply(t, i, with("0", false))
	first := i.Text("id")
	w.Clock.Advance(70 * day)
	apply(t, i, with("1", false))
	w.Clock.Advance(25 * time.Hour)
	apply(t, i, with("1", false))
	must(t, statusOf(w, first, "suspended"))
	w.Clock.Advance(25 * day)
	w.Inject(emulator.Fault{Method: http.MethodPost, Path: "/api_token/:id/activate", Kind: emulator.FaultStatus, Status: 409, Code: "invalid_action", Message: "expired"})
	apply(t, i, with("1", true))
	settled(t, i, with("1", true))
	id := i.Text("id")
	w.Clock.Advance(51 * day)
	apply(t, i, with("1", true))
	if i.Text("id") == id || !w.Authenticates(i.Text("token")) {
		t.Errorf("rotated: %v; warnings: %v", i.Text("id") != id, i.Warnings)
	}
	if _, there := w.Token(first); there {
		t.Error("the expired one is still there")
	}
}

// An expired token is as good as suspended, which a platform may refuse.
func TestDestroy_suspendExpired(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	i := w.NewCore(nil).Resource(t, "prefactor_api_token")
	apply(t, i, map[string]any{"lifetime": "24h", "deletion_policy": "suspend"})
	id := i.Text("id")
	w.Inject(emulator.Fault{Method: http.MethodPost, Path: "/api_token/:id/suspend", Kind: emulator.FaultStatus, Status: 409, Code: "invalid_action", Message: "refused"})
	if _, err := i.Run(t.Context(), nil); err == nil {
		t.Error("a living token was left alone")
	}
	w.Clock.Advance(25 * time.Hour)
	apply(t, i, nil)
	if !i.Warned(id) {
		t.Errorf("warnings: %v", i.Warnings)
	}
}
