// Package pfid parses and generates Prefactor ids.
//
// A PFID is 32 characters of lower-case Crockford base 32: ten of a
// millisecond timestamp, six of a partition and sixteen random ones. All ids
// of an account have the same partition, so no request is needed to see
// whether two ids belong to the same account.
//
// Source of the format: the vendor's public PFID library.
package pfid

import (
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	// Length is the number of characters of every id.
	Length = 32

	// MaxPartition is the largest partition: it has 30 bits.
	MaxPartition = 1<<30 - 1

	alphabet       = "0123456789abcdefghjkmnpqrstvwxyz"
	timeChars      = 10
	partitionChars = 6
	randomBytes    = 10
	maxMillis      = 1<<48 - 1
)

var encoding = base32.NewEncoding(alphabet).WithPadding(base32.NoPadding)

// The ways in which a string fails to be a PFID. Parse wraps one of them; none
// of its errors repeats the string, which may be a secret pasted by mistake.
var (
	ErrLength    = errors.New("a PFID has 32 characters")
	ErrUpperCase = errors.New("a PFID has no upper-case letters")
	ErrAlphabet  = errors.New("a PFID is made of 0-9 and a-z without i, l, o and u")
	ErrFirst     = errors.New("the first character of a PFID is 0 to 7")
)

// ID is a parsed PFID. The zero ID is not a valid one.
type ID struct {
	text      string
	millis    int64
	partition uint32
}

// Parse validates and decodes s.
func Parse(s string) (ID, error) {
	// In characters, as people count: a pasted "é" is two bytes.
	if n := utf8.RuneCountInString(s); n != Length {
		return ID{}, fmt.Errorf("%w, but this text has %d", ErrLength, n)
	}
	position := 0
	for _, r := range s {
		position++
		if strings.ContainsRune(alphabet, r) {
			continue
		}
		if r >= 'A' && r <= 'Z' {
			return ID{}, ErrUpperCase
		}
		return ID{}, fmt.Errorf("%w: character %d of this text is not allowed", ErrAlphabet, position)
	}
	if s[0] > '7' {
		return ID{}, ErrFirst
	}
	return ID{
		text:      s,
		millis:    int64(decode(s[:timeChars])),                            //nolint:gosec // 10 characters, the first one below 8, are 48 bits.
		partition: uint32(decode(s[timeChars : timeChars+partitionChars])), //nolint:gosec // 6 characters are 30 bits.
	}, nil
}

// Valid tells whether s is a PFID.
func Valid(s string) bool {
	_, err := Parse(s)
	return err == nil
}

// New generates an id for the time t in a partition.
func New(t time.Time, partition uint32) (ID, error) {
	// Compared as times: UnixMilli wraps around for times that are far enough away.
	if t.Before(time.UnixMilli(0)) || !t.Before(time.UnixMilli(maxMillis+1)) {
		return ID{}, fmt.Errorf("a PFID cannot hold the time %s", t.UTC().Format(time.RFC3339))
	}
	if partition > MaxPartition {
		return ID{}, fmt.Errorf("a PFID's partition is at most %d, not %d", MaxPartition, partition)
	}
	millis := t.UnixMilli()
	random := make([]byte, randomBytes)
	_, _ = rand.Read(random) // Never fails: crypto/rand ends the program instead.

	text := encode(uint64(millis), timeChars) + encode(uint64(partition), partitionChars) + encoding.EncodeToString(random)
	return ID{text: text, millis: millis, partition: partition}, nil
}

// String is the id as text.
func (id ID) String() string { return id.text }

// Time is when the id was generated, in UTC and to the millisecond.
func (id ID) Time() time.Time { return time.UnixMilli(id.millis).UTC() }

// Partition is the same for all ids of an account.
func (id ID) Partition() uint32 { return id.partition }

func decode(s string) uint64 {
	var n uint64
	for i := range len(s) {
		n = n<<5 | uint64(strings.IndexByte(alphabet, s[i])) //nolint:gosec // Parse has checked the character.
	}
	return n
}

func encode(n uint64, chars int) string {
	out := make([]byte, chars)
	for i := chars - 1; i >= 0; i-- {
		out[i] = alphabet[n&31]
		n >>= 5
	}
	return string(out)
}
