package contract

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestMark(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	seconds := map[int]bool{}
	for minutes := range 5000 {
		at := start.Add(time.Duration(minutes) * time.Minute)
		m := nextOf(at, minutes%marks)
		if m.Before(at) || m.Sub(at) >= 2*time.Minute {
			t.Fatalf("the next marked moment after %s is %s", at, m)
		}
		if !bearsMark(m) || !bearsMark(m.In(time.FixedZone("", 3600))) {
			t.Fatalf("%s bears no mark", m)
		}
		for _, off := range []time.Duration{time.Microsecond, -time.Microsecond, time.Second, -time.Second, time.Minute, time.Hour} {
			if bearsMark(m.Add(off)) {
				t.Fatalf("%s, which is %s off, bears the mark", m.Add(off), off)
			}
		}
		if bearsMark(m.Truncate(time.Second)) {
			t.Fatalf("%s bears the mark without its microseconds", m)
		}
		seconds[m.Second()] = true
	}
	if len(seconds) != 60 {
		t.Errorf("only %d of the seconds of a minute are marked", len(seconds))
	}
}

// What the provider's own mark looks like is not taken for this one.
func TestMark_byChance(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // It is to be repeatable.
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	moments := 200_000
	if testing.Short() {
		moments /= 20
	}
	for range moments {
		at := start.Add(time.Duration(r.Int64N(1e9)) * time.Second).Add(time.Duration(1+r.IntN(999_999)) * time.Microsecond)
		if bearsMark(at) {
			t.Fatalf("%s bears the mark by chance", at)
		}
	}
}
