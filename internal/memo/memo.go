// Package memo computes values once and shares them.
package memo

import (
	"context"
	"errors"
	"strconv"
	"sync"

	"golang.org/x/sync/singleflight"
)

// Map keeps a value for each key. Concurrent callers share one computation. A
// failure is not kept. The zero Map is empty; it is safe for concurrent use.
type Map[T any] struct {
	flights singleflight.Group

	mu         sync.Mutex
	values     map[string]T
	generation int
}

// errAbandoned is the result of a computation whose caller gave up.
var errAbandoned = errors.New("the caller gave up")

// Get returns the value of a key, which it computes if there is none.
func (m *Map[T]) Get(ctx context.Context, key string, compute func(context.Context) (T, error)) (T, error) {
	return m.GetIf(ctx, key, func(T) bool { return true }, compute)
}

// GetIf is Get for values that can become outdated: one that is not usable is
// computed again. A computation ends with its caller's context: then another
// caller who waits for it starts a new one.
func (m *Map[T]) GetIf(ctx context.Context, key string, usable func(T) bool, compute func(context.Context) (T, error)) (none T, err error) {
	for {
		kept, ok, generation := m.lookUp(key)
		if ok && usable(kept) {
			return kept, nil
		}
		own := false
		// A caller after Forget does not share an earlier computation.
		result := m.flights.DoChan(strconv.Itoa(generation)+" "+key, func() (any, error) {
			own = true
			if kept, ok, _ := m.lookUp(key); ok && usable(kept) {
				return kept, nil // Another computation has just ended.
			}
			value, err := compute(ctx)
			switch {
			case err == nil:
				m.keep(key, value, generation)
			case ctx.Err() != nil:
				err = errAbandoned
			}
			return value, err
		})
		select {
		case <-ctx.Done():
			return none, ctx.Err()
		case r := <-result:
			value, _ := r.Val.(T)
			switch {
			case ctx.Err() != nil:
				return none, ctx.Err()
			case errors.Is(r.Err, errAbandoned), r.Err == nil && !own && !usable(value):
			default:
				return value, r.Err
			}
		}
	}
}

// Values are all values that are known; nothing is computed.
func (m *Map[T]) Values() []T {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := make([]T, 0, len(m.values))
	for _, value := range m.values {
		all = append(all, value)
	}
	return all
}

// Forget drops all values, so that they are computed again.
func (m *Map[T]) Forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.values = nil
	m.generation++
}

func (m *Map[T]) lookUp(key string) (value T, ok bool, generation int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	value, ok = m.values[key]
	return value, ok, m.generation
}

func (m *Map[T]) keep(key string, value T, generation int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if generation != m.generation {
		return
	}
	if m.values == nil {
		m.values = map[string]T{}
	}
	m.values[key] = value
}
