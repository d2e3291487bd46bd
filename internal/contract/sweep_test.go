package contract_test

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/contract"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

// seed puts tokens as a killed run leaves them.
func (a *account) seed(t *testing.T, lifetime time.Duration, statuses ...string) []string {
	t.Helper()
	var ids []string
	for _, status := range statuses {
		k, _ := a.AddToken(emulator.TokenSpec{Scope: "account", AccountID: a.Account.ID, ExpiresAt: contract.NextMarked(a.Clock.Now().Add(lifetime))})
		ids = append(ids, k.ID)
		var err error
		switch status {
		case "suspended":
			err = a.Suspend(k.ID)
		case "revoked":
			err = a.Revoke(k.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return ids
}

func sweptIDs(found []contract.Leftover) []string {
	var ids []string
	for _, l := range found {
		ids = append(ids, l.ID)
	}
	slices.Sort(ids)
	return ids
}

// Tokens as a killed run leaves them are removed in each of their states, on
// each platform that keeps the mark; a dry run removes nothing.
func TestSweep(t *testing.T) {
	t.Parallel()
	for _, v := range emulator.Variants(false) {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t, v.Variant)
			ids := a.seed(t, 15*time.Minute, "active", "suspended", "revoked")
			ids = append(ids, a.seed(t, 5*time.Second, "active")...)
			slices.Sort(ids)
			a.Clock.Advance(21 * time.Minute)
			want := ids
			if v.Variant.WholeSeconds {
				want = nil
			}
			found, err := contract.Sweep(t.Context(), a.options, true)
			if err != nil || !slices.Equal(sweptIDs(found), want) {
				t.Errorf("a dry run finds %v, %v", found, err)
			}
			for _, r := range a.Requests() {
				if r.Method != http.MethodGet {
					t.Errorf("a dry run sends %s %s", r.Method, r.Path)
				}
			}
			found, err = contract.Sweep(t.Context(), a.options, false)
			if !slices.Equal(sweptIDs(found), want) || (err != nil) != v.Variant.ExpiredIsFinal {
				t.Errorf("found %v, %v", found, err)
			}
			var excused []string
			if want == nil {
				excused = ids
			}
			for _, id := range want {
				k, left := a.Token(id)
				switch {
				case left && v.Variant.ExpiredIsFinal && k.Status != "revoked" && strings.Contains(err.Error(), id):
					// It cannot be deleted, and the error names it.
					excused = append(excused, id)
				case left:
					t.Errorf("left: %+v", k)
				}
			}
			if err := a.untouched(excused...); err != nil {
				t.Error(err)
			}
		})
	}
}

// Whatever is not certainly of a killed run stays.
func TestSweep_spares(t *testing.T) {
	t.Parallel()
	specOf := func(a *account, expires time.Time) emulator.TokenSpec {
		return emulator.TokenSpec{Scope: "account", AccountID: a.Account.ID, ExpiresAt: expires}
	}
	for name, c := range map[string]struct {
		spec func(a *account, marked time.Time) emulator.TokenSpec
		// use authenticates with the token.
		use bool
		// after is how long after its creation the sweep comes.
		after time.Duration
	}{
		"a microsecond off": {spec: func(a *account, m time.Time) emulator.TokenSpec { return specOf(a, m.Add(time.Microsecond)) }, after: time.Hour},
		"a second off":      {spec: func(a *account, m time.Time) emulator.TokenSpec { return specOf(a, m.Add(time.Second)) }, after: time.Hour},
		"a minute off":      {spec: func(a *account, m time.Time) emulator.TokenSpec { return specOf(a, m.Add(time.Minute)) }, after: time.Hour},
		"whole second":      {spec: func(a *account, m time.Time) emulator.TokenSpec { return specOf(a, m.Truncate(time.Second)) }, after: time.Hour},
		"no mark at all":    {spec: func(a *account, m time.Time) emulator.TokenSpec { return specOf(a, m.Truncate(time.Minute)) }, after: time.Hour},
		"used":              {spec: specOf, use: true, after: time.Hour},
		"too young":         {spec: specOf, after: 19 * time.Minute},
		"still living": {spec: func(a *account, _ time.Time) emulator.TokenSpec {
			return specOf(a, contract.NextMarked(a.Clock.Now().Add(2*time.Hour)))
		}, after: time.Hour},
		"lived too long": {spec: func(a *account, _ time.Time) emulator.TokenSpec {
			return specOf(a, contract.NextMarked(a.Clock.Now().Add(26*time.Hour)))
		}, after: 27 * time.Hour},
		"legacy scope": {spec: func(a *account, m time.Time) emulator.TokenSpec {
			return emulator.TokenSpec{Scope: "environment", AccountID: a.Account.ID, EnvironmentID: a.Production.ID, ExpiresAt: m}
		}, after: time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t, emulator.Variant{})
			k, value := a.AddToken(c.spec(a, contract.NextMarked(a.Clock.Now().Add(15*time.Minute))))
			if c.use {
				ping(t, a, value)
			}
			want, _ := a.Token(k.ID)
			a.Clock.Advance(c.after)
			found, err := contract.Sweep(t.Context(), a.options, false)
			if err != nil || len(found) > 0 {
				t.Errorf("found %v, %v", found, err)
			}
			if got, _ := a.Token(k.ID); got != want {
				t.Errorf("it was %+v and is %+v", want, got)
			}
			if err := a.untouched(k.ID); err != nil {
				t.Error(err)
			}
		})
	}
}

func ping(t *testing.T, a *account, value string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.URL+"/api/v1/ping", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+value)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatal(resp.Status)
	}
}

// A token of which the platform does not say whether it was used stays.
func TestSweep_useUnsaid(t *testing.T) {
	t.Parallel()
	a := newAccount(t, emulator.Variant{})
	ids := a.seed(t, 15*time.Minute, "active")
	a.Clock.Advance(time.Hour)
	a.Inject(emulator.Fault{Method: "GET", Kind: emulator.FaultMissingFields, Fields: []string{"last_used_at"}})
	if found, err := contract.Sweep(t.Context(), a.options, false); err != nil || len(found) > 0 {
		t.Errorf("found %v, %v", found, err)
	}
	if err := a.untouched(ids...); err != nil {
		t.Error(err)
	}
}

// A run that is under way is not disturbed, at whichever request.
func TestSweep_duringARun(t *testing.T) {
	t.Parallel()
	a := newAccount(t, emulator.Variant{})
	sweeping := a.options
	var inner atomic.Bool
	a.Watch(func(emulator.Request) {
		// The sweep's own requests are watched as well.
		if !inner.CompareAndSwap(false, true) {
			return
		}
		defer inner.Store(false)
		if found, err := contract.Sweep(t.Context(), sweeping, false); err != nil || len(found) > 0 {
			t.Errorf("found %v, %v", found, err)
		}
	})
	if _, err := contract.Run(t.Context(), a.options); err != nil {
		t.Error(err)
	}
}
