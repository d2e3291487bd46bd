package credentials_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/prefactordev/terraform-provider-prefactor/internal/credentials"
)

func TestResultDoesNotShowToken(t *testing.T) {
	t.Parallel()
	r := credentials.Result{Token: secret, URL: credentials.DefaultURL, TokenSource: fromEnv, URLSource: byDefault}
	type holder struct {
		Credentials credentials.Result `json:"credentials"`
	}
	const want = "https://app.prefactorai.com (from default), token (redacted) (from environment variable PREFACTOR_API_TOKEN)"
	if r.String() != want {
		t.Errorf("got %s", r)
	}

	texts := map[string]string{"String": r.String(), "GoString": r.GoString()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "% x", "%X", "%d", "%T %v"} {
		args := []any{r}
		if verb == "%T %v" {
			args = []any{r, r}
		}
		texts[verb] = fmt.Sprintf(verb, args...)
		texts[verb+" of a pointer"] = fmt.Sprintf(strings.TrimPrefix(verb, "%T "), &r)
		texts[verb+" of a holder"] = fmt.Sprintf(strings.TrimPrefix(verb, "%T "), holder{r})
	}
	inJSON, err := json.Marshal(holder{r})
	if err != nil {
		t.Fatal(err)
	}
	texts["JSON"] = string(inJSON)
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("configured", "credentials", r)
	slog.New(slog.NewTextHandler(&log, nil)).Info("configured", "credentials", r)
	texts["log"] = log.String()

	inHex := fmt.Sprintf("%x", secret)
	for how, text := range texts {
		if strings.Contains(text, secret) || strings.Contains(strings.ToLower(strings.ReplaceAll(text, " ", "")), inHex) {
			t.Errorf("%s shows the token: %s", how, text)
		}
		if !strings.Contains(text, "app.prefactorai.com") {
			t.Errorf("%s shows nothing: %s", how, text)
		}
	}
}
