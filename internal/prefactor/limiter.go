package prefactor

import (
	fifo "container/list"
	"context"
	"net/http"
	"sync"
	"time"
)

// outcome is what the end of a request says of how much the platform bears.
type outcome int

const (
	// neutral says nothing: the request was cut short, or failed for a reason
	// of its own.
	neutral outcome = iota
	good
	// overloaded asks for fewer requests at once.
	overloaded
)

// outcomeOf judges a status. A 504 is a proxy's time-out.
func outcomeOf(status int) outcome {
	switch {
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable, status == http.StatusGatewayTimeout:
		return overloaded
	case status >= 500:
		return neutral
	default:
		return good
	}
}

// limiter holds the requests of a client under a cap, first come first served,
// and learns from the platform how many it bears: when it is overloaded the
// allowance halves, and recovers by one after as many good answers as it is
// large. What the platform asks for by Retry-After holds for every request.
type limiter struct {
	mu        sync.Mutex
	most      int
	allowance int
	inFlight  int
	// peak is the most that were ever in flight.
	peak int
	good int
	// epoch counts the halvings. The end of a request that was sent before the
	// last halving says nothing new: neither that the platform is still
	// overloaded, nor that it bears more by now.
	epoch   int
	waiting fifo.List // of chan struct{}, closed when it is the waiter's turn
	paused  time.Time
	// pausedFor is how long the pauses since the last good response are.
	pausedFor time.Duration
	wake      *time.Timer
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
		l.peak = max(l.peak, l.inFlight)
		close(turn)
	}
}

// maxPause is how long all pauses together can take without a good response.
const maxPause = 2 * time.Minute

// pause lets nobody in for as long as the platform asks, or for the longest time
// where that is shorter. A pause that is under way is not shortened. It gives
// false, and does not pause, where that would take too long.
func (l *limiter) pause(asked, longest time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	from := now
	if l.paused.After(now) {
		from = l.paused
	}
	until := now.Add(min(asked, longest))
	added := max(until.Sub(from), 0)
	if asked > maxPause || l.pausedFor+added > maxPause {
		return false
	}
	if added == 0 {
		return true
	}
	l.pausedFor += added
	l.paused = until
	if l.wake != nil {
		l.wake.Stop()
		l.wake = nil
	}
	l.admit()
	return true
}

// learn adapts the allowance to how the request of this place ended.
func (p *place) learn(o outcome) {
	l := p.limiter
	l.mu.Lock()
	defer l.mu.Unlock()
	if o == good {
		l.pausedFor = 0
	}
	if p.epoch != l.epoch {
		return
	}
	switch {
	case o == overloaded:
		l.allowance = max(1, l.allowance/2)
		l.epoch++
		l.good = 0
	case o == good && l.allowance < l.most:
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

// highest is the most requests that were ever in flight at once.
func (l *limiter) highest() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.peak
}
