package prefactor

import (
	"bytes"
	"encoding/json"
	"errors"
	"time"
)

// Field is a value of an API object which may be null or missing. In an update,
// the zero Field is left out of the body (omitzero), which keeps the value.
type Field[T any] struct {
	// Value is the zero T when the field is null or missing.
	Value T
	// Present tells that the field was in the object, with a value or null.
	Present bool
	// Null tells that the field was present and null.
	Null bool
}

// Known tells that the field was present with a value.
func (f Field[T]) Known() bool { return f.Present && !f.Null }

// UnmarshalJSON is called for fields that are present, null or not.
func (f *Field[T]) UnmarshalJSON(data []byte) error {
	f.Present = true
	if bytes.Equal(data, []byte("null")) {
		f.Null = true
		return nil
	}
	return json.Unmarshal(data, &f.Value)
}

// MarshalJSON is called for fields that are sent, null or not.
func (f Field[T]) MarshalJSON() ([]byte, error) {
	if !f.Known() {
		return []byte("null"), nil
	}
	return json.Marshal(f.Value)
}

// Some is a field with a value.
func Some[T any](v T) Field[T] { return Field[T]{Value: v, Present: true} }

// Null is a field that is null.
func Null[T any]() Field[T] { return Field[T]{Present: true, Null: true} }

// orSome sets what is known from the request where the response does not have it.
func orSome[T any](f Field[T], v T) Field[T] {
	if f.Present {
		return f
	}
	return Some(v)
}

// Timestamp is a time in the notation of the platform: ISO 8601, with or without
// fractional seconds, with Z or an offset.
type Timestamp struct{ time.Time }

// UnmarshalJSON parses the platform's notation of a time.
func (t *Timestamp) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return errors.New("a timestamp is not a string")
	}
	parsed, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		// Without the text: in such a response it may be anything, also a secret.
		return errors.New("a timestamp is not in the form of RFC 3339")
	}
	if parsed = parsed.UTC(); !writable(parsed) {
		return errors.New("a timestamp is outside of the years that RFC 3339 can write")
	}
	t.Time = parsed
	return nil
}

// writable tells whether a time in UTC can be written in RFC 3339. One that came
// in that form with an offset need not have.
func writable(at time.Time) bool { return at.Year() >= 0 && at.Year() <= 9999 }
