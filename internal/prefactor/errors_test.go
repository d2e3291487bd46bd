package prefactor_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

var sentinels = map[string]error{
	"not found":         prefactor.ErrNotFound,
	"not authenticated": prefactor.ErrNotAuthenticated,
	"not permitted":     prefactor.ErrNotPermitted,
	"invalid action":    prefactor.ErrInvalidAction,
	"key used":          prefactor.ErrIdempotencyKeyUsed,
	"refused":           prefactor.ErrRejected,
	"no response":       prefactor.ErrNoResponse,
}

func readFails(t *testing.T, response reply) *prefactor.Error {
	t.Helper()
	_, err := replies(t, response).client(t, retries(0)).Token(t.Context(), tokenID)
	return failure(t, err)
}

func TestSentinels(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		response reply
		want     []string
	}{
		{"404 of the API", apiError(http.StatusNotFound, "not_found", "no such token"), []string{"not found"}},
		{"404 without the API's status", reply{status: http.StatusNotFound, body: `{"code":"not_found"}`}, []string{"no response"}},
		{"404 of a router in the API's form", apiError(http.StatusNotFound, "route_not_found", "no such route"), []string{"no response"}},
		{"404 with another code", apiError(http.StatusNotFound, "unexpected_ref_type", "not a token"), nil},
		{"404 page", page(http.StatusNotFound, "not_found"), []string{"no response"}},
		{"404 text", reply{status: http.StatusNotFound, contentType: "text/plain", body: "404 page not found\n"}, []string{"no response"}},
		{"404 without a body", reply{status: http.StatusNotFound}, []string{"no response"}},
		{"404 of a gateway", reply{status: http.StatusNotFound, body: `{"message":"no Route matched with those values"}`}, []string{"no response"}},
		{"404 of a cluster", reply{status: http.StatusNotFound, body: `{"kind":"Status","status":"Failure","code":404}`}, []string{"no response"}},
		{"404 of a framework", reply{status: http.StatusNotFound, body: `{"status":404,"error":"Not Found"}`}, []string{"no response"}},
		{"404 error without a code", reply{status: http.StatusNotFound, body: `{"status":"error","message":"no such route"}`}, []string{"no response"}},
		{"200 with the code", reply{status: http.StatusOK, body: `{"status":"error","code":"not_found"}`}, nil},
		{"401", apiError(http.StatusUnauthorized, "bad_authtoken", "no"), []string{"not authenticated"}},
		{"401 page", page(http.StatusUnauthorized, "sign in"), []string{"no response", "not authenticated"}},
		{"403", apiError(http.StatusForbidden, "not_permitted", "no"), []string{"not permitted"}},
		{"400", apiError(http.StatusBadRequest, "bad_request", "no"), []string{"refused"}},
		{"409", apiError(http.StatusConflict, "invalid_action", "no"), []string{"invalid action", "refused"}},
		{"409, key used", apiError(http.StatusConflict, "idempotency_key_already_used", "no"), []string{"key used"}},
		{"422, key used", apiError(http.StatusUnprocessableEntity, "idempotency_key_already_used", "no"), []string{"key used"}},
		{"422", apiError(http.StatusUnprocessableEntity, "validation_errors", "no"), []string{"refused"}},
		{"422 page", page(http.StatusUnprocessableEntity, "no"), []string{"no response"}},
		{"500", apiError(http.StatusInternalServerError, "unexpected", "no"), nil},
		{"502 page", page(http.StatusBadGateway, "no"), []string{"no response"}},
		{"cut", reply{status: -1}, []string{"no response"}},
		{"another object", ok(single(otherID)), []string{"no response"}},
	} {
		e := readFails(t, c.response)
		var got []string
		for name, sentinel := range sentinels {
			if errors.Is(fmt.Errorf("wrapped: %w", e), sentinel) {
				got = append(got, name)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: matches %q, want %q", c.name, got, c.want)
		}
	}
}

