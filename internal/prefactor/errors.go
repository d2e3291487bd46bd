package prefactor

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// What an *Error can be matched with by errors.Is.
var (
	// ErrNotFound is a 404 in which the API itself says that the object does
	// not exist. A 404 of a proxy or of a wrong URL does not match.
	ErrNotFound = errors.New("not found")
	// ErrNotAuthenticated is a 401: the token is unknown, suspended, revoked or
	// expired, or it is a deployment token, which admin endpoints answer so.
	ErrNotAuthenticated = errors.New("not authenticated")
	// ErrNotPermitted is a 403: the token is valid, but may not do this.
	ErrNotPermitted = errors.New("not permitted")
	// ErrRefused tells that the platform understood the request and rejected it.
	ErrRefused = errors.New("rejected")
	// ErrInvalidAction tells that the state of the object does not allow the action.
	ErrInvalidAction = errors.New("invalid action")
	// ErrIdempotencyKeyUsed tells that an earlier attempt of the same call was
	// carried out, whose response did not arrive.
	ErrIdempotencyKeyUsed = errors.New("idempotency key already used")
	// ErrNoAnswer tells that there is no usable response: the connection failed
	// or timed out, or the response was not in the API's form.
	ErrNoAnswer = errors.New("no usable response")
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
)

// Error is the failure of one API call. Its text is fit to be shown: it is cut
// to size, has no control characters and no secret.
type Error struct {
	// Op is what was tried, such as "suspend token 01...".
	Op string
	// Method and Path are the request's.
	Method, Path string
	// Status is the HTTP status, 0 when no answer came.
	Status int
	// Code is the API's own code, such as "not_found"; empty when the answer
	// was not in the API's form.
	Code string
	// Message is the API's own sentence, or what is wrong with the answer.
	Message string
	// Fields are the fields that a validation found fault with.
	Fields []FieldError
	// Ambiguous tells that the platform may have carried out the request all the same.
	Ambiguous bool
	// Attempts is how many times the request was sent.
	Attempts int

	fromAPI bool
	// hasToken tells that the value of a token came with the error.
	hasToken bool
	// final tells that it is of no use to send the request again.
	final bool
	err   error
}

// FieldError is what a validation says of one field.
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
	case ErrRefused:
		// The statuses of most codes are not known.
		return e.fromAPI && slices.Contains([]int{http.StatusBadRequest, http.StatusConflict, http.StatusUnprocessableEntity}, e.Status) &&
			e.Code != CodeIdempotencyKeyAlreadyUsed
	case ErrInvalidAction:
		return e.Code == CodeInvalidAction
	case ErrIdempotencyKeyUsed:
		return e.Code == CodeIdempotencyKeyAlreadyUsed
	case ErrNoAnswer:
		return !e.fromAPI
	}
	return false
}

// errorEnvelope is the form of the API's errors.
type errorEnvelope struct {
	Status  string          `json:"status"`
	Code    any             `json:"code"`
	Message any             `json:"message"`
	Errors  json.RawMessage `json:"errors"`
}

// parseError reads an error in the API's form; it is nil for anything else.
// redact takes secrets out of the platform's words.
func parseError(status int, body []byte, redact func(string) string) *Error {
	var envelope errorEnvelope
	if json.Unmarshal(body, &envelope) != nil {
		return nil
	}
	// The JSON of a proxy or a router may have a code and a message, too.
	code := stringOf(envelope.Code)
	if envelope.Status != "error" || !slices.Contains(codes, code) {
		return nil
	}
	message := cleanRedacted(stringOf(envelope.Message), maxMessage, redact)
	return &Error{
		Status: status, Code: code, Message: cmp.Or(message, "the platform gave no reason"),
		Fields: fieldErrors(envelope.Errors, redact), fromAPI: true,
	}
}

func stringOf(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return ""
}

