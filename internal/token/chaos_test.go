package token_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/provider"
)

// The chaos suite: each operation with each fault, at each of its requests in
// turn, once and from there on; then an apply without faults. With
// PREFACTOR_CHAOS=full it takes all of these, else one of them for each fault.
// Whatever happened,
//
//  1. each token of ours that works is in the state,
//  2. no token of others was changed,
//  3. no secret is in an error or a warning,
//  4. the plan after the last apply is empty, and
//  5. a wrong Date makes no difference at all.
//
// An ephemeral token is in no state: it is revoked when it is closed, else when
// the process exits, else it expires. The error of a failed close names it.

// theFaults are faults of any request.
var theFaults = map[string]emulator.Fault{
	"429":                 {Kind: emulator.FaultStatus, Status: 429},
	"429, Retry-After":    {Kind: emulator.FaultStatus, Status: 429, RetryAfter: "0"},
	"500":                 {Kind: emulator.FaultStatus, Status: 500},
	"503":                 {Kind: emulator.FaultStatus, Status: 503},
	"504 after commit":    {Kind: emulator.FaultStatusAfter, Status: 504},
	"500 after commit":    {Kind: emulator.FaultStatusAfter, Status: 500},
	"HTML 502":            {Kind: emulator.FaultHTML, Status: 502},
	"HTML 503 after":      {Kind: emulator.FaultHTMLAfter, Status: 503},
	"HTML 200":            {Kind: emulator.FaultHTML, Status: 200},
	"HTML 404":            {Kind: emulator.FaultHTML, Status: 404},
	"403":                 {Kind: emulator.FaultStatus, Status: 403, Code: "not_permitted"},
	"404":                 {Kind: emulator.FaultStatus, Status: 404, Code: "not_found"},
	"404 of a router":     {Kind: emulator.FaultRouter},
	"409":                 {Kind: emulator.FaultStatus, Status: 409, Code: "invalid_action"},
	"422":                 {Kind: emulator.FaultStatus, Status: 422, Code: "invalid_value"},
	"cut before commit":   {Kind: emulator.FaultCutBefore},
	"cut after commit":    {Kind: emulator.FaultCutAfter},
	"cut in the body":     {Kind: emulator.FaultCutBody},
	"truncated JSON":      {Kind: emulator.FaultTruncatedJSON},
	"wrong types":         {Kind: emulator.FaultWrongTypes},
	"no id, no status":    {Kind: emulator.FaultMissingFields, Fields: []string{"id", "status"}},
	"no times":            {Kind: emulator.FaultMissingFields, Fields: []string{"expires_at", "inserted_at", "last_used_at"}},
	"empty body":          {Kind: emulator.FaultEmptyBody},
	"no details":          {Kind: emulator.FaultNoDetails},
	"not there yet":       {Kind: emulator.FaultNotYet, For: time.Hour, Times: 2},
	"lagging list":        {Kind: emulator.FaultLaggingList, For: time.Minute},
	"slow-loris":          {Kind: emulator.FaultSlowBody, Latency: time.Minute},
	"10 MB":               {Kind: emulator.FaultBigBody},
	"redirect elsewhere":  {Kind: emulator.FaultRedirect, Location: "https://elsewhere.invalid/"},
	"latency and nothing": {Kind: emulator.FaultLatency, Latency: time.Millisecond},
	wrongDate:             {Kind: emulator.FaultDate, For: 30 * 24 * time.Hour, Times: 1},
}

// wrongDate is one response whose Date is a month ahead.
const wrongDate = "Date in a month"

// pages are the statuses with which a proxy answers creates by a page of its own.
var pages = []int{301, 302, 303, 307, 308, 400, 401, 403, 404, 405, 407, 408, 410, 413, 418, 429, 451}

// operation is something that Terraform does, from a prepared state on.
type operation struct {
	// prepare makes the state that the operation starts from, without faults.
	prepare func(c *chaos) error
	// config is what is applied then, and once more when the faults are over;
	// nil destroys.
	config map[string]any
	// run replaces the plain apply.
	run func(c *chaos) error
	// lifetime is that of an ephemeral token; 0 where there is none.
	lifetime time.Duration
	// unclosed tells that Terraform does not close it, as after a failed run.
	unclosed bool
}

