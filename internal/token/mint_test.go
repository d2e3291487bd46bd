package token_test

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/provider"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// onCreate is a fault of the creates of tokens.
func onCreate(f emulator.Fault) emulator.Fault {
	f.Method, f.Path = http.MethodPost, "/api_token"
	return f
}

// createsOne wants a create to succeed, and nothing but its token to be at the
// platform.
func createsOne(t *testing.T, w *acctest.World, i *acctest.Instance, config map[string]any) {
	t.Helper()
	if _, err := i.Run(t.Context(), config); err != nil {
		t.Error(err)
	}
	if text := said(i); text != "" {
		t.Errorf("said: %s", text)
	}
	if others := w.Others(); len(others) != 1 || others[0].ID != i.Text("id") {
		t.Errorf("%d tokens are at the platform: %+v; the state has %q", len(others), others, i.Text("id"))
	}
}

// A create whose response is lost, on platforms that treat a repeated
// idempotency key in each of the ways.
func TestLostCreate(t *testing.T) {
	t.Parallel()
	for _, replay := range []string{"first", "used", "second"} {
		for name, config := range map[string]map[string]any{
			"lifetime":   {"lifetime": "100h"},
			"expires_at": {"expires_at": "2099-01-01T00:00:00Z"},
			"nothing":    {},
		} {
			for fault, times := range map[emulator.FaultKind]int{emulator.FaultCutAfter: 1, emulator.FaultStatusAfter: 0, emulator.FaultTruncatedJSON: 0, emulator.FaultCutBody: 1} {
				t.Run(fmt.Sprintf("%s, %s, %d", replay, name, fault), func(t *testing.T) {
					t.Parallel()
					w := acctest.NewWorld(t, emulator.Variant{Replay: replay})
					stranger, _ := w.AddToken(emulator.TokenSpec{Scope: "account", AccountID: w.Account.ID, ExpiresAt: w.Clock.Now().Add(100 * time.Hour)})
					w.Inject(emulator.Fault{Method: "POST", Path: "/api_token", Kind: fault, Status: 502, Times: times})
					token := w.NewCore(map[string]any{"max_retries": int64(1)}).Resource(t, "prefactor_api_token")
					_, err := token.Run(t.Context(), config)
					if got, _ := w.Token(stranger.ID); got.Status != "active" {
						t.Fatalf("the token of others is %q", got.Status)
					}
					var unknown []string
					for _, k := range w.Others() {
						if k.ID != stranger.ID && k.ID != token.Text("id") && k.Status != "revoked" {
							unknown = append(unknown, k.ID)
						}
					}
					if name == "lifetime" && len(unknown) > 0 {
						t.Errorf("left behind: %v, %v", unknown, err)
					}
					// What may be ours is named.
					text := said(token)
					if err != nil {
						text += err.Error()
					}
					for _, id := range unknown {
						if !strings.Contains(text, id) {
							t.Errorf("token %s is left behind and not named: %s", id, text)
						}
					}
				})
			}
		}
	}
}

// A lost create is reconciled also in an account in which tokens are created all
// the time, as in an apply of many.
func TestLostCreate_busyAccount(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{Replay: "second"})
	add := func() {
		w.AddToken(emulator.TokenSpec{Scope: "account", AccountID: w.Account.ID, ExpiresAt: w.Clock.Now().Add(100*time.Hour + 123456*time.Microsecond)})
	}
	for range 250 {
		add()
	}
	var strangers atomic.Int64
	strangers.Store(250)
	w.Watch(func(r emulator.Request) {
		if r.Method == http.MethodGet && strings.HasSuffix(r.Path, "/api_token") {
			strangers.Add(1)
			add()
		}
	})
	w.Inject(emulator.Fault{Method: "POST", Path: "/api_token", Kind: emulator.FaultCutAfter, Times: 1})
	token := w.NewCore(nil).Resource(t, "prefactor_api_token")
	if _, err := token.Run(t.Context(), map[string]any{"lifetime": "100h"}); err != nil {
		t.Fatal(err)
	}
	if got, want := len(w.Others()), int(strangers.Load())+1; got != want {
		t.Errorf("%d tokens are at the platform, not %d", got, want)
	}
	// There is nothing to warn of: the others have a mark of their own.
	if text := said(token); text != "" {
		t.Errorf("said: %s", text)
	}
}

