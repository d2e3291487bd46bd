package prefactor_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// A server that repeats the token it was given does not bring it into an error.
func TestOwnTokenIsRedacted(t *testing.T) {
	t.Parallel()
	hidden := ownToken[:7] + "\u200b" + ownToken[7:12] + `\u001b` + ownToken[12:]
	for name, response := range map[string]reply{
		"message":                    apiError(http.StatusUnprocessableEntity, "invalid_value", "the token "+ownToken+" is bad"),
		"message, at the cut":        apiError(http.StatusUnprocessableEntity, "invalid_value", strings.Repeat("x", 275)+ownToken),
		"message, with invisibles":   apiError(http.StatusUnprocessableEntity, "invalid_value", "the token "+hidden+" is bad"),
		"message, beyond blanks":     apiError(http.StatusUnprocessableEntity, "invalid_value", strings.Repeat(" ", 4780)+ownToken),
		"code":                       apiError(http.StatusUnprocessableEntity, ownToken, "no"),
		"field error":                {status: http.StatusUnprocessableEntity, body: `{"status":"error","code":"validation_errors","errors":{"id":"` + strings.Repeat("x", 275) + ownToken + `"}}`},
		"field name":                 {status: http.StatusUnprocessableEntity, body: `{"status":"error","code":"validation_errors","errors":{"` + ownToken + `":"is bad"}}`},
		"page":                       page(http.StatusBadGateway, "your request had Authorization: Bearer "+ownToken),
		"page, at the cut":           page(http.StatusBadGateway, strings.Repeat("x", 135)+ownToken),
		"page, in pieces":            page(http.StatusBadGateway, "Bearer "+strings.ReplaceAll(ownToken, "=", "&#61;")),
		"text":                       {status: http.StatusBadGateway, contentType: "text/plain", body: "no upstream for " + ownToken},
		"unforeseen JSON":            {status: http.StatusBadGateway, body: `{"` + ownToken + `":"` + ownToken + `"}`},
		"location":                   {status: http.StatusFound, header: map[string]string{"Location": "https://elsewhere.example/?token=" + ownToken}},
		"location's host":            {status: http.StatusFound, header: map[string]string{"Location": "https://" + ownToken[:3] + ".example:99/" + ownToken}},
		"location's user":            {status: http.StatusFound, header: map[string]string{"Location": "https://" + strings.ReplaceAll(ownToken, "/", "%2F") + "@elsewhere.example/"}},
		"location is broken":         {status: http.StatusFound, header: map[string]string{"Location": "https://[" + ownToken}},
		"location has a broken port": {status: http.StatusFound, header: map[string]string{"Location": "https://elsewhere.example:" + ownToken}},
		"wrong timestamp":            ok(`{"status":"success","details":{"id":"` + tokenID + `","expires_at":"` + ownToken + `"}}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := replies(t, response).client(t, retries(0))
			fit(t, fails(c.Token(t.Context(), tokenID)))
			fit(t, fails(c.Tokens(t.Context(), "")))
			fit(t, fails(c.CreateToken(t.Context(), prefactor.NewToken{Scope: prefactor.ScopeAccount})))
			if response.status != http.StatusOK {
				fit(t, c.DeleteToken(t.Context(), tokenID))
			}
		})
	}
}

// The host of a redirect is in the error, but not when it is the secret.
func TestRedirectToTokenHost(t *testing.T) {
	t.Parallel()
	s := replies(t, reply{status: http.StatusFound, header: map[string]string{"Location": "https://tokenlikehost1234.example/"}})
	_, err := s.client(t, func(c *prefactor.Config) { c.Token = "tokenlikehost1234" }).Token(t.Context(), tokenID)
	if e := failure(t, err); strings.Contains(e.Error(), "tokenlikehost1234") || !strings.Contains(e.Error(), prefactor.Redacted+".example") {
		t.Errorf("%v", e)
	}
}

// Of two secrets one of which begins with the other, nothing is left.
func TestOverlappingSecrets(t *testing.T) {
	t.Parallel()
	s := serve(t, func(n int, w http.ResponseWriter, r *http.Request) {
		if n == 0 {
			reply{status: http.StatusCreated, body: createdJSON(ownToken + "-and-more")}.write(w, r)
			return
		}
		apiError(http.StatusConflict, "invalid_action", "it is "+ownToken+"-and-more").write(w, r)
	})
	c := s.client(t)
	if _, err := c.CreateToken(t.Context(), prefactor.NewToken{}); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		_, err := c.RevokeToken(t.Context(), tokenID)
		if e := failure(t, err); e.Message != "it is "+prefactor.Redacted {
			t.Fatalf("%v", e)
		}
	}
}

// The value of a token that was made is in no error: neither in that of its
// own create, when the response is odd and the value thus unknown, nor later.
func TestCreatedValueIsRedacted(t *testing.T) {
	t.Parallel()
	whole := createdJSON(newValue)
	value := `"` + newValue + `"`
	for name, response := range map[string]reply{
		"truncated":             {status: http.StatusCreated, body: whole[:len(whole)-3]},
		"truncated, as a page":  {status: http.StatusCreated, contentType: "text/html", body: whole[:len(whole)-3]},
		"truncated, as text":    {status: http.StatusCreated, contentType: "text/plain", body: whole[:len(whole)-3]},
		"truncated in front":    {status: http.StatusCreated, body: whole[3:]},
		"cut":                   {status: http.StatusCreated, body: whole, cut: len(whole) - 3},
		"guarded":               {status: http.StatusCreated, body: ")]}'\n" + whole},
		"the value only":        {status: http.StatusCreated, contentType: "text/plain", body: newValue},
		"the value as JSON":     {status: http.StatusCreated, body: value},
		"in a page":             page(http.StatusCreated, "your token: "+newValue),
		"in a list":             {status: http.StatusCreated, body: `[` + value + `]`},
		"as a name":             {status: http.StatusCreated, body: `{` + value + `:1}`},
		"as the status":         {status: http.StatusCreated, body: `{"status":` + value + `,"x":1}`},
		"as the details":        {status: http.StatusCreated, body: `{"status":"success","details":` + value + `}`},
		"as the id":             {status: http.StatusCreated, body: `{"status":"success","details":{"id":` + value + `}}`},
		"as a timestamp":        {status: http.StatusCreated, body: `{"status":"success","details":{"id":"` + tokenID + `","expires_at":` + value + `}}`},
		"with no id":            {status: http.StatusCreated, body: `{"status":"success","details":{},"token":` + value + `}`},
		"with an error":         {status: http.StatusCreated, body: `{"status":"error","code":"validation_errors","message":"no","token":` + value + `}`},
		"with wrong types":      {status: http.StatusCreated, body: `{"status":1,"details":{},"token":` + value + `}`},
		"with no details":       {status: http.StatusCreated, body: `{"status":"success","token":` + value + `}`},
		"with null details":     {status: http.StatusCreated, body: `{"status":"success","details":null,"token":` + value + `}`},
		"as the details' token": {status: http.StatusCreated, body: `{"status":"success","details":{"token":` + value + `}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := replies(t, response).client(t, retries(1)).CreateToken(t.Context(), prefactor.NewToken{Scope: prefactor.ScopeAccount})
			fit(t, err)
		})
	}
	t.Run("later", func(t *testing.T) {
		t.Parallel()
		s := replies(t, reply{status: http.StatusCreated, body: whole}, apiError(http.StatusConflict, "invalid_action", "the token "+newValue+" is in use"))
		c := s.client(t)
		if _, err := c.CreateToken(t.Context(), prefactor.NewToken{Scope: prefactor.ScopeAccount}); err != nil {
			t.Fatal(err)
		}
		e := failure(t, c.DeleteToken(t.Context(), tokenID))
		if e.Message != "the token "+prefactor.Redacted+" is in use" {
			t.Errorf("%v", e)
		}
	})
	t.Run("later, after an odd response", func(t *testing.T) {
		t.Parallel()
		s := replies(t,
			reply{status: http.StatusCreated, body: `{"status":"success","details":{"id":"x"},"token":` + value + `}`},
			apiError(http.StatusConflict, "invalid_action", "the token "+newValue+" is in use"))
		c := s.client(t)
		fit(t, fails(c.CreateToken(t.Context(), prefactor.NewToken{Scope: prefactor.ScopeAccount})))
		fit(t, c.DeleteToken(t.Context(), tokenID))
	})
}