func rotatingConfig(n string) map[string]any {
	return map[string]any{"lifetime": "2160h", "rotation": map[string]any{
		"before_expiry": "336h", "overlap": "24h", "suspend_for": "72h", "triggers": map[string]any{"n": n},
	}}
}

func applied(config map[string]any) func(c *chaos) error {
	return func(c *chaos) error { return c.apply(config) }
}

func (c *chaos) apply(config map[string]any) error {
	_, err := c.token.Run(c.ctx, config)
	return err
}

func rotatedThen(wait time.Duration) func(c *chaos) error {
	return func(c *chaos) error {
		for _, n := range []string{"1", "2"} {
			if err := c.apply(rotatingConfig(n)); err != nil {
				return err
			}
		}
		c.w.Clock.Advance(wait)
		return nil
	}
}

var operations = map[string]operation{
	"create":               {config: map[string]any{"lifetime": "100h"}},
	"create suspended":     {config: map[string]any{"lifetime": "100h", "status": "suspended"}},
	"suspend":              {prepare: applied(map[string]any{"lifetime": "100h"}), config: map[string]any{"lifetime": "100h", "status": "suspended"}},
	"activate":             {prepare: applied(map[string]any{"lifetime": "100h", "status": "suspended"}), config: map[string]any{"lifetime": "100h", "status": "active"}},
	"replace":              {prepare: applied(map[string]any{"lifetime": "100h"}), config: map[string]any{"lifetime": "200h"}},
	"rotate":               {prepare: applied(rotatingConfig("1")), config: rotatingConfig("2")},
	"rotate again":         {prepare: rotatedThen(0), config: rotatingConfig("3")},
	"retire by suspending": {prepare: rotatedThen(25 * time.Hour), config: rotatingConfig("2")},
	"retire for good":      {prepare: rotatedThen(97 * time.Hour), config: rotatingConfig("2")},
	"destroy":              {prepare: applied(map[string]any{"lifetime": "100h"})},
	"destroy both":         {prepare: rotatedThen(0)},
	"ephemeral":            {run: openAndClose(true), lifetime: 15 * time.Minute},
	"ephemeral, unclosed":  {run: openAndClose(false), lifetime: 15 * time.Minute, unclosed: true},
	"import": {
		config: map[string]any{},
		run: func(c *chaos) error {
			if err := c.token.Import(c.ctx, c.existing.ID); err != nil {
				return err
			}
			return c.apply(map[string]any{})
		},
		prepare: func(c *chaos) error {
			c.existing, _ = c.w.AddToken(emulator.TokenSpec{Scope: "account", AccountID: c.w.Account.ID})
			return nil
		},
	},
}

// openAndClose is a run with an ephemeral token, to the end of its process.
func openAndClose(closes bool) func(c *chaos) error {
	return func(c *chaos) error {
		atExit := &provider.AtExit{}
		defer func() {
			ctx, cancel := context.WithTimeout(c.ctx, 10*time.Second)
			defer cancel()
			atExit.Run(ctx)
		}()
		s, err := c.w.NewCore(c.block, provider.WithAtExit(atExit)).Start(c.ctx)
		if err != nil {
			return err
		}
		o, err := s.Open(c.ctx, "prefactor_api_token", map[string]any{"lifetime": "15m"})
		if err != nil {
			return err
		}
		for _, secret := range c.w.Secrets() {
			if bytes.Contains(o.Private, []byte(secret)) {
				return errors.New("a secret is in the private data")
			}
		}
		if !closes {
			return nil
		}
		return o.Close(c.ctx)
	}
}

// chaos is one combination on its way.
type chaos struct {
	ctx      context.Context //nolint:containedctx // It is the test's, for the helpers of one combination.
	w        *acctest.World
	block    map[string]any
	token    *acctest.Instance
	existing emulator.Token
	others   []emulator.Token
	said     strings.Builder
	// forGood tells that the fault hit every request, those that would settle
	// a lost create among them; faulty that there was one at all.
	forGood, faulty bool
}

