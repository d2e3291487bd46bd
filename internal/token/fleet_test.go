package token_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

const (
	stillInUse = "Previous API token is still in use"
	notInUse   = "API token is rotated but the new value is not in use"
)

// watched is a rotation that looks at the use of the previous token.
func watched(n string, more ...func(config, rotation map[string]any)) map[string]any {
	return rotated(n, append([]func(config, rotation map[string]any){func(_, r map[string]any) { r["retire_when_unused_for"] = "24h" }}, more...)...)
}

func maxOverlap(d string) func(_, r map[string]any) {
	return func(_, r map[string]any) { r["max_overlap"] = d }
}

// years is a token that is applied each day, while a consumer uses it each hour
// that the test looks at.
type years struct {
	t        *testing.T
	w        *acctest.World
	i        *acctest.Instance
	config   map[string]any
	consumer string
	// rotations counts the new tokens, and outages the days on which the value of
	// the consumer does not work.
	rotations, outages int
}

func newYears(t *testing.T, config map[string]any) *years {
	t.Helper()
	if testing.Short() {
		t.Skip("thousands of applies one after the other show nothing about concurrency")
	}
	w := acctest.NewWorld(t, emulator.Variant{})
	y := &years{t: t, w: w, i: w.NewCore(nil).Resource(t, "prefactor_api_token"), config: config}
	apply(t, y.i, config)
	y.consumer = y.i.Text("token")
	return y
}

// day lets a day pass, with a use of the consumer's value and a scheduled apply
// that must not fail, and whose second plan is empty. An apply without changes
// has shown that already.
func (y *years) day() {
	y.t.Helper()
	y.w.Clock.Advance(day)
	if y.w.Authenticates(y.consumer) {
		ping(y.t, y.w, y.consumer)
	} else {
		y.outages++
	}
	before := y.i.Text("id")
	action := apply(y.t, y.i, y.config)
	if y.i.Text("id") != before {
		y.rotations++
	}
	if action == acctest.NoOp {
		return
	}
	said := y.i.Warnings
	settled(y.t, y.i, y.config)
	y.i.Warnings = said
}

// A consumer that loads the new value a week after each rotation never fails:
// the suspension waits for it, and lasts its full time then.
func TestFleet_lateConsumer(t *testing.T) {
	t.Parallel()
	y := newYears(t, watched("0"))
	var rotated, suspended time.Time
	waits := 0
	for range 3 * 365 {
		rotations, status := y.rotations, y.i.Nested("previous", "status")
		y.day()
		now := y.w.Clock.Now()
		if y.rotations > rotations {
			rotated, suspended = now, time.Time{}
		}
		if y.i.Warned(stillInUse) {
			waits++
			if !y.i.Warned("was last used at " + now.UTC().Format("2006-01-02T15:04:")) {
				t.Fatalf("the last use is not named: %s", said(y.i))
			}
		}
		if after := y.i.Nested("previous", "status"); after == "suspended" && status == "active" {
			if suspended = now; now.Sub(rotated) < 8*day {
				t.Errorf("suspended %s after the rotation", now.Sub(rotated))
			}
		}
		if y.i.Nested("previous", "id") == "" && status == "suspended" && now.Sub(suspended) < 3*day {
			t.Errorf("removed %s after the suspension", now.Sub(suspended))
		}
		if now.Sub(rotated) == 7*day {
			y.consumer = y.i.Text("token")
		}
	}
	if y.outages > 0 || y.rotations < 13 || waits < 6*y.rotations {
		t.Errorf("%d days without a value that works, %d rotations, %d warnings", y.outages, y.rotations, waits)
	}
	if n := len(y.w.Others()); n > 2 {
		t.Errorf("%d tokens are left", n)
	}
}

