package contract

import (
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// markedMoment is the one marked moment of the minute that a time is in.
func markedMoment(at time.Time) time.Time {
	minute := at.UTC().Truncate(time.Minute)
	sum := sha256.Sum256(append([]byte("prefactor contract suite\n"), minute.Format(time.RFC3339)...))
	second := binary.BigEndian.Uint64(sum[:8]) % 60
	// Never a whole second, which anybody could ask for.
	micros := 1 + binary.BigEndian.Uint64(sum[8:16])%999_999
	return minute.Add(time.Duration(second)*time.Second + time.Duration(micros)*time.Microsecond)
}

// nextMarked is the first marked moment that is not before a time.
func nextMarked(at time.Time) time.Time {
	if m := markedMoment(at); !m.Before(at) {
		return m
	}
	return markedMoment(at.Add(time.Minute))
}

// bearsMark tells whether a time is a marked moment.
func bearsMark(at time.Time) bool { return markedMoment(at).Equal(at) }