func TestErrorTexts(t *testing.T) {
	t.Parallel()
	read := "cannot read token " + tokenID + ": "
	for _, c := range []struct {
		name     string
		response reply
		want     string
	}{
		{"API", apiError(http.StatusConflict, "invalid_action", "it is revoked"), "HTTP 409 (Conflict), code invalid_action: it is revoked"},
		{"unnamed status", apiError(499, "unexpected", "bye"), "HTTP 499, code unexpected: bye"},
		{"no code", reply{status: http.StatusConflict, body: `{"status":"error","message":"no"}`}, "HTTP 409 (Conflict): the response is not from the API: unexpected JSON, with message, status"},
		{"no reason", reply{status: http.StatusConflict, body: `{"status":"error","code":"unknown","message":[1]}`}, "HTTP 409 (Conflict), code unknown: the platform gave no reason"},
		{
			"page",
			reply{status: http.StatusBadGateway, body: "<html><head><title>502&nbsp;Bad gate&#119;ay &copy;</title><style>p{}</style><script>x()</script></head><body><p>not shown</p><!-- c --></body></html>"},
			`HTTP 502 (Bad Gateway): the response is not from the API: an HTML page, perhaps from a proxy or a sign-in page ("502 Bad gateway ©")`,
		},
		{"page by its type", reply{status: http.StatusOK, contentType: "text/html", body: "sign in"}, `HTTP 200 (OK): the response is not from the API: an HTML page, perhaps from a proxy or a sign-in page`},
		{"text", reply{status: http.StatusNotFound, contentType: "text/plain", body: "404 page\nnot found"}, `HTTP 404 (Not Found): the response is not from the API: a text of 18 bytes ("404 page not found")`},
		{"empty", reply{status: http.StatusBadGateway}, "HTTP 502 (Bad Gateway): the response is not from the API: the body is empty"},
		{"empty page", reply{status: http.StatusBadGateway, contentType: "text/html"}, "HTTP 502 (Bad Gateway): the response is not from the API: the body is empty"},
		{"empty success", ok(""), "HTTP 200 (OK): the response is not from the API: the body is empty"},
		{"truncated", ok(`{"status":"succ`), "HTTP 200 (OK): the response is not from the API: broken or truncated JSON (15 bytes)"},
		{"list", ok(`[]`), "HTTP 200 (OK): the response is not from the API: unexpected JSON"},
		{"text in JSON", reply{status: http.StatusTeapot, body: `"hello"`}, "HTTP 418 (I'm a teapot): the response is not from the API: unexpected JSON"},
		{"number", reply{status: http.StatusTeapot, body: `7`}, "HTTP 418 (I'm a teapot): the response is not from the API: unexpected JSON"},
		{"boolean", reply{status: http.StatusTeapot, body: `true`}, "HTTP 418 (I'm a teapot): the response is not from the API: unexpected JSON"},
		{"null", reply{status: http.StatusTeapot, body: `null`}, "HTTP 418 (I'm a teapot): the response is not from the API: unexpected JSON"},
		{"empty object", ok(`{}`), "HTTP 200 (OK): the response has no details: unexpected JSON"},
		{"no details", ok(`{"status":"success"}`), "HTTP 200 (OK): the response has no details: unexpected JSON, with status"},
		{"other object", ok(`{"hello":1,"a_b":2,"X9":3}`), "HTTP 200 (OK): the response has no details: unexpected JSON, with a_b, hello"},
		{"no names", ok(`{"Hello World":1}`), "HTTP 200 (OK): the response has no details: unexpected JSON"},
		{"null details", ok(`{"status":"success","details":null}`), "HTTP 200 (OK): the response cannot be used: it contains none of the expected objects"},
		{"only summaries", ok(`{"status":"success","summaries":[]}`), "HTTP 200 (OK): the response cannot be used: it contains none of the expected objects"},
		{"another", ok(single(otherID)), "HTTP 200 (OK): the response cannot be used: it describes another token"},
		{"wrong type", ok(`{"status":"success","details":{"id":17}}`), "HTTP 200 (OK): the response cannot be used: id has the wrong type (number)"},
		{"wrong type within", ok(`{"status":"success","details":{"id":"` + tokenID + `","status":17}}`), "HTTP 200 (OK): the response cannot be used: status has the wrong type (number)"},
		{"wrong type of all", ok(`{"status":"success","details":[17]}`), "HTTP 200 (OK): the response cannot be used: the object has the wrong type (array)"},
		{"time is a number", ok(`{"status":"success","details":{"expires_at":17}}`), "HTTP 200 (OK): the response cannot be used: a timestamp is not a string"},
		{"too large", ok(strings.Repeat("x", 10<<20)), "HTTP 200 (OK): the response is larger than 8 MiB"},
	} {
		if e := readFails(t, c.response); e.Error() != read+c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, e, read+c.want)
		}
	}
	e := readFails(t, reply{status: http.StatusOK, body: single(tokenID), cut: 30})
	if want := read + "HTTP 200 (OK): the connection broke while the response was read: the connection was closed before the response was complete"; e.Error() != want {
		t.Errorf("%s\nwant\n%s", e, want)
	}
}