// A consumer that never loads a new value works until the first one expires, or
// for max_overlap. No apply fails, and the rotations go on.
func TestFleet_consumerNeverComes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config   map[string]any
		from, to time.Duration // when the value stops working
		requires bool
	}{
		"its expiry":              {watched("0"), 90 * day, 91 * day, false},
		"max_overlap":             {watched("0", maxOverlap("10d")), 86 * day, 88 * day, false},
		"require_unused_for":      {watched("0", func(c, _ map[string]any) { c["require_unused_for"] = "7d" }), 90 * day, 91 * day, false},
		"only require_unused_for": {rotated("0", func(c, _ map[string]any) { c["require_unused_for"] = "30d" }), 77 * day, 79 * day, true},
		"no suspension":           {watched("0", func(_, r map[string]any) { r["suspend_for"] = "0s" }), 90 * day, 91 * day, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			y := newYears(t, c.config)
			began := y.w.Clock.Now()
			stopped := time.Duration(0)
			for range 2 * 365 {
				y.day()
				if y.outages == 1 && stopped == 0 {
					stopped = y.w.Clock.Now().Sub(began)
				}
				if y.i.Warned(stillInUse) && y.outages > 0 && !c.requires {
					t.Fatalf("after it has stopped: %s", said(y.i))
				}
			}
			if stopped < c.from || stopped > c.to {
				t.Errorf("the value works for %s", stopped)
			}
			if y.rotations < 8 {
				t.Errorf("%d rotations", y.rotations)
			}
			if n := len(y.w.Others()); n > 2 {
				t.Errorf("%d tokens are left", n)
			}
		})
	}
}

// A token that nobody uses is suspended at the end of its overlap.
func TestFleet_unused(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	i := w.NewCore(nil).Resource(t, "prefactor_api_token")
	apply(t, i, watched("0"))
	apply(t, i, watched("1"))
	w.Clock.Advance(25 * time.Hour)
	apply(t, i, watched("1"))
	if status := i.Nested("previous", "status"); status != "suspended" || i.Warned(notInUse) {
		t.Errorf("the previous token is %s: %s", status, said(i))
	}
}

// The apply looks again: a use since the plan postpones the step, too.
func TestFleet_usedAfterPlan(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config func(n string) map[string]any
		wait   time.Duration
		status string
	}{
		"suspension": {func(n string) map[string]any { return watched(n) }, 25 * time.Hour, "active"},
		"new argument": {func(n string) map[string]any {
			return rotated(n, func(_, r map[string]any) { r["retire_when_unused_for"] = "23h" })
		}, 25 * time.Hour, "active"},
		"removal": {func(n string) map[string]any {
			return rotated(n, func(c, r map[string]any) { c["require_unused_for"], r["suspend_for"] = "1h", "0s" })
		}, 25 * time.Hour, "active"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, emulator.Variant{})
			i := w.NewCore(nil).Resource(t, "prefactor_api_token")
			first := rotated("0")
			if name != "new argument" {
				first = c.config("0")
			}
			apply(t, i, first)
			old := i.Text("token")
			first["rotation"].(map[string]any)["triggers"] = map[string]any{"n": "1"}
			apply(t, i, first)
			if name == "new argument" {
				ping(t, w, old)
			}
			w.Clock.Advance(c.wait)
			p, err := i.Plan(t.Context(), c.config("1"))
			if err != nil || p.Action != acctest.Update {
				t.Fatalf("%v, %v", p, err)
			}
			ping(t, w, old)
			if err := i.Apply(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			if status := i.Nested("previous", "status"); status != c.status || !i.Warned(stillInUse) {
				t.Errorf("the previous token is %q: %s", status, said(i))
			}
			settled(t, i, c.config("1"))
		})
	}
}

// What a person wants now does not wait for the consumers.
func TestFleet_notPostponed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(c, r map[string]any)
		status string
	}{
		"overlap of zero":  {func(_, r map[string]any) { r["overlap"] = "0s" }, "suspended"},
		"status suspended": {func(c, _ map[string]any) { c["status"] = "suspended" }, "suspended"},
		"no longer asked":  {func(_, r map[string]any) { delete(r, "retire_when_unused_for") }, "suspended"},
		"a new trigger":    {func(_, r map[string]any) { r["triggers"] = map[string]any{"n": "2"} }, "active"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, emulator.Variant{})
			i := w.NewCore(nil).Resource(t, "prefactor_api_token")
			apply(t, i, watched("0"))
			old, oldID := i.Text("token"), i.Text("id")
			apply(t, i, watched("1"))
			w.Clock.Advance(25 * time.Hour)
			ping(t, w, old)
			settled(t, i, watched("1"))
			if !i.Warned(stillInUse) {
				t.Fatal("not postponed")
			}
			apply(t, i, watched("1", c.change))
			if status := i.Nested("previous", "status"); status != c.status {
				t.Errorf("the previous token is %q", status)
			}
			if name == "a new trigger" && i.Nested("previous", "id") == oldID {
				t.Error("not rotated")
			}
		})
	}
}

