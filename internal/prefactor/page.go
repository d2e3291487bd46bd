package prefactor

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const (
	// pageSize is the most that the platform gives at once.
	pageSize = 100

	// maxPages bounds a listing that never ends: a million rows.
	maxPages = 10_000

	// maxRestarts is how often a listing begins anew because rows came or went
	// while it was taken.
	maxRestarts = 3
)

// pagination is what a list says of its pages. Whether it says anything is not known.
type pagination struct {
	ItemCount      Field[int] `json:"item_count"`
	NextPageOffset Field[int] `json:"next_page_offset"`
}

// list reads all pages of a list, oldest row first. Rows that are deleted
// while the pages are read move the later ones up, and one could slip through
// between two pages. The count of rows gives that away, and the listing is
// taken again.
func list[T any](ctx context.Context, c *Client, r request, id func(T) string) ([]T, error) {
	for range maxRestarts {
		rows, moved, err := listOnce(ctx, c, r, id)
		if err != nil {
			return nil, err
		}
		if !moved {
			return rows, nil
		}
	}
	return nil, &Error{
		Op: r.op, Method: r.method, Path: r.path,
		Message: "the pages do not add up to the number of rows, which keep coming and going; try again when it is quieter",
	}
}

func listOnce[T any](ctx context.Context, c *Client, r request, id func(T) string) (rows []T, moved bool, err error) {
	seen := map[string]bool{}
	count := Field[int]{}
	offset := 0
	for range maxPages {
		page, next, err := readPage(ctx, c, r, offset, id)
		if err != nil {
			return nil, false, err
		}
		if page.count.Known() {
			if count.Known() && count.Value != page.count.Value {
				return nil, true, nil
			}
			count = page.count
		}
		fresh := 0
		for _, row := range page.rows {
			if key := id(row); !seen[key] {
				seen[key] = true
				fresh++
				rows = append(rows, row)
			}
		}
		// A page without news is the end, also of a platform that ignores
		// the offset and gives the same rows again.
		if next <= offset || fresh == 0 {
			// Fewer rows than there are: one has slipped through, and would
			// pass for deleted.
			if count.Known() && len(rows) < count.Value {
				return nil, true, nil
			}
			slices.SortFunc(rows, func(a, b T) int { return strings.Compare(id(a), id(b)) })
			return rows, false, nil
		}
		offset = next
	}
	return nil, false, &Error{Op: r.op, Method: r.method, Path: r.path, Message: fmt.Sprintf("the list has more than %d pages", maxPages)}
}

type page[T any] struct {
	rows  []T
	count Field[int]
}

// readPage reads the rows from offset on, newest first. next is where the
// following page begins, 0 when this is the last.
func readPage[T any](ctx context.Context, c *Client, r request, offset int, id func(T) string) (p page[T], next int, err error) {
	query := url.Values{}
	maps.Copy(query, r.query)
	query.Set("pagination[offset]", strconv.Itoa(offset))
	query.Set("pagination[page_size]", strconv.Itoa(pageSize))
	query.Set("sorting", "-id")
	r.query = query

	a, err := c.call(ctx, r, false)
	if err != nil {
		return p, 0, err
	}
	raw := a.Details
	if isNull(raw) {
		raw = a.Summaries
	}
	if isNull(raw) {
		// As the vendor's own code takes it: no rows.
		raw = json.RawMessage("[]")
	}
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) {
		// The list of accounts may come as its only row.
		raw = append(append([]byte("["), raw...), ']')
	}
	if err := decode(c, r, a, raw, &p.rows); err != nil {
		return p, 0, err
	}
	for _, row := range p.rows {
		if id(row) == "" {
			return p, 0, c.malformed(r, a, "a row has no id")
		}
	}
	var info pagination
	// Whether there is a pagination, and in which form, is not known: an
	// unforeseen one counts as none.
	if err := json.Unmarshal(a.Pagination, &info); err != nil {
		info = pagination{}
	}
	p.count = info.ItemCount
	switch {
	case info.NextPageOffset.Known():
		next = info.NextPageOffset.Value
	case info.NextPageOffset.Present:
		next = 0
	case info.ItemCount.Known():
		if offset+len(p.rows) < info.ItemCount.Value {
			next = offset + len(p.rows)
		}
	case len(p.rows) > 0:
		// Nothing is said: ask for more until nothing new comes. The platform's
		// pages may be smaller than asked for.
		next = offset + len(p.rows)
	}
	return p, next, nil
}

func isNull(raw json.RawMessage) bool { return raw == nil || bytes.Equal(raw, []byte("null")) }
