package tfkit

import "time"

const (
	// CleanupTimeout bounds what is done after an interrupt: to find what a create
	// has left behind, and to remove it.
	CleanupTimeout = 2 * time.Minute

	// ClockSlack is how far the platform's clock may be from what the client knows
	// of it, which takes less than a minute for no difference.
	ClockSlack = 90 * time.Second
)
