package contract_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
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

// left are the tokens that a run has left.
func (a *account) left() (ids []string) {
	for _, k := range a.Others() {
		if !slices.ContainsFunc(a.before, func(b emulator.Token) bool { return b.ID == k.ID }) {
			ids = append(ids, k.ID)
		}
	}
	return ids
}

// deployments are those of an agent, as JSON.
func (a *account) deployments(t *testing.T, agent string) string {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/agent_deployment?agent_id="+agent, nil)
	r.Header.Set("Authorization", "Bearer "+a.AdminToken)
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	var list struct {
		Summaries json.RawMessage `json:"summaries"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil {
		t.Fatal(err)
	}
	return string(list.Summaries)
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
	invalid := fmt.Sprintf("%d validation_errors", cmp.Or(v.ValidationStatus, 422))
	rejected := fmt.Sprintf("%d invalid_action", cmp.Or(v.RefusedStatus, 409))
	want := map[string]string{
		contract.PointTokenType:         cmp.Or(v.AccountTokenType, "api"),
		contract.PointCreate:            strconv.Itoa(cmp.Or(v.CreateStatus, 200)),
		contract.PointCreator:           "a string",
		contract.PointIDClaim:           "jti",
		contract.PointInvalid:           invalid,
		contract.PointFieldErrors:       map[string]string{"": "an object with code, message", "string": "a string", "list": "a list", "nested": "nested under details"}[v.FieldErrors],
		contract.PointReplay:            map[string]string{"": "the first response again", "second": "a second token", "used": "an error: 409 idempotency_key_already_used"}[v.Replay],
		contract.PointTimestamps:        "to the microsecond, with Z",
		contract.PointPagination:        "present",
		contract.PointDefaultPage:       strconv.Itoa(cmp.Or(v.DefaultPageSize, 50)) + ", as pagination says",
		contract.PointDefaultOrder:      "oldest first",
		contract.PointBareSorting:       map[string]string{"": "applied", "bare": "applied"}[v.Sorting],
		contract.PointStructuredSorting: map[string]string{"": "applied", "structured": "applied"}[v.Sorting],
		contract.PointAgentID:           map[string]string{"": "in lists and in single tokens", "details": "in single tokens only", "absent": "nowhere"}[v.AgentID],
		contract.PointAccounts:          "summaries",
		contract.PointDeployments:       invalid,
		contract.PointDeployedTwice:     invalid,
		contract.PointUndeployed:        "active",
		contract.PointExpired:           "stays active",
		contract.PointSuspendExpired:    "200, carried out",
		contract.PointActivate:          rejected,
		contract.PointDeleteActive:      rejected,
		contract.PointSuspendEnded:      rejected,
		contract.PointActivateEnded:     rejected,
		contract.PointDelete:            "200 with a body",
		contract.PointRetryAfter:        contract.NotSeen,
		contract.PointHTML:              contract.NotSeen,
	}
	for _, point := range []string{contract.PointBareSorting, contract.PointStructuredSorting} {
		want[point] = cmp.Or(want[point], invalid)
	}
	for point, odd := range map[string]struct {
		is   bool
		want string
	}{
		contract.PointPagination:     {v.NoPagination, "null"},
		contract.PointDefaultPage:    {v.NoPagination, strconv.Itoa(cmp.Or(v.DefaultPageSize, 50))},
		contract.PointIDClaim:        {v.OpaqueTokens, "none"},
		contract.PointAccounts:       {v.AccountAsObject, "details, as one object"},
		contract.PointDeployments:    {v.DeploymentsOfAccount, "has deployments"},
		contract.PointSuspendExpired: {v.ExpiredIsFinal, rejected},
		contract.PointDelete:         {v.DeleteNoContent, "204 without a body"},
	} {
		if odd.is {
			want[point] = odd.want
		}
	}
	if v.WholeSeconds {
		want[contract.PointTimestamps] = "in whole seconds: tokens that a killed run leaves cannot be swept, with Z"
	}
	if v.Offset {
		want[contract.PointTimestamps] = strings.TrimSuffix(want[contract.PointTimestamps], "Z") + "an offset"
	}
	return want
}

func TestRun_tellsTheTruth(t *testing.T) {
	t.Parallel()
	for _, v := range emulator.Variants(false) {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t, v.Variant)
			a.AddAgent(a.Account.ID, "not deployed")
			a.others(60) // More than a page.
			a.options.TryDeployment = true
			report, err := contract.Run(t.Context(), a.options)
			var left []string
			if v.Variant.ExpiredIsFinal {
				// The token that expired cannot be deleted, and the error names it.
				left = a.left()
				if len(left) != 1 || err == nil || !strings.Contains(err.Error(), left[0]) {
					t.Errorf("%v is left: %v", left, err)
				}
			} else if err != nil {
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
			if err := a.untouched(left...); err != nil {
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
		contract.PointDeployedTwice: "not seen: off, since it deploys an agent for a moment",
	} {
		if got := report.Outcome(name); got != want {
			t.Errorf("%s: %q, not %q", name, got, want)
		}
	}
}

// Whatever goes wrong at whichever request, no token and no deployment of the
// run is left, and none of others is changed.
func TestRun_leavesNothing(t *testing.T) {
	t.Parallel()
	withAgent := func(t *testing.T) (*account, string) {
		t.Helper()
		a := newAccount(t, emulator.Variant{})
		a.options.TryDeployment = true
		return a, a.AddAgent(a.Account.ID, "not deployed").ID
	}
	plain, _ := withAgent(t)
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
			step := 1
			if testing.Short() {
				step = 4
			}
			for at := 0; at < requests; at += step {
				a, agent := withAgent(t)
				f.Skip, f.Times = at, 1
				a.Inject(f)
				_, err := contract.Run(t.Context(), a.options)
				if left := a.untouched(); left != nil && (err == nil || !strings.Contains(err.Error(), "is left at the platform")) {
					t.Errorf("at request %d: %v; the run ended with %v", at, left, err)
				}
				if left := a.deployments(t, agent); left != "[]" && (err == nil || !strings.Contains(err.Error(), "is left")) {
					t.Errorf("at request %d: %s; the run ended with %v", at, left, err)
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
