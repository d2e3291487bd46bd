package contract_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/contract"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

// account is a world with tokens of others in it, and how to run at it.
type account struct {
	*acctest.World

	options contract.Options
	before  []emulator.Token
}

func newAccount(t *testing.T, v emulator.Variant) *account {
	t.Helper()
	w := acctest.NewWorld(t, v)
	a := &account{World: w}
	a.others(3)
	a.options = contract.Options{
		URL: w.URL, Token: w.AdminToken, Now: w.Clock.Now, RetryWaitMin: time.Millisecond, RetryWaitMax: 5 * time.Millisecond,
		Wait: func(ctx context.Context, d time.Duration) error {
			w.Clock.Advance(d)
			return ctx.Err()
		},
	}
	return a
}

// others adds tokens of others.
func (a *account) others(n int) {
	for range n {
		k, _ := a.AddToken(emulator.TokenSpec{Scope: "account", AccountID: a.Account.ID})
		a.before = append(a.before, k)
	}
}

// untouched wants the account to have what it had before, and besides that at
// most what is excused.
func (a *account) untouched(excused ...string) error {
	was := map[string]emulator.Token{}
	for _, k := range a.before {
		was[k.ID] = k
	}
	for _, k := range a.Others() {
		before, there := was[k.ID]
		switch {
		case !there && slices.Contains(excused, k.ID):
		case !there:
			return fmt.Errorf("token %s (%s) is left at the platform", k.ID, k.Status)
		case k != before:
			return fmt.Errorf("a token of others was %+v and is %+v", before, k)
		}
		delete(was, k.ID)
	}
	if len(was) > 0 {
		return fmt.Errorf("%d tokens of others are gone", len(was))
	}
	admin, _ := a.Token(a.Admin.ID)
	if admin.Status != "active" {
		return fmt.Errorf("the run's own token is %q", admin.Status)
	}
	return nil
}

// truth is what the report has to say of a variant.
func truth(v emulator.Variant) map[string]string {
	account := "summaries"
	if v.AccountAsObject {
		account = "details (one object)"
	}
	invalid := fmt.Sprintf("%d validation_errors", cmp.Or(v.ValidationStatus, 422))
	refused := fmt.Sprintf("%d invalid_action", cmp.Or(v.RefusedStatus, 409))
	want := map[string]string{
		contract.PointRows:        "summaries",
		contract.PointOtherRows:   fmt.Sprintf("account: %s; environment: summaries; agent: summaries", account),
		contract.PointPagination:  "present",
		contract.PointDefaultPage: strconv.Itoa(cmp.Or(v.DefaultPageSize, 50)),
		contract.PointSmallPage:   "1",
		contract.PointLargePage:   "all tokens",
		contract.PointRowFields:   "available_actions",
		contract.PointCreate:      strconv.Itoa(cmp.Or(v.CreateStatus, 200)),
		contract.PointReplay: map[string]string{
			"": "the first answer again", "second": "a second token", "used": "an error: 409 idempotency_key_already_used",
		}[v.Replay],
		contract.PointNoDeployment: "a deployment is made",
		contract.PointInvalid:      invalid,
		contract.PointFieldErrors: map[string]string{
			"": "an object with code, message", "string": "a string", "list": "a list", "nested": "nested under details",
		}[v.FieldErrors],
		contract.PointCreatedBy:     "absent",
		contract.PointInsertedAt:    "a string",
		contract.PointExpired:       "stays active",
		contract.PointActivate:      refused,
		contract.PointDeleteActive:  refused,
		contract.PointSuspendEnded:  refused,
		contract.PointActivateEnded: refused,
		contract.PointDelete:        "200 with a body",
		contract.PointGone:          "404 not_found",
		contract.PointRetryAfter:    contract.NotSeen,
		contract.PointHTML:          contract.NotSeen,
	}
	if v.NoPagination {
		want[contract.PointPagination] = "null"
	} else {
		want[contract.PointDefaultPage] += ", as pagination says"
	}
	if v.AgentID == "details" {
		want[contract.PointRowFields] = "agent_id, available_actions"
	}
	kept := "to the microsecond"
	if v.WholeSeconds {
		kept = "in whole seconds: tokens that a killed run leaves cannot be swept"
	}
	if v.Offset {
		want[contract.PointTimestamps] = kept + ", with an offset"
	} else {
		want[contract.PointTimestamps] = kept + ", with Z"
	}
	if v.DeleteNoContent {
		want[contract.PointDelete] = "204 without a body"
	}
	return want
}

