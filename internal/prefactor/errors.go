package prefactor

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What an *Error can be matched with by errors.Is.
var (
	// ErrNotFound is a 404 in which the API itself says that the object does
	// not exist. A 404 of a proxy or of a wrong URL does not match.
	ErrNotFound = errors.New("not found")
	// ErrNotAuthenticated is a 401: the token is unknown, suspended, revoked or
	// expired, or it is a deployment token on an admin endpoint.
	ErrNotAuthenticated = errors.New("not authenticated")
	// ErrNotPermitted is a 403: the token is valid, but may not do this.
	ErrNotPermitted = errors.New("not permitted")
	// ErrRejected tells that the platform understood the request and rejected it.
	ErrRejected = errors.New("rejected")
	// ErrInvalidAction tells that the state of the object does not allow the action.
	ErrInvalidAction = errors.New("invalid action")
	// ErrIdempotencyKeyUsed tells that an earlier attempt of the same call was
	// carried out, whose response did not arrive.
	ErrIdempotencyKeyUsed = errors.New("idempotency key already used")
	// ErrNoResponse tells that there is no usable response: the connection failed
	// or timed out, or the response was not in the API's form.
	ErrNoResponse = errors.New("no usable response")
)

// The codes of the API's errors, all that there are (reference: each page, such
// as actionaccountupdate; "the ApiError schema's code enum is the backend error
// vocabulary").
const (
	CodeBadRequest                = "bad_request"
	CodeBadAuthtoken              = "bad_authtoken" //nolint:gosec // A code.
	CodeNotAuthenticated          = "not_authenticated"
	CodeNotPermitted              = "not_permitted"
	CodeNotImplemented            = "not_implemented"
	CodeUnknown                   = "unknown"
	CodeNotFound                  = "not_found"
	CodeUnexpectedRefType         = "unexpected_ref_type"
	CodeUnexpected                = "unexpected"
	CodeInvalidAction             = "invalid_action"
	CodeInvalidValue              = "invalid_value"
	CodeRequiredValue             = "required_value"
	CodeIdempotencyKeyAlreadyUsed = "idempotency_key_already_used"
	// CodeValidationErrors comes with what is wrong with each field.
	CodeValidationErrors = "validation_errors"
)

var codes = []string{
	CodeBadRequest, CodeBadAuthtoken, CodeNotAuthenticated, CodeNotPermitted, CodeNotImplemented, CodeUnknown, CodeNotFound, CodeUnexpectedRefType,
	CodeUnexpected, CodeInvalidAction, CodeInvalidValue, CodeRequiredValue, CodeIdempotencyKeyAlreadyUsed, CodeValidationErrors,
}

const (
	maxMessage = 300
	maxExtract = 160
	maxFields  = 20
	maxDepth   = 8
)

// Error is the failure of one API call. Its text can be shown: it is cut to
// size, without control characters and secrets.
type Error struct {
	// Op is what was tried, such as "suspend token 01...".
	Op string
	// Method and Path are the request's.
	Method, Path string
	// Status is the HTTP status, 0 when no response came.
	Status int
	// Code is the API's own code, such as "not_found"; empty when the response
	// was not in the API's form.
	Code string
	// Message is the API's own sentence, or what is wrong with the response.
	Message string
	// Fields are the fields that the API rejected.
	Fields []FieldError
	// Ambiguous tells that the platform may have carried out the request nevertheless.
	Ambiguous bool
	// Attempts is how many times the request was sent.
	Attempts int

	fromAPI bool
	// hasToken tells that the value of a token came with the error.
	hasToken bool
	// final tells that the request is not worth retrying.
	final bool
	err   error
}

// FieldError is the message of a validation for one field.
type FieldError struct {
	// Field is the field's path, such as "expires_at"; the leading "details" is left out.
	Field string
	// Message is the platform's sentence.
	Message string
}

func (e *Error) Error() string {
	text := "cannot " + e.Op + ": " + e.reason()
	if e.Attempts > 1 {
		text += fmt.Sprintf(" (tried %d times)", e.Attempts)
	}
	return text
}

// reason is the text without what was tried.
func (e *Error) reason() string {
	var b strings.Builder
	if e.Status != 0 {
		fmt.Fprintf(&b, "HTTP %d", e.Status)
		if text := http.StatusText(e.Status); text != "" {
			fmt.Fprintf(&b, " (%s)", text)
		}
		if e.Code != "" {
			fmt.Fprintf(&b, ", code %s", e.Code)
		}
		b.WriteString(": ")
	}
	b.WriteString(e.Message)
	sep := ": "
	for _, f := range e.Fields {
		b.WriteString(sep)
		sep = "; "
		if f.Field != "" {
			b.WriteString(f.Field + " ")
		}
		b.WriteString(f.Message)
	}
	return b.String()
}

// Unwrap gives the cause: a network error, a context's error or nil.
func (e *Error) Unwrap() error { return e.err }

