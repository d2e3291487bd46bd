package coalesce

import (
	"context"
	"sync"
	"time"
)

// flight is one request that several readers wait for. It goes on while at
// least one of them waits, whosoever context began it, and ends with the last.
// (golang.org/x/sync/singleflight does not end a call that nobody waits for.)
type flight[T any] struct {
	began  time.Time
	done   chan struct{}
	cancel context.CancelFunc

	mu      sync.Mutex
	waiting int

	value T
	err   error
}

// start starts a request for a first reader, who has to wait for it.
func start[T any](ctx context.Context, work func(ctx context.Context) (T, error)) *flight[T] {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f := &flight[T]{began: time.Now(), done: make(chan struct{}), cancel: cancel, waiting: 1}
	go func() {
		defer cancel()
		f.value, f.err = work(ctx)
		close(f.done)
	}()
	return f
}

// join adds a reader. It fails when the last one has just left.
func (f *flight[T]) join() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.waiting == 0 {
		return false
	}
	f.waiting++
	return true
}

// wait waits for the answer, or until the reader's own context ends.
func (f *flight[T]) wait(ctx context.Context) (T, error) {
	select {
	case <-f.done:
		return f.value, f.err
	case <-ctx.Done():
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.waiting--
	if f.waiting == 0 {
		f.cancel()
	}
	var none T
	return none, ctx.Err()
}
