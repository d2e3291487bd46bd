package emulator_test

import (
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

func keyed(key any) object {
	return object{"details": object{"token_scope": "account"}, "idempotency_key": key}
}

func TestReplays(t *testing.T) {
	t.Parallel()
	for variant, tokens := range map[string]int{"": 3, "used": 3, "second": 4} {
		s := newScene(t, emulator.Variant{Replay: variant})
		key := strings.Repeat("k", 64)
		first := s.want(s.call(http.MethodPost, "/api_token", keyed(key)), 200, "")
		again := s.call(http.MethodPost, "/api_token", keyed(key))
		switch variant {
		case "used":
			s.want(again, 409, "idempotency_key_already_used")
		case "second":
			s.want(again, 200, "")
			if again.text("id") == first.text("id") || again.body["token"] == first.body["token"] {
				t.Error("the second token is the first one")
			}
		default:
			s.want(again, 200, "")
			if !reflect.DeepEqual(again.body, first.body) {
				t.Errorf("%q: %s\nfirst %s", variant, again.raw, first.raw)
			}
		}
		if got := len(s.Tokens()); got != tokens {
			t.Errorf("%q: %d tokens, want %d", variant, got, tokens)
		}
		// Another key is another request.
		s.want(s.call(http.MethodPost, "/api_token", keyed("other key")), 200, "")
		if got := len(s.Tokens()); got != tokens+1 {
			t.Errorf("%q: %d tokens, want %d", variant, got, tokens+1)
		}
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	for _, wrong := range []any{7, true, object{}, []string{"key"}, "", "seven_c", strings.Repeat("k", 129), strings.Repeat("ä", 129)} {
		s.faulty(s.call(http.MethodPost, "/api_token", keyed(wrong)), "idempotency_key")
	}
	if got := len(s.Tokens()); got != 2 {
		t.Errorf("%d tokens, want the two seeded ones", got)
	}
	// Characters are counted, not bytes.
	first := s.want(s.call(http.MethodPost, "/api_token", keyed(strings.Repeat("ä", 128))), 200, "")
	if again := s.call(http.MethodPost, "/api_token", keyed(strings.Repeat("ä", 128))); again.text("id") != first.text("id") {
		t.Errorf("%s", again.raw)
	}
	for range 2 {
		s.want(s.call(http.MethodPost, "/api_token", keyed(nil)), 200, "")
	}
	if got := len(s.Tokens()); got != 5 {
		t.Errorf("%d tokens, want 5: null is no key", got)
	}
}

// A key goes with one request of one account.
func TestKeysOfOthers(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.want(s.call(http.MethodPost, "/api_token", keyed("some key")), 200, "")
	s.want(s.call(http.MethodPost, "/environment", object{
		"details": object{"account_id": s.account.ID, "name": "staging"}, "idempotency_key": "some key",
	}), 409, "idempotency_key_already_used")
	a := s.callAs(s.foreignValue, http.MethodPost, "/api_token", keyed("some key"))
	if s.want(a, 200, ""); a.text("account_id") != s.foreign.ID {
		t.Errorf("another account was given the first one's answer: %s", a.raw)
	}
}

// What was refused has not happened, and may be tried again.
func TestReplayOfFailure(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	id := s.tokenIn("suspended")
	key := object{"idempotency_key": "some key"}
	s.want(s.call(http.MethodPost, "/api_token/"+id+"/suspend", key), 409, "invalid_action")
	if err := s.Activate(id); err != nil {
		t.Fatal(err)
	}
	s.want(s.call(http.MethodPost, "/api_token/"+id+"/suspend", key), 200, "")
	// And this one has: it is not refused for being repeated.
	s.want(s.call(http.MethodPost, "/api_token/"+id+"/suspend", key), 200, "")

	id = s.tokenIn("revoked")
	s.want(s.call(http.MethodDelete, "/api_token/"+id, object{"idempotency_key": "gone key"}), 200, "")
	s.want(s.call(http.MethodDelete, "/api_token/"+id, object{"idempotency_key": "gone key"}), 200, "")
	s.want(s.call(http.MethodDelete, "/api_token/"+id, nil), 404, "not_found")
}

// An answer that was lost is given to the repetition, as it was.
func TestReplayAfterCut(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.Inject(emulator.Fault{Kind: emulator.FaultMissingFields, Fields: []string{"id"}, Times: 1})
	if a := s.call(http.MethodPost, "/api_token", keyed("some key")); a.text("id") != "" {
		t.Errorf("%s", a.raw)
	}
	a := s.call(http.MethodPost, "/api_token", keyed("some key"))
	if token, found := s.Token(a.text("id")); !found || token.Status != "active" || len(s.Tokens()) != 3 {
		t.Errorf("%s", a.raw)
	}
}
