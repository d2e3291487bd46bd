package prefactor

import (
	fifo "container/list"
	"context"
	"sync"
	"time"
)

// limiter holds the requests of a client under a cap, first come first served,
// and learns from the platform how many it bears: when it is overloaded the
// allowance halves, and recovers by one after as many good answers as it is
// large. What the platform asks for by Retry-After holds for every request.
type limiter struct {
	mu        sync.Mutex
	most      int
	allowance int
	inFlight  int
	good      int
	// epoch counts the halvings. An answer to a request that was sent before
	// the last halving says nothing new.
	epoch   int
	waiting fifo.List // of chan struct{}, closed when it is the waiter's turn
	paused  time.Time
	wake    *time.Timer
}

// place is the permission for one request.
type place struct {
	limiter *limiter
	epoch   int
	once    sync.Once
}

func newLimiter(most int) *limiter { return &limiter{most: most, allowance: most} }

// acquire waits for a place, or until the context ends.
func (l *limiter) acquire(ctx context.Context) (*place, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	l.mu.Lock()
	turn := make(chan struct{})
	entry := l.waiting.PushBack(turn)
	l.admit()
	l.mu.Unlock()
	select {
	case <-turn:
	case <-ctx.Done():
	}
	if ctx.Err() == nil {
		return l.occupied(), nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-turn:
		// Its turn came all the same: the place goes to the next one.
		l.inFlight--
		l.admit()
	default:
		l.waiting.Remove(entry)
	}
	return nil, ctx.Err()
}

func (l *limiter) occupied() *place {
	l.mu.Lock()
	defer l.mu.Unlock()
	return &place{limiter: l, epoch: l.epoch}
}

// admit lets waiters in as far as the allowance reaches. It is called with the
// lock held.
func (l *limiter) admit() {
	if wait := time.Until(l.paused); wait > 0 {
		if l.waiting.Len() > 0 && l.wake == nil {
			l.wake = time.AfterFunc(wait, func() {
				l.mu.Lock()
				defer l.mu.Unlock()
				l.wake = nil
				l.admit()
			})
		}
		return
	}
	for l.inFlight < l.allowance && l.waiting.Len() > 0 {
		turn, _ := l.waiting.Remove(l.waiting.Front()).(chan struct{})
		l.inFlight++
		close(turn)
	}
}

// answered learns from the answer to a request: whether the platform was
// overloaded, and how long it asks to be left alone.
func (p *place) answered(overloaded bool, pause time.Duration) {
	l := p.limiter
	l.mu.Lock()
	defer l.mu.Unlock()
	if until := time.Now().Add(pause); pause > 0 && until.After(l.paused) {
		l.paused = until
		if l.wake != nil {
			l.wake.Stop()
			l.wake = nil
		}
		l.admit()
	}
	switch {
	case overloaded && p.epoch == l.epoch:
		l.allowance = max(1, l.allowance/2)
		l.epoch++
		l.good = 0
	case !overloaded && l.allowance < l.most:
		l.good++
		if l.good >= l.allowance {
			l.allowance++
			l.good = 0
		}
	}
}

// release gives the place to the next waiter. Further calls do nothing.
func (p *place) release() {
	p.once.Do(func() {
		p.limiter.mu.Lock()
		defer p.limiter.mu.Unlock()
		p.limiter.inFlight--
		p.limiter.admit()
	})
}
