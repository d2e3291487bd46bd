package inventory

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

func (a *asker) ask() ([]int, error) {
	n := a.times.Add(1)
	if a.hold != nil {
		<-a.hold
	}
	return []int{int(n)}, a.err
}

func TestMemo_once(t *testing.T) {
	t.Parallel()
	var m memo[int]
	a := &asker{hold: make(chan struct{})}
	var readers sync.WaitGroup
	for range 50 {
		readers.Go(func() {
			if rows, err := m.get(t.Context(), "x", a.ask); err != nil || !slices.Equal(rows, []int{1}) {
				t.Errorf("%v, %v", rows, err)
			}
		})
	}
	close(a.hold)
	readers.Wait()
	if rows, _ := m.get(t.Context(), "y", a.ask); !slices.Equal(rows, []int{2}) {
		t.Errorf("another list is %v", rows)
	}
	m.forget()
	if rows, _ := m.get(t.Context(), "x", a.ask); !slices.Equal(rows, []int{3}) {
		t.Errorf("after a write the list is %v", rows)
	}
}

func TestMemo_failure(t *testing.T) {
	t.Parallel()
	var m memo[int]
	a := &asker{err: errors.New("503")}
	if _, err := m.get(t.Context(), "x", a.ask); !errors.Is(err, a.err) {
		t.Error(err)
	}
	a.err = nil
	if rows, err := m.get(t.Context(), "x", a.ask); err != nil || !slices.Equal(rows, []int{2}) {
		t.Errorf("%v, %v", rows, err)
	}
}

// A list that was on its way when something was written is kept for nobody
// who comes later.
func TestMemo_writeMeanwhile(t *testing.T) {
	t.Parallel()
	var m memo[int]
	a := &asker{}
	early, err := m.get(t.Context(), "x", func() ([]int, error) {
		m.forget()
		return a.ask()
	})
	if err != nil || !slices.Equal(early, []int{1}) {
		t.Errorf("%v, %v", early, err)
	}
	if rows, _ := m.get(t.Context(), "x", a.ask); !slices.Equal(rows, []int{2}) {
		t.Errorf("%v", rows)
	}
}

// An interrupt of one reader is no answer for the others.
func TestMemo_interrupted(t *testing.T) {
	t.Parallel()
	var m memo[int]
	asking, give := make(chan struct{}), make(chan struct{})
	var first sync.WaitGroup
	first.Go(func() {
		_, err := m.get(t.Context(), "x", func() ([]int, error) {
			close(asking)
			<-give
			return nil, context.Canceled
		})
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	<-asking
	interrupted, interrupt := context.WithCancel(t.Context())
	interrupt()
	if _, err := m.get(interrupted, "x", nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	var second sync.WaitGroup
	second.Go(func() {
		if rows, err := m.get(t.Context(), "x", (&asker{}).ask); err != nil || !slices.Equal(rows, []int{1}) {
			t.Errorf("%v, %v", rows, err)
		}
	})
	close(give)
	first.Wait()
	second.Wait()
}
