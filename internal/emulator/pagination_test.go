package emulator_test

import (
	"reflect"
	"slices"
	"strconv"
	"testing"

	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

// withAgents has agents with these names, in this order, and their ids.
func withAgents(t *testing.T, v emulator.Variant, names ...string) (*scene, []string) {
	t.Helper()
	s := newScene(t, v)
	ids := []string{s.agent.ID}
	for _, name := range names {
		ids = append(ids, s.AddAgent(s.account.ID, name).ID)
	}
	return s, ids
}

func TestSorting(t *testing.T) {
	t.Parallel()
	// support-bot is the first one.
	s, ids := withAgents(t, emulator.Variant{}, "b", "a", "a", "z")
	for sorting, order := range map[string][]int{
		"":      {0, 1, 2, 3, 4},
		"-id":   {4, 3, 2, 1, 0},
		"id":    {0, 1, 2, 3, 4},
		"name":  {2, 3, 1, 0, 4},
		"-name": {4, 0, 1, 3, 2},
	} {
		var want []string
		for _, i := range order {
			want = append(want, ids[i])
		}
		a := s.want(s.list("/agent", "sorting", sorting), 200, "")
		if got := a.ids(); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", sorting, got, want)
		}
		field, direction := "id", "desc"
		switch sorting {
		case "id":
			direction = "asc"
		case "name":
			field, direction = "name", "asc"
		case "-name":
			field = "name"
		}
		if sorting == "" {
			if v, there := a.body["sorting"]; !there || v != nil {
				t.Errorf("%v", v)
			}
			continue
		}
		if !reflect.DeepEqual(a.body["sorting"], any(object{"field": field, "direction": direction, "nulls": "auto"})) {
			t.Errorf("%q: %v", sorting, a.body["sorting"])
		}
	}
	for _, sorting := range []string{"inserted_at", "--id", "-", "id,name"} {
		s.want(s.list("/agent", "sorting", sorting), 422, "validation_errors")
	}
}

func TestSortingSpellings(t *testing.T) {
	t.Parallel()
	bare, structured := []string{"sorting", "-id"}, []string{"sorting[field]", "id", "sorting[direction]", "desc"}
	for accepted, want := range map[string][2]bool{"": {true, true}, "bare": {true, false}, "structured": {false, true}, "none": {}} {
		s, ids := withAgents(t, emulator.Variant{Sorting: accepted}, "b")
		for i, query := range [][]string{bare, structured} {
			a := s.list("/agent", query...)
			if !want[i] {
				s.faulty(a, "sorting")
			} else if got := s.want(a, 200, "").ids(); got[0] != ids[1] {
				t.Errorf("%q: %v", accepted, got)
			}
		}
		s.want(s.list("/agent"), 200, "")
	}
	s := newScene(t)
	s.faulty(s.list("/agent", "sorting[field]", "id", "sorting[direction]", "down"), "sorting[direction]")
}

func TestPagination(t *testing.T) {
	t.Parallel()
	s, ids := withAgents(t, emulator.Variant{}, "b", "c", "d", "e", "f", "g")
	type numbers struct{ count, start, end, pages, index, offset, size, next, previous int }
	const null = -1
	for _, c := range []struct {
		offset, size string
		want         numbers
	}{
		{"", "", numbers{7, 1, 7, 1, 1, 0, 50, null, null}},
		{"0", "3", numbers{7, 1, 3, 3, 1, 0, 3, 3, null}},
		{"3", "3", numbers{7, 4, 6, 3, 2, 3, 3, 6, 0}},
		{"6", "3", numbers{7, 7, 7, 3, 3, 6, 3, null, 3}},
		{"1", "3", numbers{7, 2, 4, 3, 1, 1, 3, 4, 0}},
		{"0", "7", numbers{7, 1, 7, 1, 1, 0, 7, null, null}},
		{"4", "100", numbers{7, 5, 7, 1, 1, 4, 100, null, 0}},
		{"7", "7", numbers{7, 7, 7, 1, 2, 7, 7, null, 0}},
		{"0", "1", numbers{7, 1, 1, 7, 1, 0, 1, 1, null}},
		{"99", "10", numbers{7, 7, 7, 1, 10, 99, 10, null, 89}},
	} {
		a := s.want(s.list("/agent", "pagination[offset]", c.offset, "pagination[page_size]", c.size), 200, "")
		nullable := func(n int) any {
			if n == null {
				return nil
			}
			return float64(n)
		}
		w := c.want
		want := object{
			"item_count": float64(w.count), "item_start": float64(w.start), "item_end": float64(w.end), "page_count": float64(w.pages),
			"page_index": float64(w.index), "page_offset": float64(w.offset), "page_size": float64(w.size),
			"next_page_offset": nullable(w.next), "previous_page_offset": nullable(w.previous),
		}
		if !reflect.DeepEqual(a.body["pagination"], any(want)) {
			t.Errorf("offset %q, size %q: %v\nwant %v", c.offset, c.size, a.body["pagination"], want)
		}
		if got, want := a.ids(), ids[min(w.offset, 7):w.end]; !slices.Equal(got, want) {
			t.Errorf("offset %q, size %q: %v, want %v", c.offset, c.size, got, want)
		}
	}
	for _, c := range []struct{ name, value string }{
		{"pagination[page_size]", "0"},
		{"pagination[page_size]", "101"},
		{"pagination[page_size]", "-1"},
		{"pagination[page_size]", "ten"},
		{"pagination[offset]", "-1"},
		{"pagination[offset]", "1.5"},
		{"pagination[offset]", "99999999999999999999"},
	} {
		a := s.want(s.list("/agent", c.name, c.value), 422, "validation_errors")
		if errors, _ := a.body["errors"].(object); errors[c.name] == nil {
			t.Errorf("%s=%s: %s", c.name, c.value, a.raw)
		}
	}
}

func TestEmptyList(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	lonely := s.AddAgent(s.account.ID, "lonely")
	a := s.list("/agent_deployment", "agent_id", lonely.ID)
	if rows, ok := a.body["summaries"].([]any); !ok || len(rows) != 0 {
		t.Errorf("%s", a.raw)
	}
	p, _ := a.body["pagination"].(object)
	if p["item_count"] != 0.0 || p["item_start"] != 0.0 || p["item_end"] != 0.0 || p["page_count"] != 0.0 || p["next_page_offset"] != nil {
		t.Errorf("%v", p)
	}
}

func TestListVariants(t *testing.T) {
	t.Parallel()
	s, _ := withAgents(t, emulator.Variant{NoPagination: true}, "b", "c", "d", "e")
	a := s.list("/agent", "pagination[page_size]", "3")
	if p, present := a.body["pagination"]; p != nil || !present || len(a.ids()) != 3 {
		t.Errorf("%s", a.raw)
	}
	s, _ = withAgents(t, emulator.Variant{DefaultPageSize: 4}, "b", "c", "d", "e")
	if got := len(s.get("/agent").ids()); got != 4 {
		t.Errorf("%d rows, want the default of 4", got)
	}
	if got := len(s.list("/agent", "pagination[page_size]", strconv.Itoa(5)).ids()); got != 5 {
		t.Errorf("%d rows, want the 5 asked for", got)
	}
}
