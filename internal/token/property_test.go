package token_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

// life drives one rotating token through whatever may happen to it, and checks
// after each apply what must always hold:
//
//	(a) a consumer that reads the value after each apply holds one that
//	    authenticates, unless it is suspended: by the configuration, or by someone
//	    outside whom the configuration does not contradict,
//	(b) each living token that the provider made is in the state,
//	(c) at most two are alive,
//	(d) the plan after an apply is empty, but for the removal of a predecessor
//	    that has neither overlap nor suspension,
//	(e) where the configuration says suspended, none authenticates,
//	(f) where it says nothing, no token is activated or suspended, but that the
//	    schedule suspends a predecessor, and keep_previous activates it again.
type life struct {
	t      *testing.T
	w      *acctest.World
	token  *acctest.Instance
	config map[string]any
	trail  []string
	// retimed tells that before_expiry has changed, which counts from the first
	// refresh after the apply.
	retimed bool
}

func (l *life) note(format string, args ...any) {
	l.trail = append(l.trail, fmt.Sprintf(format, args...))
}

func (l *life) rotation() map[string]any { return l.config["rotation"].(map[string]any) }

// apply runs Terraform once. It may fail when there are faults; what must
// hold even then is checked either way.
func (l *life) apply(rt *rapid.T, faulty bool) {
	before := map[string]string{}
	for _, t := range l.w.Others() {
		before[t.ID] = t.Status
	}
	action, err := l.token.Run(l.t.Context(), l.config)
	l.note("apply: %s %v", action, err)
	if err != nil && !faulty {
		rt.Fatalf("apply failed: %v\n%v", err, l.trail)
	}
	l.checkAlive(rt)
	if err != nil {
		return
	}
	id, status := l.token.Text("id"), l.config["status"]
	left := status == nil && before[id] == "suspended"
	if !l.w.Authenticates(l.token.Text("token")) && status != "suspended" && !left {
		rt.Fatalf("(a) the value in the state does not authenticate\n%v", l.trail)
	}
	for _, t := range l.w.Others() {
		if status == "suspended" && t.Status == "active" && l.w.Clock.Now().Before(t.ExpiresAt) {
			rt.Fatalf("(e) token %s is active\n%v", t.ID, l.trail)
		}
	}
	if now, _ := l.w.Token(id); status == nil && before[id] != "" && now.Status != before[id] {
		rt.Fatalf("(f) token %s was %s and is %s\n%v", id, before[id], now.Status, l.trail)
	}
}

// checkAlive compares the living tokens at the platform with the state.
func (l *life) checkAlive(rt *rapid.T) {
	alive := 0
	for _, t := range l.w.Others() {
		if t.Status == "revoked" {
			continue
		}
		alive++
		if t.ID != l.token.Text("id") && t.ID != l.token.Nested("previous", "id") {
			rt.Fatalf("(b) token %s is %s at the platform and not in the state\n%v", t.ID, t.Status, l.trail)
		}
	}
	if alive > 2 {
		rt.Fatalf("(c) %d tokens are alive\n%v", alive, l.trail)
	}
}

func (l *life) checkEmpty(rt *rapid.T) {
	if l.rotation()["overlap"] == "0s" && l.rotation()["suspend_for"] == "0s" {
		l.apply(rt, false)
	}
	p, err := l.token.Plan(l.t.Context(), l.config)
	if err != nil {
		rt.Fatalf("(d) the plan after an apply fails: %v\n%v", err, l.trail)
	}
	if p.Action != acctest.NoOp {
		rt.Fatalf("(d) the plan after an apply is %s: %s\n%v", p.Action, said(l.token), l.trail)
	}
}

// breakable are requests that may fail. A create whose answer is lost is a
// matter of its own; here it fails before anything was made.
var breakable = []emulator.Fault{
	{Method: "POST", Path: "/api_token", Kind: emulator.FaultStatus, Status: 500},
	{Method: "POST", Path: "/api_token", Kind: emulator.FaultStatus, Status: 422, Code: "invalid_value", Message: "too many tokens"},
	{Method: "POST", Path: "/api_token/:id/suspend", Kind: emulator.FaultStatus, Status: 500},
	{Method: "POST", Path: "/api_token/:id/suspend", Kind: emulator.FaultCutAfter},
	{Method: "POST", Path: "/api_token/:id/activate", Kind: emulator.FaultCutBefore},
	{Method: "POST", Path: "/api_token/:id/revoke", Kind: emulator.FaultStatus, Status: 409},
	{Method: "POST", Path: "/api_token/:id/revoke", Kind: emulator.FaultCutAfter},
	{Method: "DELETE", Path: "/api_token/:id", Kind: emulator.FaultStatus, Status: 503},
	{Method: "DELETE", Path: "/api_token/:id", Kind: emulator.FaultCutAfter},
	{Method: "GET", Path: "/api_token/:id", Kind: emulator.FaultStatus, Status: 502, Skip: 1},
	{Method: "GET", Path: "/api_token/:id", Kind: emulator.FaultHTML, Status: 404},
}

