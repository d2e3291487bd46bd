package emulator

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

func rowsOf[T record](all []T) []record {
	rows := make([]record, len(all))
	for i, r := range all {
		rows[i] = r
	}
	return rows
}

// list sorts the records and returns one page of them with its pagination.
func (c *call) list(rows []record) (answer, *failure) {
	field, descending, f := c.sorting()
	if f != nil {
		return answer{}, f
	}
	// The default order is oldest first, as the vendor observed. Only the records of
	// the page are encoded: for a large account, encoding all would be slow.
	type keyed struct {
		key string
		record
	}
	sorted := make([]keyed, len(rows))
	for i, r := range rows {
		sorted[i] = keyed{r.head().ID, r}
		if field != "" && field != "id" {
			text, _ := c.p.show(r, false)[field].(string)
			sorted[i].key = text + " " + r.head().ID
		}
	}
	slices.SortFunc(sorted, func(a, b keyed) int {
		if descending {
			a, b = b, a
		}
		return strings.Compare(a.key, b.key)
	})
	offset, size, f := c.page()
	if f != nil {
		return answer{}, f
	}
	total := len(rows)
	start := min(offset, total)
	end := min(start+size, total)
	page := make([]object, 0, end-start)
	for _, row := range sorted[start:end] {
		page = append(page, c.p.show(row.record, false))
	}
	body := object{"status": "success", "summaries": page, "sorting": nil, "pagination": nil}
	if field != "" {
		body["sorting"] = object{"field": field, "direction": map[bool]string{true: "desc", false: "asc"}[descending], "nulls": "auto"}
	}
	if !c.p.variant.NoPagination {
		body["pagination"] = describePage(total, start, end, offset, size)
	}
	return answer{http.StatusOK, body}, nil
}

func describePage(total, start, end, offset, size int) object {
	var next, previous any
	if end < total {
		next = end
	}
	if offset > 0 {
		previous = max(offset-size, 0)
	}
	return object{
		"item_count": total, "item_start": min(start+1, total), "item_end": end, "page_count": (total + size - 1) / size,
		"page_index": offset/size + 1, "page_offset": offset, "page_size": size, "next_page_offset": next, "previous_page_offset": previous,
	}
}

// sortFields are those that a list can be sorted by. Reference: Sorting.
var sortFields = []string{
	"id", "last_seen", "status", "title", "timestamp", "started_at", "finished_at", "email", "name", "external_identifier",
}

// sorting is the requested order; without a field if none is requested.
func (c *call) sorting() (field string, descending bool, f *failure) {
	bare := c.query.Get("sorting")
	field, direction := c.query.Get("sorting[field]"), c.query.Get("sorting[direction]")
	accepted := c.p.variant.Sorting
	switch {
	case bare == "" && field == "" && direction == "":
		return "", false, nil
	case accepted == "none", bare != "" && accepted == "structured", bare == "" && accepted == "bare":
		return "", false, invalidField("sorting", "is invalid")
	case bare != "":
		field, descending = strings.CutPrefix(bare, "-")
	case direction != "" && direction != "asc" && direction != "desc":
		return "", false, invalidField("sorting[direction]", "must be asc or desc")
	default:
		descending = direction == "desc"
	}
	if !slices.Contains(sortFields, field) {
		return "", false, invalidField("sorting", "is not a field to sort by")
	}
	return field, descending, nil
}

func (c *call) page() (offset, size int, f *failure) {
	size = c.p.variant.DefaultPageSize
	if size == 0 {
		size = 50
	}
	for name, into := range map[string]*int{"pagination[offset]": &offset, "pagination[page_size]": &size} {
		text := c.query.Get(name)
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil {
			return 0, 0, invalidField(name, "must be a whole number")
		}
		*into = n
	}
	if offset < 0 {
		return 0, 0, invalidField("pagination[offset]", "must not be negative")
	}
	if size < 1 || size > 100 {
		return 0, 0, invalidField("pagination[page_size]", "must be between 1 and 100")
	}
	return offset, size, nil
}