// A rotation that is due because of time does not remove a previous token that
// is in use, and does not fail either.
func TestFleet_rotationWaits(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(c, r map[string]any){
		"retire_when_unused_for": func(_, r map[string]any) { r["retire_when_unused_for"] = "24h" },
		"require_unused_for":     func(c, _ map[string]any) { c["require_unused_for"] = "200h" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, emulator.Variant{})
			i := w.NewCore(nil).Resource(t, "prefactor_api_token")
			config := func(n, lifetime string) map[string]any {
				return rotated(n, change, func(c, r map[string]any) { c["lifetime"], r["before_expiry"], r["overlap"] = lifetime, "48h", "48h" })
			}
			apply(t, i, config("0", "2160h"))
			old := i.Text("token")
			apply(t, i, config("0", "72h"))
			id := i.Text("id")
			w.Clock.Advance(25 * time.Hour)
			ping(t, w, old)
			settled(t, i, config("0", "72h"))
			if !i.Warned("Rotation waits for the previous token") || i.Text("id") != id {
				t.Errorf("%s", said(i))
			}
		})
	}
}

// Half of the overlap is over, and only the old value is in use.
func TestFleet_newValueNotInUse(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		variant  emulator.Variant
		old, new bool // in use
		after    time.Duration
		warns    bool
	}{
		"not delivered":      {emulator.Variant{}, true, false, 13 * time.Hour, true},
		"first half":         {emulator.Variant{}, true, false, 11 * time.Hour, false},
		"delivered":          {emulator.Variant{}, true, true, 13 * time.Hour, false},
		"never used":         {emulator.Variant{}, false, false, 13 * time.Hour, false},
		"no last use at all": {emulator.Variant{NoLastUsed: true}, true, false, 13 * time.Hour, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, c.variant)
			i := w.NewCore(nil).Resource(t, "prefactor_api_token")
			apply(t, i, rotated("0"))
			if c.old {
				ping(t, w, i.Text("token"))
			}
			apply(t, i, rotated("1"))
			if c.new {
				ping(t, w, i.Text("token"))
			}
			w.Clock.Advance(c.after)
			for range 2 {
				settled(t, i, rotated("1"))
				if i.Warned(notInUse) != c.warns {
					t.Errorf("%s", said(i))
				}
			}
			if c.warns && !i.Warned("was never used. The previous token") {
				t.Errorf("%s", said(i))
			}
		})
	}
}

// Looking at the use costs no request, and a refresh changes the state only when
// a step is due.
func TestFleet_quiet(t *testing.T) {
	t.Parallel()
	requests := map[bool]int{}
	for _, watches := range []bool{false, true} {
		w := acctest.NewWorld(t, emulator.Variant{})
		i := w.NewCore(nil).Resource(t, "prefactor_api_token")
		config := func(n string) map[string]any {
			if watches {
				return watched(n, func(c, _ map[string]any) { c["require_unused_for"] = "7d" })
			}
			return rotated(n)
		}
		apply(t, i, config("0"))
		old := i.Text("token")
		apply(t, i, config("1"))
		w.Clock.Advance(20 * time.Hour)
		must(t, i.Refresh(t.Context()))
		private := i.Private()
		ping(t, w, old)
		w.ResetRequests()
		must(t, i.Refresh(t.Context()))
		if i.Private() != private {
			t.Errorf("a use changed the private data: %s", i.Private())
		}
		w.Clock.Advance(10 * time.Hour)
		must(t, i.Refresh(t.Context()))
		if changed := i.Private() != private; !changed {
			t.Error("the end of the overlap is not noted")
		}
		requests[watches] = len(w.Requests())
	}
	if requests[true] != requests[false] {
		t.Errorf("%d requests, %d without looking at the use", requests[true], requests[false])
	}
}