func newChaos(t *testing.T, o operation, f emulator.Fault) *chaos {
	t.Helper()
	w := acctest.NewWorld(t, emulator.Variant{})
	block := map[string]any{"max_retries": int64(2)}
	c := &chaos{ctx: t.Context(), w: w, block: block, token: w.NewCore(block).Resource(t, "prefactor_api_token")}
	// Others' tokens, of which some look like ours could.
	for range 2 {
		k, _ := w.AddToken(emulator.TokenSpec{Scope: "account", AccountID: w.Account.ID, ExpiresAt: w.Clock.Now().Add(100 * time.Hour)})
		c.others = append(c.others, k)
	}
	if o.prepare != nil {
		if err := o.prepare(c); err != nil {
			t.Fatal(err)
		}
	}
	w.ResetRequests()
	if f.Kind == emulator.FaultSlowBody {
		c.use(map[string]any{"max_retries": int64(2), "request_timeout": "400ms"})
	}
	return c
}

// use goes on with another provider block.
func (c *chaos) use(block map[string]any) {
	c.block = block
	c.token.Use(c.w.NewCore(block))
}

func (c *chaos) perform(o operation) error {
	var err error
	if o.run != nil {
		err = o.run(c)
	} else {
		err = c.apply(o.config)
	}
	if err != nil {
		c.said.WriteString(err.Error())
	}
	c.said.WriteString(said(c.token))
	return err
}

// outcome is what became of all tokens: their statuses and lifetimes.
func (c *chaos) outcome() string {
	var all []string
	for _, k := range c.w.Others() {
		all = append(all, k.Status+" for "+k.ExpiresAt.Sub(k.InsertedAt).Round(time.Minute).String())
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// check wants the invariants to hold.
func (c *chaos) check(o operation) error {
	ours := map[string]bool{c.token.Text("id"): true, c.token.Nested("previous", "id"): true}
	strangers := map[string]emulator.Token{}
	for _, k := range c.others {
		strangers[k.ID] = k
	}
	for _, k := range c.w.Others() {
		was, stranger := strangers[k.ID]
		switch {
		case stranger && k.Status != was.Status:
			return fmt.Errorf("2: a token of others is %s", k.Status)
		case stranger, ours[k.ID], k.Status == "revoked", k.ID == c.existing.ID && c.token.State == nil:
		case c.forGood && strings.Contains(c.said.String(), "Whether a token was created could not be determined"):
			// Nothing could be asked any more, and the error says so.
		case c.dies(o, k):
		default:
			return fmt.Errorf("1: token %s is %s and in no state", k.ID, k.Status)
		}
		delete(strangers, k.ID)
	}
	if len(strangers) > 0 {
		return fmt.Errorf("2: tokens of others are gone: %v", slices.Collect(maps.Keys(strangers)))
	}
	for _, secret := range c.w.Secrets() {
		if strings.Contains(c.said.String(), secret) {
			return fmt.Errorf("3: a secret was said: %s", c.said.String())
		}
	}
	p, err := c.token.Plan(c.ctx, o.config)
	if err != nil {
		return fmt.Errorf("4: the plan after the clean apply fails: %w", err)
	}
	if p.Action != acctest.NoOp {
		return fmt.Errorf("4: the plan after the clean apply is %s: %s", p.Action, said(c.token))
	}
	return nil
}

// dies tells that nothing but its lifetime is left to end an ephemeral token,
// and that it does: where the close failed for good, whoever reads the error
// knows of the token; where there was no close, the end of the process had one
// chance.
func (c *chaos) dies(o operation, k emulator.Token) bool {
	named := c.forGood && strings.Contains(c.said.String(), k.ID)
	return o.lifetime > 0 && ((o.unclosed && c.faulty) || named) && k.ExpiresAt.Sub(k.InsertedAt) < o.lifetime+time.Second
}

func TestChaos(t *testing.T) {
	t.Parallel()
	var combinations, failed atomic.Int64
	var mu sync.Mutex
	table := map[string]int{}
	t.Run("operations", func(t *testing.T) {
		for name, o := range operations {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				plain := newChaos(t, o, emulator.Fault{})
				if err := plain.perform(o); err != nil {
					t.Fatal(err)
				}
				requests := plain.w.Requests()
				want := plain.outcome()
				if err := plain.check(o); err != nil {
					t.Fatal(err)
				}
				cases := map[string]emulator.Fault{}
				positions := map[string][]hit{}
				for name, f := range theFaults {
					cases[name], positions[name] = f, hits(len(requests), f)
				}
				creates := slices.DeleteFunc(requests, func(r emulator.Request) bool {
					return r.Method != http.MethodPost || !strings.HasSuffix(r.Path, "/api_token")
				})
				for _, status := range pages {
					name, f := fmt.Sprintf("create, HTML %d after", status), onCreate(emulator.Fault{Kind: emulator.FaultHTMLAfter, Status: status})
					if len(creates) > 0 {
						cases[name], positions[name] = f, hits(len(creates), f)
					}
				}
				// Most of the time is waiting for time-outs.
				var group errgroup.Group
				group.SetLimit(4)
				for fault, f := range cases {
					chosen := positions[fault]
					if os.Getenv("PREFACTOR_CHAOS") != "full" {
						// One of them for every fourth fault, others in each run: make chaos
						// runs them all.
						if rand.IntN(4) > 0 { //nolint:gosec // Any will do.
							continue
						}
						chosen = chosen[rand.IntN(len(chosen)):][:1] //nolint:gosec // Any will do.
					}
					for _, h := range chosen {
						combinations.Add(1)
						group.Go(func() error {
							if ended := combine(t, o, fault, f, h, want); ended != nil {
								failed.Add(1)
							}
							return nil
						})
					}
				}
				_ = group.Wait() // The errors were reported to the test.
				mu.Lock()
				table[name] = len(requests)
				mu.Unlock()
			})
		}
	})
	t.Logf("%d combinations of %d operations and %d faults, of which %d operations failed at first", combinations.Load(), len(operations), len(theFaults), failed.Load())
	for _, name := range slices.Sorted(maps.Keys(table)) {
		t.Logf("  %-22s %2d requests x %d faults, once and for good", name, table[name], len(theFaults))
	}
}