func TestRun_tellsTheTruth(t *testing.T) {
	t.Parallel()
	for _, v := range emulator.Variants() {
		if v.Variant.ExpiredIsFinal {
			continue // Nothing of a run could be removed there.
		}
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t, v.Variant)
			a.AddAgent(a.Account.ID, "not deployed")
			a.others(60) // More than a page.
			a.options.TryDeployment = true
			report, err := contract.Run(t.Context(), a.options)
			if err != nil {
				t.Fatal(err)
			}
			want := truth(v.Variant)
			for _, p := range report.Points {
				if p.Outcome != want[p.Name] {
					t.Errorf("%s: %q, not %q", p.Name, p.Outcome, want[p.Name])
				}
				delete(want, p.Name)
			}
			if len(want) > 0 {
				t.Errorf("not in the report: %v", slices.Collect(maps.Keys(want)))
			}
			if len(report.Broken) > 0 {
				t.Errorf("differs from what is known: %v", report.Broken)
			}
			if err := a.untouched(); err != nil {
				t.Error(err)
			}
			removed := 0
			for _, r := range a.Requests() {
				if r.Method == http.MethodDelete && strings.Contains(r.Path, "/agent_deployment/") && r.Status < 300 {
					removed++
				}
			}
			if removed != 1 {
				t.Errorf("%d deployments were deleted", removed)
			}
			var table strings.Builder
			if err := report.Write(&table); err != nil {
				t.Fatal(err)
			}
			for _, secret := range a.Secrets() {
				if strings.Contains(table.String(), secret) {
					t.Error("a secret is in the table")
				}
			}
		})
	}
}

// What cannot be provoked is told when it comes up.
func TestRun_seen(t *testing.T) {
	t.Parallel()
	a := newAccount(t, emulator.Variant{})
	a.Inject(emulator.Fault{Method: "GET", Path: "/environment", Kind: emulator.FaultStatus, Status: 429, RetryAfter: "0", Times: 1})
	a.Inject(emulator.Fault{Method: "GET", Path: "/agent", Kind: emulator.FaultHTML, Status: 503, Times: 1})
	report, err := contract.Run(t.Context(), a.options)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		contract.PointRetryAfter: "seconds", contract.PointHTML: "seen with 503",
		contract.PointNoDeployment: "not seen: off, since the platform may deploy the agent for a moment",
	} {
		if got := report.Outcome(name); got != want {
			t.Errorf("%s: %q, not %q", name, got, want)
		}
	}
}

// Whatever goes wrong at whichever request, no token of the run is left, and
// none of others is touched.
func TestRun_leavesNothing(t *testing.T) {
	t.Parallel()
	plain := newAccount(t, emulator.Variant{})
	if _, err := contract.Run(t.Context(), plain.options); err != nil {
		t.Fatal(err)
	}
	requests := len(plain.Requests())
	for name, f := range map[string]emulator.Fault{
		"500":               {Kind: emulator.FaultStatus},
		"502 after commit":  {Kind: emulator.FaultStatusAfter, Status: 502},
		"403":               {Kind: emulator.FaultStatus, Status: 403},
		"cut before commit": {Kind: emulator.FaultCutBefore},
		"cut after commit":  {Kind: emulator.FaultCutAfter},
		"cut in the body":   {Kind: emulator.FaultCutBody},
		"truncated JSON":    {Kind: emulator.FaultTruncatedJSON},
		"wrong types":       {Kind: emulator.FaultWrongTypes},
		"missing fields":    {Kind: emulator.FaultMissingFields, Fields: []string{"id", "status", "expires_at"}},
		"no details":        {Kind: emulator.FaultNoDetails},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for at := range requests {
				a := newAccount(t, emulator.Variant{})
				f.Skip, f.Times = at, 1
				a.Inject(f)
				_, err := contract.Run(t.Context(), a.options)
				if left := a.untouched(); left != nil && (err == nil || !strings.Contains(err.Error(), "is left at the platform")) {
					t.Errorf("at request %d: %v; the run ended with %v", at, left, err)
				}
				a.Close()
			}
		})
	}
}

// An interrupt at any request ends the run and deletes what it has created.
func TestRun_interrupted(t *testing.T) {
	t.Parallel()
	for at := 0; ; at++ {
		a := newAccount(t, emulator.Variant{})
		ctx, interrupt := context.WithCancel(t.Context())
		seen := 0
		a.Watch(func(emulator.Request) {
			if seen == at {
				interrupt()
			}
			seen++
		})
		_, err := contract.Run(ctx, a.options)
		interrupt()
		if left := a.untouched(); left != nil {
			t.Errorf("at request %d: %v; the run ended with %v", at, left, err)
		}
		a.Close()
		if err == nil {
			break
		}
		if at > 200 {
			t.Fatal("no run comes to its end")
		}
	}
}

// What cannot be deleted is named.
func TestRun_namesWhatIsLeft(t *testing.T) {
	t.Parallel()
	a := newAccount(t, emulator.Variant{})
	a.Inject(emulator.Fault{Method: "DELETE", Kind: emulator.FaultStatus, Status: 403})
	_, err := contract.Run(t.Context(), a.options)
	if err == nil {
		t.Fatal("no error")
	}
	left := 0
	for _, k := range a.Others() {
		if k.Status == "revoked" {
			left++
			if !strings.Contains(err.Error(), k.ID) {
				t.Errorf("token %s is left and not named: %v", k.ID, err)
			}
		}
	}
	if left == 0 {
		t.Error("nothing was left")
	}
}
