package prefactor_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// FuzzResponses lets the platform send any response: no panic, and errors that can
// be shown.
func FuzzResponses(f *testing.F) {
	for _, body := range []string{
		"", "null", "[]", "{}", "7", `"x"`, "<html>", "{", single(tokenID), single(tokenID)[:50], createdJSON(newValue),
		`{"status":"error","code":"validation_errors","message":"y","errors":{"a":["b",{"message":"c"}],"details":{"d":{"code":"e"}}}}`,
		`{"status":"success","summaries":[` + tokenJSON(tokenID) + `],"pagination":{"item_count":1,"next_page_offset":null}}`,
		`{"status":"success","summaries":[{"id":"x"}],"pagination":{"item_count":9,"next_page_offset":1}}`,
		`{"status":"success","details":[null],"pagination":7}`, `{"status":"success","details":{"id":"` + tokenID + `","expires_at":"x"}}`, "\x1b[2J\xff\x00 text",
	} {
		for _, status := range []uint16{200, 201, 204, 302, 404, 422, 429, 502} {
			f.Add(status, "application/json", body)
		}
		f.Add(uint16(502), "text/html", body)
	}
	f.Fuzz(func(t *testing.T, status uint16, contentType, body string) {
		c := newClient(t, "https://platform.example", overNetwork(func(*http.Request) (*http.Response, error) {
			header := http.Header{"Content-Type": {contentType}, "Location": {body}, "Date": {body}, "Retry-After": {body}}
			return canned(int(status)%1000, header, body), nil
		}), retries(0), func(c *prefactor.Config) { c.RetryWaitMax = time.Microsecond })
		_, tokenErr := c.Token(t.Context(), tokenID)
		_, tokensErr := c.Tokens(t.Context(), "")
		_, createErr := c.CreateToken(t.Context(), prefactor.NewToken{Scope: prefactor.ScopeAccount})
		for _, err := range []error{tokenErr, tokensErr, createErr} {
			if err != nil {
				checkLine(t, err.Error())
			}
		}
	})
}