// What a validation says of fields comes in several forms.
func TestFieldErrors(t *testing.T) {
	t.Parallel()
	type fields = []prefactor.FieldError
	bomb := strings.Repeat(`{"a":`, 50) + `"deep"` + strings.Repeat(`}`, 50)
	deeper := strings.Repeat(`[`, 20_000) + strings.Repeat(`]`, 20_000)
	many := make([]string, 1000)
	for i := range many {
		many[i] = fmt.Sprintf(`"f%03d":"is bad"`, i)
	}
	for _, c := range []struct {
		name, errors string
		want         fields
	}{
		{"none", `null`, nil},
		{"string", `{"expires_at":"is past"}`, fields{{"expires_at", "is past"}}},
		{"list", `{"expires_at":["is past","is odd"]}`, fields{{"expires_at", "is past"}, {"expires_at", "is odd"}}},
		{"object", `{"expires_at":{"code":"required","message":"is required"}}`, fields{{"expires_at", "is required"}}},
		{"only a code", `{"expires_at":{"code":"required"}}`, fields{{"expires_at", "required"}}},
		{"list of objects", `{"expires_at":[{"code":"a","message":"is a"},{"code":"b"}]}`, fields{{"expires_at", "is a"}, {"expires_at", "b"}}},
		{"under details", `{"details":{"agent_id":"is required","expires_at":["is past"]}}`, fields{{"agent_id", "is required"}, {"expires_at", "is past"}}},
		{"nested", `{"details":{"a":{"b":{"message":"is bad"}}}}`, fields{{"a.b", "is bad"}}},
		{"sorted", `{"b":"is b","a":"is a"}`, fields{{"a", "is a"}, {"b", "is b"}}},
		{"a text", `"something is wrong"`, fields{{"", "something is wrong"}}},
		{"a list of texts", `["x","y"]`, fields{{"", "x"}, {"", "y"}}},
		{"empty texts", `{"a":"","b":[],"c":{},"d":null,"e":7,"f":true}`, nil},
		{"cleaned", `{"a\u001b[31m\nb":"is\u0000 b\u202ead\r\n"}`, fields{{"a[31m b", "is bad"}}},
		{"deep", bomb, nil},
	} {
		e := readFails(t, reply{status: http.StatusUnprocessableEntity, body: `{"status":"error","code":"validation_errors","message":"Validation failed","errors":` + c.errors + `}`})
		if !slices.Equal(e.Fields, c.want) {
			t.Errorf("%s: %+v, want %+v", c.name, e.Fields, c.want)
		}
		if !errors.Is(e, prefactor.ErrRejected) || strings.Contains(e.Error(), "  ") {
			t.Errorf("%s: %q", c.name, e)
		}
	}
	e := readFails(t, reply{status: http.StatusUnprocessableEntity, body: `{"status":"error","code":"validation_errors","errors":{` + strings.Join(many, ",") + `}}`})
	if len(e.Fields) != 20 || e.Fields[19].Field != "f019" {
		t.Errorf("%d fields of a thousand", len(e.Fields))
	}
	// Deeper than any JSON parser goes.
	_ = readFails(t, reply{status: http.StatusUnprocessableEntity, body: `{"status":"error","code":"validation_errors","errors":` + deeper + `}`})

	e = readFails(t, reply{status: http.StatusUnprocessableEntity, body: `{"status":"error","code":"validation_errors","message":"Validation failed","errors":{"a":"is a","b":["is b"]}}`})
	if want := "code validation_errors: Validation failed: a is a; b is b"; !strings.HasSuffix(e.Error(), want) {
		t.Errorf("%v, want %q at the end", e, want)
	}
}

// Foreign text comes out as one line that no terminal obeys, cut to size.
func TestForeignTextIsCleaned(t *testing.T) {
	t.Parallel()
	half := 1 << 19
	if testing.Short() {
		half >>= 6
	}
	megabyte := strings.Repeat("é", half)
	for _, c := range []struct{ name, message, want string }{
		{"escape", `\u001b[31mred\u001b]0;title\u0007`, "[31mred]0;title"},
		{"lines", `one\ntwo\r\nthree\tfour\u0085five\u2028six`, "one two three four five six"},
		{"bidi", `a\u202eb\u2066c\u200fd`, "abcd"},
		{"invisible", `a\u200bb\ufeffc\u00add`, "abcd"},
		{"private use", `a\ue000b`, "ab"},
		{"zero and delete", `a\u0000b\u007fc\u009bd`, "abcd"},
		{"half a pair", `a\ud800b`, "ab"},
		{"kept", `Ünïcode – «fine» 🙂`, "Ünïcode – «fine» 🙂"},
		{"megabyte", megabyte, strings.Repeat("é", 300) + "…"},
		{"megabyte of blanks", strings.Repeat(" ", 2*half) + "end", "end"},
		{"just short enough", strings.Repeat("é", 300), strings.Repeat("é", 300)},
		{"not text", "a\xff\xfeb", "ab"},
	} {
		if e := readFails(t, apiError(http.StatusConflict, "invalid_action", c.message)); e.Message != c.want {
			t.Errorf("%s: %.80q, want %.80q", c.name, e.Message, c.want)
		}
	}
	for _, response := range []reply{
		page(http.StatusBadGateway, "\x1b[2J\u202e\u009b"+megabyte),
		{status: http.StatusBadGateway, contentType: "text/plain", body: "\x1b]0;\x07\n" + megabyte},
		{status: http.StatusBadGateway, body: `{"\u001b[2J` + megabyte + `":1}`},
		{status: http.StatusConflict, body: `{"status":"error","code":"\u001b` + megabyte + `"}`},
		{status: http.StatusConflict, body: `{"status":"error","code":"validation_errors","errors":{"\u001b` + megabyte + `":"\u001b` + megabyte + `"}}`},
		redirect(http.StatusFound, "https://"+strings.Repeat("x", 5000)+".example/"),
	} {
		e := readFails(t, response)
		if n := utf8.RuneCountInString(e.Error()); n > 700 {
			t.Errorf("%d characters: %.100s", n, e)
		}
	}
}
