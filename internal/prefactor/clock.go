package prefactor

import (
	"net/http"
	"sync/atomic"
	"time"
)

// tolerance is how far the two clocks may be apart before the platform's wins.
// The Date header has whole seconds and is as old as the answer took to
// arrive, so a smaller difference means nothing.
const tolerance = time.Minute

// clock is the local clock, set right by the platform's.
type clock struct {
	local func() time.Time
	skew  atomic.Int64
}

func (c *clock) localNow() time.Time {
	if c.local != nil {
		return c.local()
	}
	return time.Now()
}

func (c *clock) now() time.Time {
	return c.localNow().Add(time.Duration(c.skew.Load()))
}

// observe learns from the Date header of an answer.
func (c *clock) observe(resp *http.Response) {
	date, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return
	}
	skew := date.Sub(c.localNow())
	if skew.Abs() <= tolerance {
		skew = 0
	}
	c.skew.Store(int64(skew))
}
