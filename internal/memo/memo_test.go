package memo

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
)

// asker counts how often a list is asked for.
type asker struct {
	times atomic.Int32
	err   error
	// hold keeps the answer back until it is closed.
	hold chan struct{}
}

func (a *asker) ask(context.Context) ([]int, error) {
	n := a.times.Add(1)
	if a.hold != nil {
		<-a.hold
	}
	return []int{int(n)}, a.err
}

func TestMap_once(t *testing.T) {
	t.Parallel()
	var m Map[[]int]
	a := &asker{hold: make(chan struct{})}
	var readers sync.WaitGroup
	for range 50 {
		readers.Go(func() {
			if rows, err := m.Get(t.Context(), "x", a.ask); err != nil || !slices.Equal(rows, []int{1}) {
				t.Errorf("%v, %v", rows, err)
			}
		})
	}
	close(a.hold)
	readers.Wait()
	if rows, _ := m.Get(t.Context(), "y", a.ask); !slices.Equal(rows, []int{2}) {
		t.Errorf("another list is %v", rows)
	}
	m.Forget()
	if rows, _ := m.Get(t.Context(), "x", a.ask); !slices.Equal(rows, []int{3}) {
		t.Errorf("after a write the list is %v", rows)
	}
}

func TestMap_failure(t *testing.T) {
	t.Parallel()
	var m Map[[]int]
	a := &asker{err: errors.New("503")}
	if _, err := m.Get(t.Context(), "x", a.ask); !errors.Is(err, a.err) {
		t.Error(err)
	}
	a.err = nil
	if rows, err := m.Get(t.Context(), "x", a.ask); err != nil || !slices.Equal(rows, []int{2}) {
		t.Errorf("%v, %v", rows, err)
	}
}

// A list that was on its way when something was written is kept for nobody
// who comes later.
func TestMap_writeMeanwhile(t *testing.T) {
	t.Parallel()
	var m Map[[]int]
	a := &asker{}
	early, err := m.Get(t.Context(), "x", func(ctx context.Context) ([]int, error) {
		m.Forget()
		return a.ask(ctx)
	})
	if err != nil || !slices.Equal(early, []int{1}) {
		t.Errorf("%v, %v", early, err)
	}
	if rows, _ := m.Get(t.Context(), "x", a.ask); !slices.Equal(rows, []int{2}) {
		t.Errorf("%v", rows)
	}
}

// A caller who gives up fails nobody else: another one computes the value.
func TestMap_abandoned(t *testing.T) {
	t.Parallel()
	var m Map[int]
	started := make(chan struct{})
	interrupted, interrupt := context.WithCancel(t.Context())
	var callers sync.WaitGroup
	callers.Go(func() {
		_, err := m.Get(interrupted, "x", func(ctx context.Context) (int, error) {
			close(started)
			<-ctx.Done()
			return 0, errors.New("the request was canceled")
		})
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	<-started
	for range 10 {
		callers.Go(func() {
			if value, err := m.Get(t.Context(), "x", func(context.Context) (int, error) { return 1, nil }); value != 1 || err != nil {
				t.Errorf("%d, %v", value, err)
			}
		})
	}
	callers.Go(func() {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := m.Get(ctx, "y", func(ctx context.Context) (int, error) { return 0, ctx.Err() }); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	interrupt()
	callers.Wait()
}

// A value that is no longer usable is computed again, also where it was requested
// before it could be usable.
func TestMap_outdated(t *testing.T) {
	t.Parallel()
	var m Map[int]
	get := func(least, computed int) int {
		value, err := m.GetIf(t.Context(), "x", func(v int) bool { return v >= least }, func(context.Context) (int, error) { return computed, nil })
		if err != nil {
			t.Error(err)
		}
		return value
	}
	if a, b, c := get(1, 1), get(1, 2), get(2, 3); a != 1 || b != 1 || c != 3 {
		t.Errorf("%d, %d, %d", a, b, c)
	}
}
