package pfid

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// InJWT are the ids in the payload of a token, sorted: the value of an API
// token is a JWT (reference: ApiToken create), and one of its claims may name
// the token. Which claim that would be is not documented. The payload is decoded
// only here, is not verified, and goes nowhere else.
func InJWT(token string) []string {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return nil
	}
	var payload any
	if json.Unmarshal(raw, &payload) != nil {
		return nil
	}
	ids := map[string]bool{}
	collectIDs(payload, ids)
	return slices.Sorted(maps.Keys(ids))
}

func collectIDs(v any, ids map[string]bool) {
	switch v := v.(type) {
	case string:
		if Valid(v) {
			ids[v] = true
		}
	case []any:
		for _, e := range v {
			collectIDs(e, ids)
		}
	case map[string]any:
		for _, e := range v {
			collectIDs(e, ids)
		}
	}
}
