package token_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/provider"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

const (
	isOwn      = "itself authenticates with this token: without it"
	isOpen     = "cannot be determined"
	openAtPlan = "Cannot rule out that the provider locks itself out"
)

// eachProbe runs something before each request of a probe, as time and other
// users of the account would. The last use of a hidden token stays as it was.
func eachProbe(between func(), hidden string) provider.Option {
	return provider.WithAPI(func(a tfkit.API) tfkit.API { return probing{a, between, hidden} })
}

type probing struct {
	tfkit.API

	between func()
	hidden  string
}

func (p probing) Tokens(ctx context.Context, accountID string) ([]prefactor.Token, error) {
	p.between()
	rows, err := p.API.Tokens(ctx, accountID)
	for i := range rows {
		rows[i] = p.hide(rows[i])
	}
	return rows, err
}

func (p probing) LatestToken(ctx context.Context, id string) (prefactor.Token, error) {
	p.between()
	t, err := p.API.LatestToken(ctx, id)
	return p.hide(t), err
}

func (p probing) hide(t prefactor.Token) prefactor.Token {
	if t.ID == p.hidden {
		t.LastUsedAt = prefactor.Null[prefactor.Timestamp]()
	}
	return t
}

// The provider's own token is not revoked, whatever the platform shows of last
// uses, and what cannot be distinguished from it is rejected as well.
func TestOwn(t *testing.T) {
	t.Parallel()
	opaque := emulator.Variant{OpaqueTokens: true}
	for name, c := range map[string]struct {
		variant emulator.Variant
		// between happens before each list; busy is the value of an account token.
		between func(t *testing.T, w *acctest.World, busy string)
		fault   *emulator.Fault
		// own, busy and idle are what is said of the destruction of each.
		own, busy, idle string
	}{
		"named by its value": {own: isOwn},
		"named, no last use": {variant: emulator.Variant{NoLastUsed: true}, own: isOwn},
		"named, others busy": {between: useBusy, own: isOwn},
		"opaque":             {variant: opaque, own: isOwn},
		"others busy":        {variant: opaque, between: useBusy, own: isOpen, busy: isOpen},
		"no last use":        {variant: emulator.Variant{OpaqueTokens: true, NoLastUsed: true}, own: isOpen, busy: isOpen, idle: isOpen},
		// A minute ago the other token was in use, and the provider's was not.
		"last use lags": {variant: emulator.Variant{OpaqueTokens: true, LastUsedLag: time.Minute}, between: useBusyForLong, own: isOpen, busy: isOpen, idle: isOpen},
		"empty list": {
			variant: opaque, own: isOpen, busy: isOpen, idle: isOpen,
			fault: &emulator.Fault{Method: http.MethodGet, Path: "/api_token", Kind: emulator.FaultRaw, Status: 200, Body: []byte(`{"status":"success","summaries":[],"pagination":null,"sorting":null}`), Header: http.Header{"Content-Type": {"application/json"}}},
		},
		"list fails": {
			variant: opaque, own: "HTTP 500", busy: "HTTP 500", idle: "HTTP 500",
			fault: &emulator.Fault{Method: http.MethodGet, Path: "/api_token", Kind: emulator.FaultStatus, Status: 500},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, c.variant)
			busy, value := w.AddToken(emulator.TokenSpec{Scope: "account", AccountID: w.Account.ID})
			idle, _ := w.AddToken(emulator.TokenSpec{Scope: "account", AccountID: w.Account.ID})
			block := map[string]any{"max_retries": 0}
			core := w.NewCore(block)
			if c.between != nil {
				core = w.NewCore(block, eachProbe(func() { c.between(t, w, value) }, ""))
			}
			if c.between != nil {
				for range 90 {
					c.between(t, w, value)
				}
			}
			for _, k := range []struct {
				token emulator.Token
				says  string
			}{{w.Admin, c.own}, {busy, c.busy}, {idle, c.idle}} {
				i := core.Resource(t, "prefactor_api_token")
				must(t, i.Import(t.Context(), k.token.ID))
				if c.fault != nil {
					w.Inject(*c.fault)
				}
				p, err := i.Plan(t.Context(), nil)
				if k.says == isOwn {
					want(t, err, k.says)
					w.ClearFaults()
					continue
				}
				must(t, err)
				if got, expected := i.Warned(openAtPlan), k.says == isOpen; got != expected {
					t.Errorf("whether the plan warns is %t: %s", got, said(i))
				}
				err = i.Apply(t.Context(), p)
				want(t, err, k.says)
				if err != nil {
					must(t, statusOf(w, k.token.ID, "active"))
				}
				if k.says == isOpen {
					want(t, err, `allow_self_lockout = true`)
				}
				w.ClearFaults()
			}
			must(t, statusOf(w, w.Admin.ID, "active"))
		})
	}
}

