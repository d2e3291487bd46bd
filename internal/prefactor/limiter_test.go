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

func mustAcquire(t *testing.T, l *limiter) {
	t.Helper()
	if err := l.acquire(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// checkFree checks that nobody has a slot or waits for one.
func checkFree(t *testing.T, l *limiter, most int) {
	t.Helper()
	if l.inFlight != 0 || !l.slots.TryAcquire(int64(most)) {
		t.Errorf("%d are in flight, or a slot is lost", l.inFlight)
	}
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
				mustAcquire(t, l)
				mu.Lock()
				now++
				most = max(most, now)
				mu.Unlock()
				<-time.After(time.Second)
				mu.Lock()
				now--
				mu.Unlock()
				l.release()
			})
		}
		group.Wait()
		if most != 3 {
			t.Errorf("%d were in flight at once, not 3", most)
		}
	})
}

// First come, first served.
func TestLimiter_fair(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(1)
		mustAcquire(t, l)
		var mu sync.Mutex
		var order []int
		var group sync.WaitGroup
		for i := range 5 {
			group.Go(func() {
				mustAcquire(t, l)
				mu.Lock()
				order = append(order, i)
				mu.Unlock()
				l.release()
			})
			synctest.Wait()
		}
		l.release()
		group.Wait()
		if !slices.IsSorted(order) {
			t.Errorf("the order was %v", order)
		}
	})
}

// The Retry-After of one response holds for all requests.
func TestLimiter_pause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(4)
		mustAcquire(t, l)
		began := time.Now()
		l.pause(10*time.Second, time.Hour)
		l.release()
		var group sync.WaitGroup
		for range 3 {
			group.Go(func() {
				mustAcquire(t, l)
				l.release()
			})
		}
		group.Wait()
		if waited := time.Since(began); waited != 10*time.Second {
			t.Errorf("the others waited %s, not 10s", waited)
		}
	})
}

// A pause is never shortened by a later one, and ends once.
func TestLimiter_pauses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(2)
		began := time.Now()
		l.pause(10*time.Second, time.Hour)
		l.pause(time.Second, time.Hour)
		mustAcquire(t, l)
		l.release()
		if waited := time.Since(began); waited != 10*time.Second {
			t.Errorf("waited %s, not 10s", waited)
		}
		// Requests that wait already wait until the end of a longer pause.
		l.pause(5*time.Second, time.Hour)
		go func() {
			<-time.After(time.Second)
			l.pause(9*time.Second, time.Hour)
		}()
		mustAcquire(t, l)
		l.release()
		if waited := time.Since(began); waited != 20*time.Second {
			t.Errorf("waited %s, not 20s", waited)
		}
	})
}

// Whatever comes together, the cap holds and no slot is lost.
func TestLimiter_anyOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		type user struct {
			Wait, Hold  time.Duration
			Good, Pause bool
		}
		duration := rapid.Map(rapid.IntRange(1, 50), func(n int) time.Duration { return time.Duration(n) * time.Millisecond })
		users := rapid.SliceOfN(rapid.Custom(func(r *rapid.T) user {
			return user{
				Wait: duration.Draw(r, "wait"), Hold: duration.Draw(r, "hold"),
				Good: rapid.Bool().Draw(r, "good"), Pause: rapid.IntRange(0, 9).Draw(r, "pause") == 0,
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
					if l.acquire(ctx) != nil {
						return
					}
					<-time.After(u.Hold)
					if u.Pause {
						l.pause(u.Hold, time.Hour)
					}
					if u.Good {
						l.resetPauses()
					}
					l.release()
				})
			}
			group.Wait()
			checkFree(t, l, most)
			if l.highest() > most {
				t.Errorf("%d were in flight at once, the cap is %d", l.highest(), most)
			}
		})
	})
}

func TestLimiter_contextEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(1)
		mustAcquire(t, l)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := l.acquire(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("waiting ended with %v", err)
		}
		l.release()
		checkFree(t, l, 1)
	})
}

func BenchmarkLimiter(b *testing.B) {
	l := newLimiter(6)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := l.acquire(b.Context()); err != nil {
				b.Error(err)
				return
			}
			l.release()
		}
	})
}
