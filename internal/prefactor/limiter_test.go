package prefactor

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
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
				p.answered(false, 0)
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
		p.answered(true, 0)
		p.release()
	}
	if l.allowance != 4 {
		t.Errorf("after an overload the allowance is %d, not 4", l.allowance)
	}
	for want := 2; want >= 1; want-- {
		p := mustAcquire(t, l)
		p.answered(true, 0)
		p.release()
		if l.allowance != want {
			t.Errorf("the allowance is %d, not %d", l.allowance, want)
		}
	}
	p := mustAcquire(t, l)
	p.answered(true, 0)
	p.release()
	if l.allowance != 1 {
		t.Errorf("the allowance is %d: nothing could be sent any more", l.allowance)
	}
	answers := 0
	for l.allowance < 8 {
		p := mustAcquire(t, l)
		p.answered(false, 0)
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
		p.answered(true, 10*time.Second)
		p.release()
		var group sync.WaitGroup
		for range 3 {
			group.Go(func() {
				p := mustAcquire(t, l)
				p.answered(false, 0)
				p.release()
			})
		}
		group.Wait()
		if waited := time.Since(began); waited != 10*time.Second {
			t.Errorf("the others waited %s, not 10s", waited)
		}
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
			p.answered(false, 0)
			p.release()
		}
	})
}