// A repeated idempotency key that was used proves that the first attempt was
// carried out, whatever the response to that attempt was.
func TestLostCreate_keyUsed(t *testing.T) {
	t.Parallel()
	keyUsed := []byte(`{"status":"error","code":"idempotency_key_already_used","message":"the key was used"}`)
	for name, first := range map[string]emulator.Fault{
		"cut": {Kind: emulator.FaultCutAfter}, "502": {Kind: emulator.FaultStatusAfter, Status: 502}, "429": {Kind: emulator.FaultStatusAfter, Status: 429},
	} {
		for _, status := range []int{400, 409, 422} {
			t.Run(fmt.Sprintf("%d after %s", status, name), func(t *testing.T) {
				t.Parallel()
				w := acctest.NewWorld(t, emulator.Variant{})
				fault := onCreate(first)
				fault.Times = 1
				w.Inject(fault)
				w.Inject(onCreate(emulator.Fault{Kind: emulator.FaultRaw, Status: status, Body: keyUsed, Times: 1}))
				createsOne(t, w, w.NewCore(nil).Resource(t, "prefactor_api_token"), map[string]any{"lifetime": "100h"})
			})
		}
	}
}

// The token of a create whose key was used may be missing in the list for a
// while. The error says that there is one where it stays missing.
func TestLostCreate_keyUsedAndLagging(t *testing.T) {
	t.Parallel()
	for late, succeeds := range map[int]bool{1: true, 2: true, 99: false} {
		w := acctest.NewWorld(t, emulator.Variant{})
		w.Inject(onCreate(emulator.Fault{Kind: emulator.FaultCutAfter, Times: 1}))
		w.Inject(onCreate(emulator.Fault{Kind: emulator.FaultRaw, Status: 409, Body: []byte(`{"status":"error","code":"idempotency_key_already_used","message":"used"}`), Times: 1}))
		w.Inject(emulator.Fault{Method: http.MethodGet, Path: "/api_token", Kind: emulator.FaultLaggingList, For: time.Hour, Times: late})
		token := w.NewCore(nil).Resource(t, "prefactor_api_token")
		if succeeds {
			createsOne(t, w, token, map[string]any{"lifetime": "100h"})
			continue
		}
		if _, err := token.Run(t.Context(), map[string]any{"lifetime": "100h"}); err == nil || !strings.Contains(err.Error(), "A token was created, but its value was lost") {
			t.Errorf("got %v", err)
		}
	}
}

// The response to a create that is not the API's own, such as a proxy's page,
// says nothing of what became of it.
func TestLostCreate_proxyPages(t *testing.T) {
	t.Parallel()
	for _, status := range pages {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, emulator.Variant{})
			w.Inject(onCreate(emulator.Fault{Kind: emulator.FaultHTMLAfter, Status: status, Times: 1}))
			createsOne(t, w, w.NewCore(nil).Resource(t, "prefactor_api_token"), map[string]any{"lifetime": "100h"})
			w = acctest.NewWorld(t, emulator.Variant{})
			w.Inject(onCreate(emulator.Fault{Kind: emulator.FaultHTMLAfter, Status: status}))
			token := w.NewCore(map[string]any{"max_retries": int64(1)}).Resource(t, "prefactor_api_token")
			if _, err := token.Run(t.Context(), map[string]any{"lifetime": "100h"}); err == nil || len(w.Others()) > 0 {
				t.Errorf("%d tokens are left after %v", len(w.Others()), err)
			}
		})
	}
}

