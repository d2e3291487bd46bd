package prefactor

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

func mustAcquire(t *testing.T, l *limiter) *place {
	t.Helper()
	p, err := l.acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestLimiter_cap(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(3)
		var mu sync.Mutex
		now, most := 0, 0
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() {
				p := mustAcquire(t, l)
				mu.Lock()
				now++
				most = max(most, now)
				mu.Unlock()
				<-time.After(time.Second)
				mu.Lock()
				now--
				mu.Unlock()
				p.learn(good)
				p.release()
				p.release() // A second time makes no room for two.
			})
		}
		group.Wait()
		if most != 3 {
			t.Errorf("%d were under way at once, not 3", most)
		}
	})
}

// First come, first served.
func TestLimiter_fair(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(1)
		first := mustAcquire(t, l)
		var mu sync.Mutex
		var order []int
		var group sync.WaitGroup
		for i := range 5 {
			group.Go(func() {
				p := mustAcquire(t, l)
				mu.Lock()
				order = append(order, i)
				mu.Unlock()
				p.release()
			})
			synctest.Wait()
		}
		first.release()
		group.Wait()
		if !slices.IsSorted(order) {
			t.Errorf("the order was %v", order)
		}
	})
}

func TestLimiter_adapts(t *testing.T) {
	t.Parallel()
	l := newLimiter(8)
	places := []*place{mustAcquire(t, l), mustAcquire(t, l), mustAcquire(t, l)}
	for _, p := range places {
		// Three answers to what was sent before the first of them: one halving.
		p.learn(overloaded)
		p.release()
	}
	if l.allowance != 4 {
		t.Errorf("after an overload the allowance is %d, not 4", l.allowance)
	}
	for want := 2; want >= 1; want-- {
		p := mustAcquire(t, l)
		p.learn(overloaded)
		p.release()
		if l.allowance != want {
			t.Errorf("the allowance is %d, not %d", l.allowance, want)
		}
	}
	p := mustAcquire(t, l)
	p.learn(overloaded)
	p.release()
	if l.allowance != 1 {
		t.Errorf("the allowance is %d: nothing could be sent any more", l.allowance)
	}
	answers := 0
	for l.allowance < 8 {
		p := mustAcquire(t, l)
		p.learn(good)
		p.release()
		answers++
	}
	if want := 1 + 2 + 3 + 4 + 5 + 6 + 7; answers != want {
		t.Errorf("it recovered after %d good answers, not %d", answers, want)
	}
}

// What one request is told by Retry-After holds for all.
func TestLimiter_pause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(4)
		p := mustAcquire(t, l)
		began := time.Now()
		l.pause(10*time.Second, time.Hour)
		p.release()
		var group sync.WaitGroup
		for range 3 {
			group.Go(func() {
				p := mustAcquire(t, l)
				p.learn(good)
				p.release()
			})
		}
		group.Wait()
		if waited := time.Since(began); waited != 10*time.Second {
			t.Errorf("the others waited %s, not 10s", waited)
		}
	})
}

// Answers to what was sent before the halving are no sign of recovery.
func TestLimiter_lateAnswers(t *testing.T) {
	t.Parallel()
	l := newLimiter(8)
	var places []*place
	for range 8 {
		places = append(places, mustAcquire(t, l))
	}
	for i, p := range places {
		if i == 0 {
			p.learn(overloaded)
		} else {
			p.learn(good)
		}
		p.release()
	}
	if l.allowance != 4 || l.good != 0 {
		t.Errorf("the allowance is %d with %d good answers, want 4 with none", l.allowance, l.good)
	}
	if l.highest() != 8 {
		t.Errorf("%d were under way at once, not 8", l.highest())
	}
}

// A pause is never shortened by a later one, and ends once.
func TestLimiter_pauses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(2)
		began := time.Now()
		l.pause(10*time.Second, time.Hour)
		l.pause(time.Second, time.Hour)
		mustAcquire(t, l).release()
		if waited := time.Since(began); waited != 10*time.Second {
			t.Errorf("waited %s, not 10s", waited)
		}
		// Those who wait already wait on when it is prolonged.
		l.pause(5*time.Second, time.Hour)
		go func() {
			<-time.After(time.Second)
			l.pause(9*time.Second, time.Hour)
		}()
		mustAcquire(t, l).release()
		if waited := time.Since(began); waited != 20*time.Second {
			t.Errorf("waited %s, not 20s", waited)
		}
	})
}

// Whatever comes together, the allowance holds and no place is lost.
func TestLimiter_anyOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		type user struct {
			Wait, Hold time.Duration
			Outcome    outcome
			Pause      bool
		}
		duration := rapid.Map(rapid.IntRange(1, 50), func(n int) time.Duration { return time.Duration(n) * time.Millisecond })
		users := rapid.SliceOfN(rapid.Custom(func(r *rapid.T) user {
			return user{
				Wait: duration.Draw(r, "wait"), Hold: duration.Draw(r, "hold"),
				Outcome: outcome(rapid.IntRange(int(neutral), int(overloaded)).Draw(r, "outcome")), Pause: rapid.IntRange(0, 9).Draw(r, "pause") == 0,
			}
		}), 1, 60).Draw(r, "users")
		most := rapid.IntRange(1, 8).Draw(r, "most")
		synctest.Test(t, func(t *testing.T) {
			l := newLimiter(most)
			var group sync.WaitGroup
			for _, u := range users {
				group.Go(func() {
					ctx, cancel := context.WithTimeout(t.Context(), u.Wait)
					defer cancel()
					p, err := l.acquire(ctx)
					if err != nil {
						return
					}
					<-time.After(u.Hold)
					if u.Pause {
						l.pause(u.Hold, time.Hour)
					}
					p.learn(u.Outcome)
					p.release()
				})
			}
			group.Wait()
			if l.inFlight != 0 || l.waiting.Len() != 0 || l.highest() > most || l.allowance < 1 || l.allowance > most {
				t.Errorf("of %d: %d under way, %d waiting, at most %d at once, allowance %d", most, l.inFlight, l.waiting.Len(), l.highest(), l.allowance)
			}
		})
	})
}

func TestLimiter_contextEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(1)
		first := mustAcquire(t, l)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := l.acquire(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("waiting ended with %v", err)
		}
		first.release()
		// Nobody's place was lost.
		mustAcquire(t, l).release()
		if l.inFlight != 0 || l.waiting.Len() != 0 {
			t.Errorf("%d under way, %d waiting", l.inFlight, l.waiting.Len())
		}
	})
}

func BenchmarkLimiter(b *testing.B) {
	l := newLimiter(6)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			p, err := l.acquire(b.Context())
			if err != nil {
				b.Error(err)
				return
			}
			p.learn(good)
			p.release()
		}
	})
}