// A fleet that was created in one apply is rotated over the time of spread, each
// token at its rotate_at: earlier than before_expiry, never later.
func TestFleet_spread(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("hundreds of applies one after the other show nothing about concurrency")
	}
	const size = 200
	w := acctest.NewWorld(t, emulator.Variant{})
	core := w.NewCore(nil)
	config := rotated("0", func(_, r map[string]any) { r["spread"] = "240h" })
	var fleet []*acctest.Instance
	for range size {
		i := core.Resource(t, "prefactor_api_token")
		apply(t, i, config)
		fleet = append(fleet, i)
	}
	latest := w.Clock.Now().Add(90*day - 14*day)
	for round := range 3 {
		var times []time.Time
		for _, i := range fleet {
			at, err := time.Parse(time.RFC3339Nano, i.Text("rotate_at"))
			expires, _ := time.Parse(time.RFC3339Nano, i.Text("expires_at"))
			if err != nil || at.After(expires.Add(-14*day)) || !at.After(expires.Add(-24*day)) {
				t.Fatalf("rotate_at is %s, expires_at %s", i.Text("rotate_at"), i.Text("expires_at"))
			}
			times = append(times, at)
		}
		slices.SortFunc(times, time.Time.Compare)
		if round == 0 {
			if times[size-1].After(latest.Add(time.Second)) {
				t.Errorf("the last one at %s, want %s at the latest", times[size-1], latest)
			}
			// With 200 tokens in ten days, about 20 are expected on each.
			for d := range 10 {
				from := latest.Add(-time.Duration(d+1) * day)
				n := 0
				for _, at := range times {
					if !at.Before(from) && at.Before(from.Add(day)) {
						n++
					}
				}
				if n < 5 || n > 45 {
					t.Errorf("%d tokens on day %d", n, d)
				}
			}
		}
		// Ten of the fleet are followed over the years.
		fleet = fleet[:10]
		slices.SortFunc(fleet, func(a, b *acctest.Instance) int { return strings.Compare(a.Text("rotate_at"), b.Text("rotate_at")) })
		for _, i := range fleet {
			at, _ := time.Parse(time.RFC3339Nano, i.Text("rotate_at"))
			w.Clock.Advance(at.Add(-time.Second).Sub(w.Clock.Now()))
			before := i.Text("id")
			apply(t, i, config) // It removes what an earlier rotation has left to be removed.
			if i.Text("id") != before {
				t.Fatalf("rotated before %s: %s", at, said(i))
			}
			w.Clock.Advance(2 * time.Second)
			apply(t, i, config)
			if i.Text("id") == before {
				t.Fatalf("not rotated at %s: %s", at, said(i))
			}
			settled(t, i, config)
		}
	}
}

func TestRotation_rotateAt(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	i := w.NewCore(nil).Resource(t, "prefactor_api_token")
	at := func(before time.Duration) string {
		expires, err := time.Parse(time.RFC3339Nano, i.Text("expires_at"))
		must(t, err)
		return expires.Add(-before).Format(time.RFC3339Nano)
	}
	run := func(want func() string, config map[string]any) {
		t.Helper()
		apply(t, i, config)
		if i.Text("rotate_at") != want() {
			t.Errorf("rotate_at is %q, want %q", i.Text("rotate_at"), want())
		}
		settled(t, i, config)
	}
	none := func() string { return "" }
	run(none, map[string]any{"lifetime": "2160h"})
	run(func() string { return at(14 * day) }, rotated("0"))
	run(func() string { return at(20 * day) }, rotated("0", func(_, r map[string]any) { r["before_expiry"] = "20d" }))
	run(func() string { return at(20 * day) }, rotated("1", func(_, r map[string]any) { r["before_expiry"] = "20d" }))
	run(none, rotated("1", func(_, r map[string]any) { delete(r, "before_expiry") }))
	run(none, rotated("1", func(c, _ map[string]any) { delete(c, "lifetime"); c["expires_at"] = i.Text("expires_at") }))
}