func TestRotation_property(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := acctest.NewWorld(t, emulator.Variant{})
		defer w.Close()
		l := &life{
			t: t, w: w, token: w.NewCore(map[string]any{"max_retries": int64(1)}).Resource(t, "prefactor_api_token"),
			config: map[string]any{"lifetime": "2160h", "rotation": map[string]any{
				"before_expiry": "336h", "overlap": "24h", "suspend_for": "72h", "triggers": map[string]any{"n": "0"},
			}},
		}
		l.apply(rt, false)
		l.checkEmpty(rt)
		hours := rapid.IntRange(1, 2500)
		for range rapid.IntRange(5, 15).Draw(rt, "steps") {
			switch rapid.SampledFrom([]string{"wait", "wait", "wait", "use", "trigger", "durations", "keep", "status", "elsewhere", "fault", "crash", "late", "late without a refresh", "late with other durations"}).Draw(rt, "step") {
			case "wait":
				d := time.Duration(hours.Draw(rt, "hours")) * time.Hour
				l.note("wait %s", d)
				w.Clock.Advance(d)
			case "use":
				secret := rapid.SampledFrom(w.Secrets()).Draw(rt, "value")
				l.note("use of a value that works: %t", w.Authenticates(secret))
				if w.Authenticates(secret) {
					ping(t, w, secret)
				}
			case "trigger":
				n := rapid.StringMatching(`[a-c]`).Draw(rt, "trigger")
				l.note("trigger %s", n)
				l.rotation()["triggers"] = map[string]any{"n": n}
			case "durations":
				l.durations(rt)
			case "keep":
				keep := rapid.Bool().Draw(rt, "keep")
				l.note("keep %t", keep)
				l.rotation()["keep_previous"] = keep
			case "status":
				l.config["status"] = rapid.SampledFrom([]any{nil, "active", "suspended"}).Draw(rt, "status")
				l.note("status %v", l.config["status"])
			case "elsewhere":
				l.elsewhere(rt)
			case "fault":
				f := rapid.SampledFrom(breakable).Draw(rt, "fault")
				f.Times = rapid.IntRange(1, 3).Draw(rt, "times")
				l.note("fault %+v", f)
				w.Inject(f)
				l.apply(rt, true)
				w.ClearFaults()
			case "crash":
				// The plan was made, and the apply never came.
				_, err := l.token.Plan(t.Context(), l.config)
				l.note("planned only: %v", err)
			case "late":
				l.late(rt, l.token.Plan, time.Duration(hours.Draw(rt, "late by"))*time.Hour)
			case "late without a refresh":
				l.late(rt, l.token.PlanWithoutRefresh, time.Duration(hours.Draw(rt, "late by"))*time.Hour)
			case "late with other durations":
				l.durations(rt)
				l.late(rt, l.token.Plan, time.Duration(rapid.IntRange(1, 30*24).Draw(rt, "late by"))*time.Hour)
			}
			l.apply(rt, false)
			if l.retimed {
				l.apply(rt, false)
			}
			l.retimed = false
			l.checkEmpty(rt)
		}
		l.config = nil
		if _, err := l.token.Run(t.Context(), nil); err != nil {
			rt.Fatalf("destroy failed: %v\n%v", err, l.trail)
		}
		if left := w.Others(); len(left) != 0 {
			rt.Fatalf("the destroy left %+v\n%v", left, l.trail)
		}
	})
}

// elsewhere is someone in the admin page.
func (l *life) elsewhere(rt *rapid.T) {
	id := l.token.Text("id")
	if previous := l.token.Nested("previous", "id"); previous != "" && rapid.Bool().Draw(rt, "previous") {
		id = previous
	}
	act := rapid.SampledFrom([]string{"suspend", "activate", "revoke", "delete"}).Draw(rt, "elsewhere")
	l.note("elsewhere: %s %s", act, id)
	// What is not legal is refused, and changes nothing.
	switch act {
	case "suspend":
		_ = l.w.Suspend(id)
	case "activate":
		_ = l.w.Activate(id)
	case "revoke":
		_ = l.w.Revoke(id)
	case "delete":
		_ = l.w.DeleteToken(id)
	}
}

func (l *life) durations(rt *rapid.T) {
	l.rotation()["overlap"] = rapid.SampledFrom([]any{"0s", "1h", "336h", nil}).Draw(rt, "overlap")
	l.rotation()["suspend_for"] = rapid.SampledFrom([]any{"0s", "1h", "1000h", nil}).Draw(rt, "suspend_for")
	l.rotation()["before_expiry"] = rapid.SampledFrom([]any{"336h", "1000h"}).Draw(rt, "before_expiry")
	l.rotation()["spread"] = rapid.SampledFrom([]any{nil, "48h"}).Draw(rt, "spread")
	l.rotation()["retire_when_unused_for"] = rapid.SampledFrom([]any{nil, "1h", "24h", "300h"}).Draw(rt, "retire_when_unused_for")
	l.rotation()["max_overlap"] = nil
	if l.rotation()["retire_when_unused_for"] != nil {
		l.rotation()["max_overlap"] = rapid.SampledFrom([]any{nil, "336h"}).Draw(rt, "max_overlap")
	}
	l.config["lifetime"] = rapid.SampledFrom([]any{"2160h", "1500h"}).Draw(rt, "lifetime")
	l.retimed = true
	l.note("durations %v", l.config)
}

// late applies a saved plan when time has passed: it does what it said.
func (l *life) late(rt *rapid.T, plan func(context.Context, map[string]any) (*acctest.Plan, error), by time.Duration) {
	p, err := plan(l.t.Context(), l.config)
	if err != nil {
		rt.Fatalf("plan failed: %v\n%v", err, l.trail)
	}
	l.w.Clock.Advance(by)
	err = l.token.Apply(l.t.Context(), p)
	l.note("late by %s: %s %v", by, p.Action, err)
	if err != nil {
		rt.Fatalf("a saved plan, applied %s later, failed: %v\n%v", by, err, l.trail)
	}
	l.checkAlive(rt)
}
