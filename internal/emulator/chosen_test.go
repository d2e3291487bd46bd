package emulator_test

import (
	"testing"

	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
)

// creations are a create of each kind that takes an id of the caller's choice.
func creations(s *scene) map[string]object {
	s.t.Helper()
	return map[string]object{
		"/environment":      {"account_id": s.account.ID, "name": "x"},
		"/agent":            {"name": "x"},
		"/agent_deployment": {"agent_id": s.AddAgent(s.account.ID, "other-bot").ID, "environment_id": s.environment.ID},
	}
}

// What becomes of an id that the caller chose is not known of the platform.
func TestChosenIDOnVariants(t *testing.T) {
	t.Parallel()
	for variant, want := range map[string]string{"": "taken", "ignored": "another", "refused": "refused"} {
		s := newScene(t, emulator.Variant{ChosenID: variant})
		for path, details := range creations(s) {
			id, err := pfid.New(start, partitionOf(t, s.account.ID))
			if err != nil {
				t.Fatal(err)
			}
			details["id"] = id.String()
			a := s.create(path, details)
			got := "another"
			switch {
			case a.status == 422:
				s.faulty(a, "id")
				got = "refused"
				delete(details, "id")
				s.want(s.create(path, details), 201, "")
			case a.text("id") == id.String():
				got = "taken"
			}
			if got != want {
				t.Errorf("%q %s: the id is %s, not %s: %s", variant, path, got, want, a.raw)
			}
		}
	}
}

// The rows of every list may lack fields, not those of tokens only; the objects
// themselves have them.
func TestSparseRowsOfEachList(t *testing.T) {
	t.Parallel()
	s := newScene(t, emulator.Variant{SparseRows: []string{"inserted_at", "account_id"}})
	for path, query := range map[string][]string{
		"/account": nil, "/environment": {"account_id", s.account.ID}, "/agent": nil, "/agent_deployment": {"agent_id", s.agent.ID}, "/api_token": nil,
	} {
		a := s.list(path, query...)
		for _, row := range a.body["summaries"].([]any) {
			if _, given := row.(object)["inserted_at"]; given {
				t.Errorf("%s: %v", path, row)
			}
		}
		if one := s.get(path + "/" + a.ids()[0]); one.text("inserted_at") == "" {
			t.Errorf("%s: %s", path, one.raw)
		}
	}
}
