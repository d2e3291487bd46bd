package prefactor

import (
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

	// maxListings is how often a list is taken because rows went meanwhile.
	maxListings = 3
)

// pagination is what a list says of its pages. It may be null.
type pagination struct {
	ItemCount      Field[int] `json:"item_count"`
	NextPageOffset Field[int] `json:"next_page_offset"`
}

// list reads all pages of a list, oldest row first. Newest first as they come, a
// new row moves the others to later pages, where they are seen twice. A row that
// is deleted moves them to earlier ones, where one could slip through between two
// pages: the count of rows gives that away, and the listing is taken again. What
// is never quiet is the union of several listings. So a row that is there from
// the beginning to the end is in the list, unless rows are deleted at the wrong
// moment in each of them.
func list[T any](ctx context.Context, c *Client, r request, id func(T) string) ([]T, error) {
	all := map[string]T{}
	there := 0
	for range maxListings {
		rows, count, whole, err := listOnce(ctx, c, r, id)
		if err != nil {
			return nil, err
		}
		if whole {
			return inOrder(rows), nil
		}
		maps.Copy(all, rows)
		there = count
	}
	if len(all) >= there {
		return inOrder(all), nil
	}
	return nil, &Error{
		Op: r.op, Method: r.method, Path: r.path,
		Message: "the pages do not add up to the number of rows, which keep coming and going; try again when it is quieter",
	}
}

func inOrder[T any](rows map[string]T) []T {
	ordered := make([]T, 0, len(rows))
	for _, id := range slices.Sorted(maps.Keys(rows)) {
		ordered = append(ordered, rows[id])
	}
	return ordered
}

// listOnce reads the pages once. count is how many rows there were in the end,
// as far as the platform says; whole tells that none can have slipped through.
func listOnce[T any](ctx context.Context, c *Client, r request, id func(T) string) (rows map[string]T, count int, whole bool, err error) {
	rows = map[string]T{}
	// begin are the rows that there were in the beginning, and newest the first
	// of them, if the platform sorts as asked.
	begin, newest := 0, ""
	old := 0
	offset := 0
	for n := range maxPages {
		page, next, err := readPage(ctx, c, r, offset, id)
		if err != nil {
			return nil, 0, false, err
		}
		if page.count.Known() {
			count = page.count.Value
		}
		if n == 0 {
			begin = count
			if len(page.rows) > 0 && slices.IsSortedFunc(page.rows, func(a, b T) int { return strings.Compare(id(b), id(a)) }) {
				newest = id(page.rows[0])
			}
		}
		fresh := 0
		for _, row := range page.rows {
			key := id(row)
			if _, known := rows[key]; known {
				continue
			}
			rows[key] = row
			fresh++
			if newest == "" || key <= newest {
				old++
			}
		}
		// Where nothing is counted, a page without news is the end, also of a
		// platform that ignores the offset and gives the same rows again.
		if next <= offset || (fresh == 0 && !page.count.Known()) {
			// In another order, a new row could make up for one that slipped through.
			return rows, count, old >= begin && (newest != "" || count == begin), nil
		}
		offset = next
	}
	return nil, 0, false, &Error{Op: r.op, Method: r.method, Path: r.path, Message: fmt.Sprintf("the list has more than %d pages", maxPages)}
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
	raw := a.Summaries
	if raw == nil && r.allowSingle {
		raw = slices.Concat([]byte("["), a.Details, []byte("]"))
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
