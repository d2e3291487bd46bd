package emulator_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
)

func partitionOf(t *testing.T, id string) uint32 {
	t.Helper()
	parsed, err := pfid.Parse(id)
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Partition()
}

// All ids of an account share a partition, and no two accounts do.
func TestPartitions(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	made := s.want(s.createToken(object{"token_scope": "account"}), 200, "")
	own := []string{
		s.account.ID, s.environment.ID, s.agent.ID, s.deployment.ID, s.admin.ID, made.text("id"),
		s.create("/environment", object{"account_id": s.account.ID, "name": "x"}).text("id"), s.create("/agent", object{"name": "x"}).text("id"),
	}
	for _, id := range own {
		if partitionOf(t, id) != partitionOf(t, s.account.ID) {
			t.Errorf("%s is not in the partition of its account %s", id, s.account.ID)
		}
	}
	for _, id := range []string{s.foreign.ID, s.foreignEnvironment.ID, s.foreignAgent.ID, s.foreignDeployment.ID, s.foreignToken.ID} {
		if partitionOf(t, id) != partitionOf(t, s.foreign.ID) || partitionOf(t, id) == partitionOf(t, s.account.ID) {
			t.Errorf("%s is in the wrong partition", id)
		}
	}
}

// Ids order by their time of creation, also while the clock stands still or
// has gone back.
func TestIDsIncrease(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	var ids []string
	for i := range 50 {
		if i == 25 {
			s.clock.advance(-time.Hour)
		}
		ids = append(ids, s.createToken(object{"token_scope": "account"}).text("id"), s.AddAgent(s.account.ID, "x").ID)
	}
	pfids := s.call(http.MethodPost, "/pfid/generate", object{"count": 3})
	generated, _ := pfids.body["pfids"].([]any)
	for _, id := range generated {
		text, _ := id.(string)
		ids = append(ids, text)
	}
	if len(ids) != 103 || !slices.IsSorted(ids) || len(slices.Compact(slices.Clone(ids))) != len(ids) {
		t.Errorf("%d ids, sorted: %t", len(ids), slices.IsSorted(ids))
	}
	// They are near the time of their creation.
	s.clock.advance(2 * time.Hour)
	id, err := pfid.Parse(s.AddAgent(s.account.ID, "x").ID)
	if err != nil || id.Time().Sub(s.clock.Now()).Abs() > time.Second {
		t.Errorf("an id of %s at %s, %v", id.Time(), s.clock.Now(), err)
	}
}

func TestGeneratedIDs(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	for _, c := range []struct {
		body object
		want int
	}{
		{object{}, 1},
		{object{"count": 1}, 1},
		{object{"count": 1000}, 1000},
		{object{"count": 0}, -1},
		{object{"count": 1001}, -1},
		{object{"count": -1}, -1},
		{object{"count": "5"}, -1},
		{object{"count": 1.5}, -1},
		{object{"count": nil}, -1},
		{object{"account_id": s.account.ID}, 1},
		{object{"account_id": nil}, 1},
		{object{"account_id": s.foreign.ID}, -1},
		{object{"account_id": 7}, -1},
	} {
		a := s.call(http.MethodPost, "/pfid/generate", c.body)
		ids, _ := a.body["pfids"].([]any)
		if c.want < 0 {
			s.want(a, 422, "validation_errors")
		} else if s.want(a, 200, ""); len(ids) != c.want {
			t.Errorf("%v: %d ids", c.body, len(ids))
		}
		for _, id := range ids {
			text, _ := id.(string)
			if partitionOf(t, text) != partitionOf(t, s.account.ID) {
				t.Fatalf("%s is in the wrong partition", text)
			}
		}
	}
}

func TestChosenIDs(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	next := func() string {
		id, err := pfid.New(start, partitionOf(t, s.account.ID))
		if err != nil {
			t.Fatal(err)
		}
		return id.String()
	}
	other := s.AddAgent(s.account.ID, "other-bot")
	for _, c := range []struct {
		path    string
		details object
	}{
		{"/environment", object{"account_id": s.account.ID, "name": "staging"}},
		{"/agent", object{"name": "new-bot"}},
		{"/agent_deployment", object{"agent_id": other.ID, "environment_id": s.environment.ID}},
	} {
		for _, wrong := range []string{"x", s.foreignToken.ID, s.environment.ID, s.agent.ID, s.deployment.ID, s.account.ID, s.admin.ID} {
			c.details["id"] = wrong
			a := s.want(s.create(c.path, c.details), 422, "validation_errors")
			if errors, _ := a.body["errors"].(object); errors["id"] == nil {
				t.Errorf("%s with the id %s: %s", c.path, wrong, a.raw)
			}
		}
		c.details["id"] = next()
		if got := s.want(s.create(c.path, c.details), 200, "").text("id"); got != c.details["id"] {
			t.Errorf("%s: id %s, want %s", c.path, got, c.details["id"])
		}
		if got := s.want(s.get(c.path+"/"+c.details["id"].(string)), 200, "").text("id"); got != c.details["id"] {
			t.Errorf("%s: id %s, want %s", c.path, got, c.details["id"])
		}
	}
}

// The platform runs on the real clock unless it is given one.
func TestRealClock(t *testing.T) {
	t.Parallel()
	before := time.Now().Add(-time.Millisecond)
	p := emulator.New(emulator.Options{})
	if at := p.AddAccount("Acme").InsertedAt; at.Before(before) || at.After(time.Now()) {
		t.Errorf("made at %s", at)
	}
}
