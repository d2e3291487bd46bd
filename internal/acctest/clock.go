package acctest

import (
	"sync"
	"time"
)

// Clock is the time of a test: it stands still until it is moved.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock starts at a full second near the real time, since Terraform and
// certificates live in the real one.
func NewClock() *Clock { return &Clock{now: time.Now().UTC().Truncate(time.Second)} }

// Now is the present moment.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock on.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Later is longer than an object is recently created: what is deleted after it
// is confirmed to be deleted.
const Later = 2 * time.Minute