// A response to a create can contain a value that is not known yet. The error does
// not repeat it, in whatever form.
func TestUnknownValueIsRedacted(t *testing.T) {
	t.Parallel()
	const value = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIwMWp6MDAwMDAwMGFiYzAwIn0.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg"
	said := `{"status":"error","code":"%s","message":"created ` + value + `, but the key ` + newValue + ` is too long","errors":{"a":"` + value + `"}}`
	for name, response := range map[string]reply{
		"422":                     {status: http.StatusUnprocessableEntity, body: fmt.Sprintf(said, "validation_errors")},
		"500":                     {status: http.StatusInternalServerError, body: fmt.Sprintf(said, "unexpected")},
		"200 with an error":       {status: http.StatusOK, body: fmt.Sprintf(said, "unknown")},
		"200 with another status": {status: http.StatusOK, body: fmt.Sprintf(said, "x")},
		"a page":                  page(http.StatusBadRequest, "created "+value),
		"a text":                  {status: http.StatusForbidden, contentType: "text/plain", body: "created " + value},
		"a redirect":              {status: http.StatusFound, header: map[string]string{"Location": "https://" + value[:20] + ".example/"}},
	} {
		_, err := replies(t, response).client(t, retries(0)).CreateToken(t.Context(), prefactor.NewToken{Scope: prefactor.ScopeAccount})
		e := failure(t, err)
		for at := 0; at+12 <= len(value); at++ {
			if strings.Contains(e.Error(), value[at:at+12]) {
				t.Errorf("%s: %v", name, e)
				break
			}
		}
	}
	// An error with a value is not a rejection.
	_, err := replies(t, reply{status: http.StatusUnprocessableEntity, body: `{"status":"error","code":"validation_errors","message":"` + newValue + `","token":"` + newValue + `"}`}).
		client(t).CreateToken(t.Context(), prefactor.NewToken{Scope: prefactor.ScopeAccount})
	if e := failure(t, err); !e.Ambiguous {
		t.Error(e)
	}
	// Ids and ordinary words stay.
	_, err = replies(t, apiError(http.StatusConflict, "invalid_action", "the agent_deployment "+otherID+" of 2030-01-02T03:04:05Z is in_use_by_other_things")).client(t).RevokeToken(t.Context(), tokenID)
	if e := failure(t, err); strings.Contains(e.Message, prefactor.Redacted) {
		t.Error(e)
	}
}