// Another token in regular use is not taken for the provider's own, whose last
// use the platform does not show.
func TestOwn_hiddenAndOthersBusy(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{OpaqueTokens: true})
	_, value := w.AddToken(emulator.TokenSpec{Scope: "account", AccountID: w.Account.ID})
	n := 0
	core := w.NewCore(nil, eachProbe(func() {
		n++
		w.Clock.Advance(time.Second)
		ping(t, w, value)
		w.Clock.Advance([]time.Duration{100 * time.Millisecond, 1300 * time.Millisecond, 700 * time.Millisecond, 300 * time.Millisecond}[n%4])
	}, w.Admin.ID))
	i := core.Resource(t, "prefactor_api_token")
	must(t, i.Import(t.Context(), w.Admin.ID))
	_, err := i.Run(t.Context(), nil)
	want(t, err, isOpen)
	must(t, statusOf(w, w.Admin.ID, "active"))
}

func useBusy(t *testing.T, w *acctest.World, value string) {
	t.Helper()
	ping(t, w, value)
}

func useBusyForLong(t *testing.T, w *acctest.World, value string) {
	t.Helper()
	w.Clock.Advance(time.Second)
	ping(t, w, value)
}

// A Date that is a day ahead, in each response, is no reason to revoke the
// provider's own token.
func TestOwn_wrongDate(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{OpaqueTokens: true})
	i := w.NewCore(nil).Resource(t, "prefactor_api_token")
	must(t, i.Import(t.Context(), w.Admin.ID))
	w.Inject(emulator.Fault{Kind: emulator.FaultDate, For: 24 * time.Hour})
	if _, err := i.Run(t.Context(), nil); err == nil {
		t.Error("the destroy of the provider's own token succeeds")
	}
	must(t, statusOf(w, w.Admin.ID, "active"))
}

// What cannot be determined is possible on purpose.
func TestOwn_allowed(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{OpaqueTokens: true, NoLastUsed: true})
	idle, _ := w.AddToken(emulator.TokenSpec{Scope: "account", AccountID: w.Account.ID})
	i := w.NewCore(map[string]any{"allow_self_lockout": true}).Resource(t, "prefactor_api_token")
	must(t, i.Import(t.Context(), idle.ID))
	_, err := i.Run(t.Context(), nil)
	must(t, err)
	must(t, w.NothingLeft(nil))
}

// The digests of the values are lost with the private state: an encrypted token
// of unknown value may be the provider's own.
func TestOwn_privateStateLost(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{OpaqueTokens: true, NoLastUsed: true})
	i := w.NewCore(nil).Resource(t, "prefactor_api_token")
	_, err := i.Run(t.Context(), map[string]any{"recipients": []any{newIdentity(t).Recipient().String()}})
	must(t, err)
	secrets := w.Secrets()
	i.Use(w.NewCore(map[string]any{"api_token": secrets[len(secrets)-1]}))
	i.Tainted = true // Its destruction gets no private state.
	_, err = i.Run(t.Context(), nil)
	want(t, err, isOpen+"|"+isOwn)
	must(t, statusOf(w, i.Text("id"), "active"))
}

// The previous token of a rotation, of unknown value, stays while it cannot be
// determined whether it is the provider's own, and goes when it can.
func TestOwn_previous(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{OpaqueTokens: true, NoLastUsed: true})
	old, _ := w.AddToken(emulator.TokenSpec{Scope: "account", AccountID: w.Account.ID})
	i := w.NewCore(nil).Resource(t, "prefactor_api_token")
	must(t, i.Import(t.Context(), old.ID))
	config := map[string]any{"rotation": map[string]any{"triggers": map[string]any{"first": "1"}, "overlap": "1h"}}
	_, err := i.Run(t.Context(), config)
	must(t, err)
	w.Clock.Advance(2 * time.Hour)
	p, err := i.Plan(t.Context(), config)
	must(t, err)
	if !i.Warned(openAtPlan) {
		t.Errorf("the plan does not warn: %s", said(i))
	}
	want(t, i.Apply(t.Context(), p), isOpen)
	must(t, statusOf(w, old.ID, "active"))
	i.Use(w.NewCore(map[string]any{"allow_self_lockout": true}))
	_, err = i.Run(t.Context(), config)
	must(t, err)
	must(t, statusOf(w, old.ID, "suspended"))
}

// What cannot be determined is found out once for a fleet, and warned of once.
func TestOwn_fleet(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{OpaqueTokens: true, NoLastUsed: true})
	var config strings.Builder
	for i := range 12 {
		idle, _ := w.AddToken(emulator.TokenSpec{Scope: "account", AccountID: w.Account.ID})
		config.WriteString(importBlock(fmt.Sprintf("prefactor_api_token.t%d", i), idle.ID) + fmt.Sprintf("resource \"prefactor_api_token\" \"t%d\" {}\n", i))
	}
	c := w.NewCLI(t, config.String())
	c.MustRun(t, "apply", "-auto-approve")
	w.ResetRequests()
	out := c.MustRun(t, "plan", "-destroy")
	// Two for the reads.
	if n := lists(w, "api_token"); n > 2+3 {
		t.Errorf("the tokens were listed %d times", n)
	}
	if n := strings.Count(out, "Warning: "+openAtPlan); n != 1 {
		t.Errorf("the plan warns %d times in\n%s", n, out)
	}
}
