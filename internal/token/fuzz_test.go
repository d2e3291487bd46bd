package token

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// FuzzSchedule retires a previous token by any durations that the validators
// let through: nothing overflows, and what is due only ever moves on.
func FuzzSchedule(f *testing.F) {
	const longest = "2562047h47m16.854775807s"
	for _, seed := range [][3]string{
		{"", "", ""}, {"24h", "72h", "336h"}, {"0s", "0s", ""}, {"", "", "1h"}, {"1ns", "0.5s", "1ns"}, {longest, longest, longest}, {"", longest, longest},
	} {
		f.Add(seed[0], seed[1], seed[2], int64(1_800_000_000))
		f.Add(seed[0], seed[1], seed[2], int64(0))
	}
	f.Fuzz(func(t *testing.T, overlap, suspendFor, beforeExpiry string, second int64) {
		// The platform's clock is at most 292 years from the local one.
		if second < 0 || second > 20_000_000_000 {
			t.Skip()
		}
		durations := map[string]types.String{}
		for name, text := range map[string]string{"overlap": overlap, "suspend_for": suspendFor, "before_expiry": beforeExpiry} {
			durations[name] = types.StringNull()
			if text == "" {
				continue
			}
			d, err := tfkit.ParseDuration(text)
			if err != nil || d < 0 {
				t.Skip()
			}
			durations[name] = types.StringValue(text)
		}
		r := &rotationModel{Overlap: durations["overlap"], SuspendFor: durations["suspend_for"], BeforeExpiry: durations["before_expiry"]}
		now := time.Unix(second, 0).UTC()
		s := scheduleAt(now, r)
		suspendAt, removeAt := s.suspendAt, s.removeAt
		p := &previousModel{ID: types.StringValue("x"), Status: types.StringValue(prefactor.StatusActive), SuspendAt: suspendAt, RemoveAt: removeAt}
		end := timeOf(removeAt)
		if end.Before(now) {
			t.Fatalf("removed at %s, before now, which is %s", end, now)
		}
		if !suspendAt.IsNull() && (timeOf(suspendAt).Before(now) || end.Before(timeOf(suspendAt))) {
			t.Fatalf("now is %s, suspended at %s, removed at %s", now, timeOf(suspendAt), end)
		}
		for _, at := range []time.Time{end, end.Add(time.Nanosecond), end.AddDate(1000, 0, 0)} {
			if step := p.due(false, at); step != retireRemove {
				t.Fatalf("%q is due at %s, not its removal", step, at)
			}
		}
		if step := p.due(false, end.Add(-time.Nanosecond)); step == retireRemove {
			t.Fatal("removed too early")
		}
		expiry := timetypes.NewRFC3339ValueMust(formatTime(now))
		in := inputs{rotation: r, state: model{ID: types.StringValue("x"), Status: types.StringValue(prefactor.StatusActive), ExpiresAt: expiry}}
		in.plan, in.LastDeadlinePassed = in.state, observation{now, now}
		if !decide(in).renew {
			t.Fatal("not due at its expiry")
		}
	})
}

// FuzzMerge takes any token of the platform that the client takes into a state.
func FuzzMerge(f *testing.F) {
	const id = "01jv4z9v6p0000g0h2x5k3m7q8s9t4w6"
	for _, expires := range []string{
		`null`, `"2030-01-02T03:04:05Z"`, `"2030-01-02T03:04:05.678901+00:00"`, `"9999-12-31T23:59:59.999999Z"`, `"9999-12-31T23:59:59-00:01"`,
		`"0000-01-01T00:00:00Z"`, `"0000-01-01T00:00:00+23:59"`, `7`, `"soon"`,
	} {
		f.Add(`{"id":"`+id+`","token_scope":"account","status":"active","expires_at":`+expires+`}`, "2030-01-02T03:04:05Z")
		f.Add(`{"id":"`+id+`","inserted_at":`+expires+`}`, "")
	}
	f.Add(`{"id":"7zzzzzzzzzzzzzzztpwzw6h8516a9mf9"}`, "")
	f.Add(`{"id":"","status":null}`, "x")
	f.Fuzz(func(t *testing.T, text, prior string) {
		var answered prefactor.Token
		if err := json.Unmarshal([]byte(text), &answered); err != nil {
			return
		}
		m := model{ExpiresAt: timetypes.NewRFC3339Null()}
		if known, diags := timetypes.NewRFC3339Value(prior); !diags.HasError() {
			m.ExpiresAt = known
		}
		merged := merge(m, answered)
		if again := merge(merged, answered); !again.ExpiresAt.Equal(merged.ExpiresAt) || !again.CreatedAt.Equal(merged.CreatedAt) {
			t.Errorf("the same answer makes another state: %+v, then %+v", merged, again)
		}
		_ = view(answered, time.Now())
	})
}