// hit is where a fault strikes: from which request on, and how often; 0 is always.
type hit struct{ at, times int }

func hits(requests int, f emulator.Fault) []hit {
	var all []hit
	for at := range requests {
		if f.Times > 0 {
			all = append(all, hit{at, f.Times})
			continue
		}
		all = append(all, hit{at, 1}, hit{at, 0})
	}
	return all
}

// combine runs one combination. It gives the error of the operation itself,
// which may fail under a fault.
func combine(t *testing.T, o operation, name string, f emulator.Fault, h hit, want string) error {
	t.Helper()
	at, times := h.at, h.times
	c := newChaos(t, o, f)
	defer c.w.Close()
	f.Skip, f.Times = at, times
	c.forGood, c.faulty = f.Times == 0, true
	c.w.Inject(f)
	err := c.perform(o)
	c.w.ClearFaults()
	// On a busy machine, a response without a fault takes longer than that of the
	// slow-loris may.
	c.use(map[string]any{"max_retries": int64(2)})
	c.w.Clock.Advance(acctest.Later)
	if errAgain := c.perform(o); errAgain != nil && (o.run == nil || o.lifetime > 0) {
		// One more: a plan may have been made from what a fault had said.
		errAgain = c.perform(o)
		if errAgain != nil {
			t.Errorf("%s at request %d, times %d: the clean apply fails: %v; first it was %v", name, at, times, errAgain, err)
			return err
		}
	}
	broken := c.check(o)
	if broken == nil && name == wrongDate && (err != nil || o.run == nil && c.outcome() != want) {
		broken = fmt.Errorf("5: the outcome is %s, not %s", c.outcome(), want)
	}
	if broken != nil {
		t.Errorf("%s at request %d, times %d: %v; the operation ended with %v", name, at, times, broken, err)
	}
	return err
}