// fieldErrors flattens what the API says of fields: values are strings, lists
// of strings, or objects such as {"code":"required","message":"is required"},
// possibly nested.
func fieldErrors(raw json.RawMessage, redact func(string) string) []FieldError {
	if len(raw) == 0 {
		return nil
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		return nil
	}
	var out []FieldError
	var walk func(path []string, v any, depth int)
	add := func(path []string, message string) {
		if len(path) > 0 && path[0] == "details" {
			path = path[1:]
		}
		if message == "" || len(out) == maxFields {
			return
		}
		out = append(out, FieldError{
			Field:   cleanRedacted(strings.Join(path, "."), 80, redact),
			Message: cleanRedacted(message, maxMessage, redact),
		})
	}
	walk = func(path []string, v any, depth int) {
		if depth > 8 {
			return
		}
		switch v := v.(type) {
		case string:
			add(path, v)
		case []any:
			for _, item := range v {
				walk(path, item, depth+1)
			}
		case map[string]any:
			if message, ok := v["message"].(string); ok {
				add(path, message)
				return
			}
			if code, ok := v["code"].(string); ok {
				add(path, code)
				return
			}
			for _, k := range slices.Sorted(maps.Keys(v)) {
				walk(append(slices.Clone(path), k), v[k], depth+1)
			}
		}
	}
	walk(nil, tree, 0)
	return out
}

// describeBody says in a few words what came instead of the API's JSON.
func describeBody(contentType string, body []byte, redact func(string) string) string {
	trimmed := bytes.TrimSpace(body)
	form := describeForm(contentType, body)
	switch formOf(contentType, trimmed) {
	case formHTML:
		return fmt.Sprintf("%s (%q)", form, cleanRedacted(htmlText(trimmed), maxExtract, redact))
	case formText:
		return fmt.Sprintf("%s (%q)", form, cleanRedacted(string(trimmed), maxExtract, redact))
	default:
		return form
	}
}

// describeForm does so without a word of it.
func describeForm(contentType string, body []byte) string {
	trimmed := bytes.TrimSpace(body)
	switch formOf(contentType, trimmed) {
	case formEmpty:
		return "the body is empty"
	case formHTML:
		return "an HTML page, as of a proxy or a sign-in page"
	case formJSON:
		return describeJSON(trimmed)
	case formBroken:
		return fmt.Sprintf("broken or cut off JSON (%d bytes)", len(body))
	default:
		return fmt.Sprintf("a text of %d bytes", len(body))
	}
}

// form is what a body is at first sight.
type form int

const (
	formEmpty form = iota
	formHTML
	formJSON
	formBroken
	formText
)

func formOf(contentType string, trimmed []byte) form {
	switch {
	case len(trimmed) == 0:
		return formEmpty
	case json.Valid(trimmed):
		return formJSON
	case trimmed[0] == '{' || trimmed[0] == '[':
		return formBroken
	case strings.Contains(contentType, "html") || trimmed[0] == '<':
		return formHTML
	default:
		return formText
	}
}

// fieldName is what a name of the API looks like. What does not is a value.
var fieldName = regexp.MustCompile(`^[a-z_]{1,30}$`)

// describeJSON names the fields of an unforeseen answer and none of their
// values: the answer to a create holds a secret that nobody knows yet.
func describeJSON(body []byte) string {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(body, &object); err != nil {
		return "JSON of another form: " + kindOf(body)
	}
	if len(object) == 0 {
		return "an empty JSON object"
	}
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(object)), func(name string) bool { return !fieldName.MatchString(name) })
	if len(names) == 0 {
		return "JSON of another form"
	}
	return "JSON of another form, with " + clean(strings.Join(names, ", "), maxExtract)
}

// htmlText is the visible text of a page, without scripts and styles.
func htmlText(page []byte) string {
	tokens := html.NewTokenizer(bytes.NewReader(page))
	var out strings.Builder
	hidden := false
	for out.Len() < 4*maxExtract {
		switch tokens.Next() {
		case html.ErrorToken:
			return out.String()
		case html.StartTagToken, html.EndTagToken:
			name, _ := tokens.TagName()
			if tag := string(name); tag == "script" || tag == "style" {
				hidden = !hidden
			}
		case html.TextToken:
			if !hidden {
				out.Write(tokens.Text())
				out.WriteByte(' ')
			}
		case html.SelfClosingTagToken, html.CommentToken, html.DoctypeToken:
		}
	}
	return out.String()
}

// cleanRedacted is clean without secrets. They are looked for before the text is
// cut; of one across the end of plain text, so much is left as is no secret.
func cleanRedacted(s string, limit int, redact func(string) string) string {
	return cut(redact(plain(s, limit)), limit)
}

// clean makes foreign text fit for a terminal: one line, no control or format
// characters, cut to a number of characters.
func clean(s string, limit int) string {
	return cut(plain(s, limit), limit)
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
