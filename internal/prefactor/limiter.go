package prefactor

import (
	"context"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

// maxPause is how long all pauses together can take without a good response.
const maxPause = 2 * time.Minute

// limiter caps the requests in flight, first come, first served, and holds all
// them back for the time of a Retry-After header.
type limiter struct {
	slots *semaphore.Weighted

	mu             sync.Mutex
	inFlight, peak int
	pausedUntil    time.Time
	// pausedFor is how long the pauses since the last good response are.
	pausedFor time.Duration
}

func newLimiter(most int) *limiter { return &limiter{slots: semaphore.NewWeighted(int64(most))} }

// acquire waits for a slot and for the end of the pause.
func (l *limiter) acquire(ctx context.Context) error {
	if err := l.slots.Acquire(ctx, 1); err != nil {
		return err
	}
	for wait := l.enter(); wait > 0; wait = l.enter() {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			l.slots.Release(1)
			return ctx.Err()
		}
	}
	return nil
}

// enter counts a request as in flight, unless it has to wait.
func (l *limiter) enter() (wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if wait = time.Until(l.pausedUntil); wait > 0 {
		return wait
	}
	l.inFlight++
	l.peak = max(l.peak, l.inFlight)
	return 0
}

func (l *limiter) release() {
	l.mu.Lock()
	l.inFlight--
	l.mu.Unlock()
	l.slots.Release(1)
}

// highest is the most requests that were ever in flight at once.
func (l *limiter) highest() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.peak
}

// asksToWait tells that the Retry-After of a response is about all requests.
func asksToWait(status int) bool {
	return status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable
}

// pause holds requests back for as long as the platform asks, or for the longest
// time where that is shorter. It never shortens a pause. It returns false, and
// does not pause, where the pauses together would take too long.
func (l *limiter) pause(asked, longest time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	until := now.Add(min(asked, longest))
	added := until.Sub(now)
	if l.pausedUntil.After(now) {
		added = until.Sub(l.pausedUntil)
	}
	if asked > maxPause || l.pausedFor+added > maxPause {
		return false
	}
	if added > 0 {
		l.pausedFor += added
		l.pausedUntil = until
	}
	return true
}

// resetPauses notes a good response: later pauses count from zero.
func (l *limiter) resetPauses() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pausedFor = 0
}
