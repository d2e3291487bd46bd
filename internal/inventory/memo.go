package inventory

import (
	"context"
	"errors"
	"sync"
)

// memo keeps lists by what they are lists of, until they are forgotten. A
// failure is not kept. It is safe for concurrent use; the rows are not to be
// changed.
type memo[T any] struct {
	mu    sync.Mutex
	lists map[string]*listing[T]
}

// listing is one list, asked for by its first reader.
type listing[T any] struct {
	done chan struct{}
	rows []T
	err  error
}

// get gives the list of this name, and asks for it where it is not known.
func (m *memo[T]) get(ctx context.Context, name string, ask func() ([]T, error)) ([]T, error) {
	for {
		l, first := m.listing(name)
		if first {
			l.rows, l.err = ask()
			if l.err != nil {
				m.drop(name, l)
			}
			close(l.done)
			return l.rows, l.err
		}
		select {
		case <-l.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		// That the first reader was interrupted is no answer for the others.
		if !errors.Is(l.err, context.Canceled) {
			return l.rows, l.err
		}
	}
}

// loaded gives the rows of all lists that are known, and asks for none.
func (m *memo[T]) loaded() (rows []T, isLoaded bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, l := range m.lists {
		select {
		case <-l.done:
			if l.err == nil {
				rows, isLoaded = append(rows, l.rows...), true
			}
		default:
		}
	}
	return rows, isLoaded
}

func (m *memo[T]) listing(name string) (l *listing[T], first bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if l, ok := m.lists[name]; ok {
		return l, false
	}
	if m.lists == nil {
		m.lists = map[string]*listing[T]{}
	}
	l = &listing[T]{done: make(chan struct{})}
	m.lists[name] = l
	return l, true
}

func (m *memo[T]) drop(name string, l *listing[T]) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.lists[name] == l {
		delete(m.lists, name)
	}
}

// forget has every list asked for anew, after this process has changed
// something. A list that is still on its way is for those who wait for it.
func (m *memo[T]) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lists = nil
}