func TestRotation_contradictions(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	for name, c := range map[string]struct {
		rotation map[string]any
		at       string
	}{
		"waits longer than max_overlap":   {map[string]any{"before_expiry": "14d", "retire_when_unused_for": "8d", "max_overlap": "7d"}, "retire_when_unused_for"},
		"waits longer than before_expiry": {map[string]any{"before_expiry": "14d", "retire_when_unused_for": "15d"}, "retire_when_unused_for"},
		"waits longer than the lifetime":  {map[string]any{"triggers": map[string]any{"n": "1"}, "retire_when_unused_for": "91d"}, "retire_when_unused_for"},
		"max_overlap alone":               {map[string]any{"before_expiry": "14d", "max_overlap": "7d"}, "max_overlap"},
		"max_overlap below overlap":       {map[string]any{"before_expiry": "14d", "retire_when_unused_for": "1h", "overlap": "3d", "max_overlap": "2d"}, "max_overlap"},
		"max_overlap below the default":   {map[string]any{"before_expiry": "14d", "retire_when_unused_for": "1h", "max_overlap": "12h"}, "max_overlap"},
		"max_overlap beyond the expiry":   {map[string]any{"before_expiry": "14d", "retire_when_unused_for": "1h", "max_overlap": "15d"}, "max_overlap"},
		"spread alone":                    {map[string]any{"triggers": map[string]any{"n": "1"}, "spread": "1d"}, "spread"},
		"spread beyond the lifetime":      {map[string]any{"before_expiry": "14d", "spread": "76d"}, "spread"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := w.NewCore(nil).Resource(t, "prefactor_api_token")
			_, err := i.Plan(t.Context(), map[string]any{"lifetime": "90d", "rotation": c.rotation})
			if err == nil || !strings.Contains(err.Error(), "Durations contradict each other") || !strings.Contains(err.Error(), "rotation."+c.at) {
				t.Errorf("got %v", err)
			}
		})
	}
	fits := map[string]any{"lifetime": "90d", "rotation": map[string]any{
		"before_expiry": "14d", "spread": "75d", "overlap": "1d", "retire_when_unused_for": "7d", "max_overlap": "14d",
	}}
	if _, err := w.NewCore(nil).Resource(t, "prefactor_api_token").Plan(t.Context(), fits); err != nil {
		t.Error(err)
	}
}

// A suspension before the end of the overlap does not bring the removal forward.
func TestFleet_suspendedEarly(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	i := w.NewCore(nil).Resource(t, "prefactor_api_token")
	config := func(n string, more ...func(c, r map[string]any)) map[string]any {
		return watched(n, append(more, func(_, r map[string]any) { r["suspend_for"] = "0s" })...)
	}
	apply(t, i, config("0"))
	apply(t, i, config("1"))
	removeAt := i.Nested("previous", "remove_at")
	suspended := config("1", func(c, _ map[string]any) { c["status"] = "suspended" })
	apply(t, i, suspended)
	if status, at := i.Nested("previous", "status"), i.Nested("previous", "remove_at"); status != "suspended" || at != removeAt {
		t.Errorf("the previous token is %s until %s, want %s", status, at, removeAt)
	}
	settled(t, i, suspended)
}

// Terraform shows each warning once, however many tokens it is about.
func TestFleet_oneWarning(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	config := func(n string) string {
		return fmt.Sprintf(`
resource "prefactor_api_token" "many" {
  count    = 3
  lifetime = "90d"
  rotation = {
    triggers               = { n = %q }
    overlap                = "24h"
    retire_when_unused_for = "24h"
  }
}
`, n)
	}
	c := w.NewCLI(t, config("1"))
	c.MustRun(t, "apply", "-auto-approve")
	for _, secret := range w.Secrets() {
		ping(t, w, secret)
	}
	old := w.Secrets()
	c.Write(t, config("2"))
	c.MustRun(t, "apply", "-auto-approve")
	w.Clock.Advance(25 * time.Hour)
	for _, secret := range old {
		ping(t, w, secret)
	}
	out := c.MustRun(t, "plan", "-detailed-exitcode")
	for _, title := range []string{stillInUse, notInUse} {
		if n := strings.Count(out, "Warning: "+title); n != 1 {
			t.Errorf("%q is there %d times:\n%s", title, n, out)
		}
	}
}
