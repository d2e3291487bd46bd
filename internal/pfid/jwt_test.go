package pfid_test

import (
	"encoding/base64"
	"slices"
	"testing"

	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
)

func TestInJWT(t *testing.T) {
	t.Parallel()
	const a, b = "01kdvdna0000001a88cvx6pv3pzgqzn6", "01kdvdna0000001a8x4r5tq7nchk2v9z"
	jwt := func(payload string) string {
		return "eyJhbGciOiJIUzI1NiJ9." + base64.RawURLEncoding.EncodeToString([]byte(payload)) + ".c2lnbmF0dXJl"
	}
	for name, c := range map[string]struct {
		token string
		want  []string
	}{
		"a claim":         {jwt(`{"jti":"` + a + `","exp":1}`), []string{a}},
		"nested":          {jwt(`{"sub":{"id":"` + b + `"},"accounts":["` + a + `","` + a + `"]}`), []string{a, b}},
		"no id":           {jwt(`{"jti":"5d1a7f0e-0000-4000-8000-000000000000"}`), nil},
		"no JSON":         {jwt(`jti`), nil},
		"not a JWT":       {"pft_" + a, nil},
		"two parts":       {"a." + a, nil},
		"not base64url":   {"a.!.c", nil},
		"padded":          {"a." + base64.URLEncoding.EncodeToString([]byte(`{"id":"`+a+`"}`)) + ".c", []string{a}},
		"an array at top": {jwt(`["` + a + `"]`), []string{a}},
	} {
		if got := pfid.InJWT(c.token); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}