// behind is a list that shows a token only some time after its creation.
type behind struct {
	tfkit.API

	by      time.Duration
	created *atomic.Int64
}

func (b behind) CreateToken(ctx context.Context, n prefactor.NewToken) (prefactor.CreatedToken, error) {
	defer func() { b.created.Store(time.Now().UnixNano()) }()
	return b.API.CreateToken(ctx, n)
}

func (b behind) TokensSince(ctx context.Context, accountID string, since time.Time) ([]prefactor.Token, error) {
	if time.Since(time.Unix(0, b.created.Load())) < b.by {
		return nil, nil
	}
	return b.API.TokensSince(ctx, accountID, since)
}

// A second token is found after a success as well where the list is behind.
func TestLostCreate_listBehind(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{Replay: "second"})
	w.Inject(onCreate(emulator.Fault{Kind: emulator.FaultCutAfter, Times: 1}))
	core := w.NewCore(nil, provider.WithRetryWait(time.Millisecond, 300*time.Millisecond), provider.WithAPI(func(a tfkit.API) tfkit.API {
		return behind{a, 200 * time.Millisecond, &atomic.Int64{}}
	}))
	createsOne(t, w, core.Resource(t, "prefactor_api_token"), map[string]any{"lifetime": "100h"})
}

// A list that does not show the new token either proves nothing about a second one.
func TestLostCreate_listFarBehind(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{Replay: "second"})
	w.Inject(onCreate(emulator.Fault{Kind: emulator.FaultCutAfter, Times: 1}))
	i := w.NewCore(nil, provider.WithAPI(func(a tfkit.API) tfkit.API {
		return behind{a, time.Hour, &atomic.Int64{}}
	})).Resource(t, "prefactor_api_token")
	_, err := i.Run(t.Context(), map[string]any{"lifetime": "100h"})
	must(t, err)
	warned(t, i, "Token "+i.Text("id")+" may have a duplicate")
}

// Terraform shows one of several warnings with the same summary: each duplicate
// is named all the same.
func TestLostCreate_eachNamed(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{Replay: "second"})
	w.Inject(onCreate(emulator.Fault{Kind: emulator.FaultCutAfter, Times: 1}))
	w.Inject(onCreate(emulator.Fault{Kind: emulator.FaultCutAfter, Skip: 2, Times: 5}))
	c := w.NewCLI(t, "resource \"prefactor_api_token\" \"many\" {\n count = 6\n expires_at = \"2099-01-01T0${count.index}:00:00Z\"\n}\n")
	out, err := c.Run(t, "apply", "-auto-approve")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	known := map[string]bool{}
	for _, id := range stateIDs(t, c.Dir) {
		known[id] = true
	}
	duplicates := 0
	for _, k := range w.Others() {
		if known[k.ID] {
			continue
		}
		duplicates++
		if !strings.Contains(out, k.ID) {
			t.Errorf("duplicate %s is not named", k.ID)
		}
	}
	if duplicates != 6 {
		t.Errorf("%d duplicates, not 6:\n%s", duplicates, out)
	}
}

