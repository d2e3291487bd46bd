package emulator

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// object is a JSON object of the API.
type object = map[string]any

// answer is the response of a handler.
type answer struct {
	status int
	body   object // nil sends no body
}

func details(status int, o object) answer {
	return answer{status, object{"status": "success", "details": o}}
}

// failure is an error of the API.
type failure struct {
	// status is that of a failed validation when 0.
	status  int
	code    string
	message string
	fields  []fieldError
}

type fieldError struct{ field, code, message string }

func (f *failure) Error() string { return f.code + ": " + f.message }

func errNotFound(what string) *failure {
	return &failure{status: http.StatusNotFound, code: "not_found", message: what + " not found"}
}

func invalid(fields ...fieldError) *failure {
	return &failure{code: "validation_errors", message: "Validation failed", fields: fields}
}

func invalidField(field, message string) *failure {
	return invalid(fieldError{field, "invalid", message})
}

func required(field string) fieldError { return fieldError{field, "required", "is required"} }

func (p *Platform) failed(f *failure) answer {
	body := object{"status": "error", "code": f.code, "message": f.message}
	if len(f.fields) > 0 {
		errs := object{}
		for _, e := range f.fields {
			switch p.variant.FieldErrors {
			case "string":
				errs[e.field] = e.message
			case "list":
				errs[e.field] = []string{e.message}
			default:
				errs[e.field] = object{"code": e.code, "message": e.message}
			}
		}
		if p.variant.FieldErrors == "nested" {
			errs = object{"details": errs}
		}
		body["errors"] = errs
	}
	status := cmp.Or(f.status, p.variant.ValidationStatus, http.StatusUnprocessableEntity)
	return answer{status, body}
}

// write sends a response. The Date is the platform's own time.
func (p *Platform) write(w http.ResponseWriter, a answer) {
	if w.Header().Get("Date") == "" {
		w.Header().Set("Date", p.now().UTC().Format(http.TimeFormat))
	}
	if a.body == nil {
		w.WriteHeader(a.status)
		return
	}
	raw, err := json.Marshal(a.body)
	if err != nil {
		panic("emulator: " + err.Error())
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(raw)))
	w.WriteHeader(a.status)
	_, _ = w.Write(raw)
}

func (p *Platform) stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	layout := "2006-01-02T15:04:05.000000"
	if p.variant.WholeSeconds {
		layout = "2006-01-02T15:04:05"
	}
	if p.variant.Offset {
		return t.UTC().Format(layout) + "+00:00"
	}
	return t.UTC().Format(layout) + "Z"
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
