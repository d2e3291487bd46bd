package tfkit

import "time"

const (
	// CleanupTimeout bounds the search for, and the removal of, what an interrupted
	// create has left.
	CleanupTimeout = 2 * time.Minute

	// ClockSlack is how far the platform's clock may be from Client.Now, which ignores
	// differences of less than a minute.
	ClockSlack = 90 * time.Second
)