// A known secret is found in other encodings, in pieces and in parts.
func TestEncodedSecretIsRedacted(t *testing.T) {
	t.Parallel()
	var percent strings.Builder
	for _, b := range []byte(ownToken) {
		fmt.Fprintf(&percent, "%%%02X", b)
	}
	for name, said := range map[string]string{
		"base64":          base64.StdEncoding.EncodeToString([]byte(ownToken)),
		"base64, with":    base64.StdEncoding.EncodeToString([]byte("user:" + ownToken)),
		"base64, within":  base64.URLEncoding.EncodeToString([]byte("Bearer " + ownToken + "!")),
		"hex":             hex.EncodeToString([]byte(ownToken)),
		"HEX":             strings.ToUpper(hex.EncodeToString([]byte(ownToken))),
		"escaped":         url.QueryEscape(ownToken),
		"percent-encoded": percent.String(),
		"a part":          ownToken[5:17],
		"the end":         ownToken[len(ownToken)-12:],
		"across lines":    ownToken[:9] + "\n  " + ownToken[9:20] + "\r\n" + ownToken[20:],
		"across tags":     ownToken[:9] + "<wbr>" + ownToken[9:20] + "</b><i class=\"x\">" + ownToken[20:],
	} {
		message, err := json.Marshal("it is ** " + said + " ** here")
		if err != nil {
			t.Fatal(err)
		}
		for _, response := range []reply{
			{status: http.StatusConflict, body: `{"status":"error","code":"invalid_action","message":` + string(message) + `}`},
			page(http.StatusNotFound, "it is ** "+said+" ** here"),
		} {
			_, err = replies(t, response).client(t).Token(t.Context(), tokenID)
			e := failure(t, err)
			_, rest, _ := strings.Cut(e.Message, "it is ** ")
			rest, _, _ = strings.Cut(rest, " ** here")
			rest = strings.ReplaceAll(rest, prefactor.Redacted, "")
			// What is left at the ends of an encoded text is less than a secret.
			if len(rest) >= 24 {
				t.Errorf("%s: %q is left of %v", name, rest, e)
			}
		}
	}
}

// The target of a redirect is in no log with a secret.
func TestRedirectTargetInLog(t *testing.T) {
	t.Parallel()
	s := serve(t, func(n int, w http.ResponseWriter, r *http.Request) {
		if n == 0 {
			redirect(http.StatusFound, "/api/v1/x/"+strings.ReplaceAll(ownToken, "/", "%2F")).write(w, r)
			return
		}
		ok(single(tokenID)).write(w, r)
	})
	var log bytes.Buffer
	ctx := tflogtest.RootLogger(t.Context(), &log)
	if _, err := s.client(t).Token(ctx, tokenID); err != nil {
		t.Fatal(err)
	}
	if text := log.String(); strings.Contains(text, ownToken[:12]) || !strings.Contains(text, "Prefactor API request") {
		t.Errorf("logged %s", text)
	}
}
