package prefactor

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Field is a value of an API object which may be null or missing altogether.
// The platform does not say that a row of a list carries every field of the
// object, and a missing field is not a null one.
type Field[T any] struct {
	// Value is the zero T when the field is null or missing.
	Value T
	// Present tells that the answer had the field, be it null.
	Present bool
	// Null tells that the field was there and null.
	Null bool
}

// Known tells that the field was there with a value.
func (f Field[T]) Known() bool { return f.Present && !f.Null }

// UnmarshalJSON is called for fields that are there, null or not.
func (f *Field[T]) UnmarshalJSON(data []byte) error {
	f.Present = true
	if bytes.Equal(data, []byte("null")) {
		f.Null = true
		return nil
	}
	return json.Unmarshal(data, &f.Value)
}

// Some is a field with a value.
func Some[T any](v T) Field[T] { return Field[T]{Value: v, Present: true} }

// orSome fills in what is known from the question where the answer lacks it.
func orSome[T any](f Field[T], v T) Field[T] {
	if f.Present {
		return f
	}
	return Some(v)
}

// Timestamp is a moment as the platform writes it: ISO 8601, with or without
// fractional seconds, with Z or an offset.
type Timestamp struct{ time.Time }

// UnmarshalJSON parses the platform's form of a moment.
func (t *Timestamp) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return fmt.Errorf("a timestamp is a string, not %s", kindOf(data))
	}
	parsed, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		// Without the text: in an answer this odd it may be anything, a secret too.
		return errors.New("a timestamp is not in the form of RFC 3339")
	}
	if parsed = parsed.UTC(); !writable(parsed) {
		return errors.New("a timestamp is outside of the years that RFC 3339 can write")
	}
	t.Time = parsed
	return nil
}

// writable tells whether a moment in UTC has a form in RFC 3339. One that came
// in that form with an offset need not have.
func writable(at time.Time) bool { return at.Year() >= 0 && at.Year() <= 9999 }

// Person is who made an object: a string, or an object with a name or an email
// address. The platform does not say which.
type Person string

// UnmarshalJSON accepts each of the forms.
func (p *Person) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err == nil {
		*p = Person(text)
		return nil
	}
	var object struct {
		Name  any `json:"name"`
		Email any `json:"email"`
	}
	// Who made a token is a courtesy: an unforeseen form of it is no reason
	// to fail.
	if err := json.Unmarshal(data, &object); err != nil {
		return nil //nolint:nilerr // See above.
	}
	for _, v := range []any{object.Name, object.Email} {
		if s, ok := v.(string); ok && s != "" {
			*p = Person(s)
			return nil
		}
	}
	return nil
}

func kindOf(data []byte) string {
	data = bytes.TrimSpace(data)
	if len(data) == 0 {
		return "nothing"
	}
	switch data[0] {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a string"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	default:
		return "a number"
	}
}