// Lists need not have agent_id: what is lost is found by environment and expiry,
// and tokens of other agents are told apart by their deployment.
func TestLostCreate_withoutAgentID(t *testing.T) {
	t.Parallel()
	for _, expiry := range []string{"lifetime", "expires_at"} {
		t.Run(expiry, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, emulator.Variant{AgentID: "absent", Replay: "second"})
			at := w.Clock.Now().Add(100 * time.Hour).Truncate(time.Second)
			stranger, _ := w.AddToken(emulator.TokenSpec{Scope: "agent_deployment", AccountID: w.Account.ID, AgentID: w.OtherAgent.ID, EnvironmentID: w.Production.ID, ExpiresAt: at})
			w.Inject(onCreate(emulator.Fault{Kind: emulator.FaultStatusAfter, Status: 502}))
			token := w.NewCore(map[string]any{"max_retries": int64(0)}).Resource(t, "prefactor_deployment_token")
			config := map[string]any{"agent_id": w.Agent.ID, "environment_id": w.Production.ID, "lifetime": "100h"}
			if expiry == "expires_at" {
				delete(config, "lifetime")
				config["expires_at"] = at.Format(time.RFC3339)
			}
			_, err := token.Run(t.Context(), config)
			if err == nil || strings.Contains(err.Error(), stranger.ID) {
				t.Errorf("got %v", err)
			}
			must(t, statusOf(w, stranger.ID, "active"))
			for _, k := range w.Others() {
				if k.ID != stranger.ID && (expiry == "lifetime" || !strings.Contains(err.Error(), k.ID)) {
					t.Errorf("token %s is left behind: %v", k.ID, err)
				}
			}
		})
	}
}

// What is lost is found however the platform sorts its list, on whichever page.
func TestLostCreate_everySorting(t *testing.T) {
	t.Parallel()
	for _, sorting := range []string{"", "bare", "structured", "none"} {
		for _, agentID := range []string{"", "details", "absent"} {
			for _, replay := range []string{"used", "second"} {
				t.Run(fmt.Sprintf("sorting %q, agent_id %q, replay %s", sorting, agentID, replay), func(t *testing.T) {
					t.Parallel()
					w := acctest.NewWorld(t, emulator.Variant{Sorting: sorting, AgentID: agentID, Replay: replay})
					const strangers = 150
					for range strangers {
						w.AddToken(emulator.TokenSpec{
							Scope: "agent_deployment", AccountID: w.Account.ID, AgentID: w.Agent.ID, EnvironmentID: w.Production.ID,
							ExpiresAt: w.Clock.Now().Add(100*time.Hour + 123456*time.Microsecond),
						})
						w.Clock.Advance(time.Minute)
					}
					w.Inject(onCreate(emulator.Fault{Kind: emulator.FaultCutAfter, Times: 1}))
					token := w.NewCore(nil).Resource(t, "prefactor_deployment_token")
					if _, err := token.Run(t.Context(), map[string]any{"agent_id": w.Agent.ID, "environment_id": w.Production.ID, "lifetime": "100h"}); err != nil {
						t.Fatal(err)
					}
					if n := len(w.Others()); n != strangers+1 || said(token) != "" || !w.Authenticates(token.Text("token")) {
						t.Errorf("%d tokens are at the platform; said: %s", n, said(token))
					}
				})
			}
		}
	}
}

// A lifetime that was counted from a wrong clock is counted again, whichever
// responses have told the time.
func TestCreate_wrongClock(t *testing.T) {
	t.Parallel()
	for _, skew := range []time.Duration{time.Hour, -time.Hour} {
		for _, replay := range []string{"first", "second"} {
			for name, f := range map[string]emulator.Fault{"plain": {}, "cut": {Kind: emulator.FaultCutAfter, Times: 1}, "502": {Kind: emulator.FaultStatusAfter, Status: 502, Times: 1}} {
				t.Run(fmt.Sprint(skew, replay, name), func(t *testing.T) {
					t.Parallel()
					w := acctest.NewWorld(t, emulator.Variant{Replay: replay})
					w.Inject(onCreate(f))
					token := w.NewCore(nil, provider.WithClock(func() time.Time { return w.Clock.Now().Add(skew) })).Resource(t, "prefactor_api_token")
					createsOne(t, w, token, map[string]any{"lifetime": "30m"})
					if made := w.Others(); len(made) == 1 && made[0].ExpiresAt.Sub(w.Clock.Now()).Round(time.Minute) != 30*time.Minute {
						t.Errorf("a lifetime of half an hour is counted from the wrong clock: %+v", made)
					}
				})
			}
		}
	}
}
