package prefactor

import (
	"net/http"
	"sync"
	"time"
)

// tolerance is how far the two clocks may be apart before the platform's wins.
// The Date header has whole seconds and is as old as the response took to
// arrive, so a smaller difference means nothing.
const tolerance = time.Minute

// clock is the local clock, corrected by the platform's.
type clock struct {
	local func() time.Time

	mu   sync.Mutex
	skew time.Duration
	// proposed is another skew, which the last response had alone.
	proposed *time.Duration
}

func (c *clock) localNow() time.Time {
	if c.local != nil {
		return c.local()
	}
	return time.Now()
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.localNow().Add(c.skew)
}

// observe learns from the Date of a response in the API's form. One response
// alone changes nothing: two in a row have to agree.
func (c *clock) observe(resp *http.Response) {
	date, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return
	}
	skew := date.Sub(c.localNow())
	if skew.Abs() <= tolerance {
		skew = 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case (skew - c.skew).Abs() <= tolerance:
		c.proposed = nil
	case c.proposed != nil && (skew-*c.proposed).Abs() <= tolerance:
		c.skew, c.proposed = skew, nil
	default:
		c.proposed = &skew
	}
}