// An hour of difference between the clocks, either way, changes nothing.
func TestChaos_clockSkew(t *testing.T) {
	t.Parallel()
	for _, skew := range []time.Duration{time.Hour, -time.Hour} {
		t.Run(skew.String(), func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, emulator.Variant{Replay: "second"})
			core := w.NewCore(nil, provider.WithClock(func() time.Time { return w.Clock.Now().Add(skew) }))
			short := core.Resource(t, "prefactor_api_token")
			if _, err := short.Run(t.Context(), map[string]any{"lifetime": "30m"}); err != nil {
				t.Errorf("a lifetime of half an hour: %v", err)
			}
			if made := w.Others(); len(made) != 1 || made[0].ExpiresAt.Sub(w.Clock.Now()).Round(time.Minute) != 30*time.Minute {
				t.Errorf("a lifetime of half an hour is counted from the wrong clock: %+v", made)
			}
			if _, err := short.Run(t.Context(), nil); err != nil {
				t.Error(err)
			}
			token := core.Resource(t, "prefactor_api_token")
			config := rotatingConfig("1")
			for _, wait := range []time.Duration{0, 77 * 24 * time.Hour, 25 * time.Hour, 73 * time.Hour} {
				w.Clock.Advance(wait)
				if _, err := token.Run(t.Context(), config); err != nil {
					t.Fatal(err)
				}
				if p, err := token.Plan(t.Context(), config); err != nil || p.Action != acctest.NoOp {
					t.Errorf("the second plan is %+v, %v", p, err)
				}
			}
			w.Inject(emulator.Fault{Method: "POST", Path: "/api_token", Kind: emulator.FaultCutAfter, Times: 1})
			if _, err := token.Run(t.Context(), rotatingConfig("2")); err != nil {
				t.Fatal(err)
			}
			if n := len(w.Others()); n != 2 {
				t.Errorf("%d tokens are at the platform, not 2", n)
			}
		})
	}
}

// With a wrong address or credentials of another account, nothing is removed
// from the state, and nothing is created again.
func TestChaos_wrongAddress(t *testing.T) {
	t.Parallel()
	for _, typeName := range []string{"prefactor_api_token", "prefactor_deployment_token"} {
		for name, block := range map[string]func(w *acctest.World) map[string]any{
			"path": func(w *acctest.World) map[string]any { return map[string]any{"api_url": w.URL + "/wrong"} },
			"another account": func(w *acctest.World) map[string]any {
				_, value := w.AddToken(emulator.TokenSpec{Scope: "account", AccountID: w.AddAccount("Other").ID, ExpiresAt: w.Clock.Now().AddDate(20, 0, 0)})
				return map[string]any{"api_token": value}
			},
		} {
			for _, catchAll := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, %s, catch all %t", typeName, name, catchAll), func(t *testing.T) {
					t.Parallel()
					w := acctest.NewWorld(t, emulator.Variant{CatchAll: catchAll})
					i := w.NewCore(nil).Resource(t, typeName)
					config := func(n string) map[string]any {
						config := rotatingConfig(n)
						if typeName == "prefactor_deployment_token" {
							config["agent_id"], config["environment_id"] = w.Agent.ID, w.Production.ID
						}
						return config
					}
					apply(t, i, config("1"))
					apply(t, i, config("2"))
					w.Clock.Advance(10 * time.Minute)
					state, tokens := i.State, w.Others()
					i.Use(w.NewCore(block(w)))
					for _, planned := range []map[string]any{config("2"), config("3"), nil} {
						if action, err := i.Run(t.Context(), planned); err == nil {
							t.Errorf("%s succeeded", action)
						}
					}
					if !reflect.DeepEqual(i.State, state) {
						t.Error("the state has changed")
					}
					i.Use(w.NewCore(nil))
					settled(t, i, config("2"))
					for _, k := range tokens {
						must(t, statusOf(w, k.ID, k.Status))
					}
				})
			}
		}
	}
}