// Is matches the sentinels of this package.
func (e *Error) Is(target error) bool {
	switch target {
	case ErrNotFound:
		return e.Code == CodeNotFound && e.Status == http.StatusNotFound
	case ErrNotAuthenticated:
		return e.Status == http.StatusUnauthorized || e.Code == CodeBadAuthtoken || e.Code == CodeNotAuthenticated
	case ErrNotPermitted:
		return e.Status == http.StatusForbidden || e.Code == CodeNotPermitted
	case ErrRejected:
		// The statuses of most codes are not known.
		return e.fromAPI && slices.Contains([]int{http.StatusBadRequest, http.StatusConflict, http.StatusUnprocessableEntity}, e.Status) &&
			e.Code != CodeIdempotencyKeyAlreadyUsed
	case ErrInvalidAction:
		return e.Code == CodeInvalidAction
	case ErrIdempotencyKeyUsed:
		return e.Code == CodeIdempotencyKeyAlreadyUsed
	case ErrNoResponse:
		return !e.fromAPI
	}
	return false
}

// errorEnvelope is the form of the API's errors. A proxy may put anything there.
type errorEnvelope struct {
	Status  any `json:"status"`
	Code    any `json:"code"`
	Message any `json:"message"`
	Errors  any `json:"errors"`
}

// parseError reads an error in the API's form; it is nil for anything else.
// redact removes secrets from the platform's words.
func parseError(status int, body []byte, redact func(string) string) *Error {
	var envelope errorEnvelope
	_ = json.Unmarshal(body, &envelope) // Anything but an object has no status.
	// The JSON of a proxy or a router may have a code and a message, too.
	code, _ := envelope.Code.(string)
	if envelope.Status != "error" || !slices.Contains(codes, code) {
		return nil
	}
	message, _ := envelope.Message.(string)
	return &Error{
		Status: status, Code: code, Message: cmp.Or(cleanRedacted(message, maxMessage, redact), "the platform gave no reason"),
		Fields: fieldErrors(nil, envelope.Errors, redact), fromAPI: true,
	}
}

// fieldErrors flattens the messages for fields: values are strings, lists
// of strings, or objects such as {"code":"required","message":"is required"},
// possibly nested.
func fieldErrors(path []string, v any, redact func(string) string) (out []FieldError) {
	switch v := v.(type) {
	case string:
		if len(path) > 0 && path[0] == "details" {
			path = path[1:]
		}
		if v != "" {
			out = append(out, FieldError{Field: cleanRedacted(strings.Join(path, "."), 80, redact), Message: cleanRedacted(v, maxMessage, redact)})
		}
	case []any:
		for _, item := range v {
			out = append(out, fieldErrors(path, item, redact)...)
		}
	case map[string]any:
		for _, key := range []string{"message", "code"} {
			if text, ok := v[key].(string); ok {
				return fieldErrors(path, text, redact)
			}
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if len(path) < maxDepth && len(out) < maxFields {
				out = append(out, fieldErrors(append(slices.Clone(path), key), v[key], redact)...)
			}
		}
	}
	return out[:min(len(out), maxFields)]
}

var (
	// title is the title of an HTML page.
	title = regexp.MustCompile(`(?i)<title[^>]*>([^<]*)`)
	// fieldName is what a name of the API looks like. Anything else is a value.
	fieldName = regexp.MustCompile(`^[a-z_]{1,30}$`)
)

// describeBody describes a response that is not the JSON of the API. quote
// makes a text or the title of a page fit to be repeated.
func describeBody(contentType string, body []byte, quote func(string) string) string {
	trimmed := bytes.TrimSpace(body)
	switch {
	case len(trimmed) == 0:
		return "the body is empty"
	case json.Valid(trimmed):
		return describeJSON(trimmed)
	case trimmed[0] == '{' || trimmed[0] == '[':
		return fmt.Sprintf("broken or truncated JSON (%d bytes)", len(body))
	case strings.Contains(contentType, "html") || trimmed[0] == '<':
		name := slices.Concat(title.FindSubmatch(trimmed), [][]byte{nil, nil})[1]
		return "an HTML page, perhaps from a proxy or a sign-in page" + quote(html.UnescapeString(string(name)))
	default:
		return fmt.Sprintf("a text of %d bytes", len(body)) + quote(string(trimmed))
	}
}

// describeJSON names the fields of an unexpected response and none of their
// values: the response to a create contains a secret that nobody knows yet.
func describeJSON(body []byte) string {
	var object map[string]json.RawMessage
	_ = json.Unmarshal(body, &object) // Only an object has names.
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(object)), func(name string) bool { return !fieldName.MatchString(name) })
	if len(names) == 0 {
		return "unexpected JSON"
	}
	return "unexpected JSON, with " + cut(strings.Join(names, ", "), maxExtract)
}

// cleanRedacted makes the text of others fit for a terminal: one line without
// secrets, control and format characters, cut to a number of characters. Secrets
// are removed before the text is cut, so that no part of one is left at its end.
func cleanRedacted(s string, limit int, redact func(string) string) string {
	return cut(redact(plain(s, limit)), limit)
}

func plain(s string, limit int) string {
	var out strings.Builder
	blank := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			blank = out.Len() > 0
			continue
		case r == unicode.ReplacementChar, unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r):
			continue
		}
		if blank {
			out.WriteByte(' ')
			blank = false
		}
		out.WriteRune(r)
		// A megabyte needs no more work than what is kept of it.
		if out.Len() > 2*utf8.UTFMax*limit {
			break
		}
	}
	return out.String()
}

func cut(s string, limit int) string {
	for i := range s {
		if limit == 0 {
			return s[:i] + "…"
		}
		limit--
	}
	return s
}
