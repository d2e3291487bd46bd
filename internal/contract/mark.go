package contract

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"time"
)

// marks is how many marked moments a minute has. Each create takes one at
// random, so that two runs at once take each other's tokens for their own only
// by a chance of one in so many.
const marks = 16

// markedMoment is one of the marked moments of the minute that a time is in.
func markedMoment(at time.Time, mark int) time.Time {
	minute := at.UTC().Truncate(time.Minute)
	sum := sha256.Sum256(fmt.Appendf(nil, "prefactor contract suite\n%s %d", minute.Format(time.RFC3339), mark))
	second := binary.BigEndian.Uint64(sum[:8]) % 60
	// Never a whole second, which anybody could ask for.
	micros := 1 + binary.BigEndian.Uint64(sum[8:16])%999_999
	return minute.Add(time.Duration(second)*time.Second + time.Duration(micros)*time.Microsecond)
}

// nextMarked is a marked moment that is not before a time, and less than two
// minutes behind it.
func nextMarked(at time.Time) time.Time {
	return nextOf(at, rand.IntN(marks)) //nolint:gosec // It is no secret.
}

func nextOf(at time.Time, mark int) time.Time {
	if m := markedMoment(at, mark); !m.Before(at) {
		return m
	}
	return markedMoment(at.Add(time.Minute), mark)
}

// bearsMark tells whether a time is a marked moment.
func bearsMark(at time.Time) bool {
	for mark := range marks {
		if markedMoment(at, mark).Equal(at) {
			return true
		}
	}
	return false
}
