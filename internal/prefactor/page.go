package prefactor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// pageSize is the most that the platform gives at once.
	pageSize = 100

	// maxObjects bounds the objects of one response, of a platform that ignores the
	// page size.
	maxObjects = 1000

	// maxPages bounds a listing that never ends: a million objects.
	maxPages = 10_000

	// leastOverlap is the size of pages from which on they overlap by an object. Of
	// smaller ones, too little would be left.
	leastOverlap = 3

	// maxListings is how often a list is read because it changed meanwhile.
	maxListings = 3

	// maxListingTime bounds one listing with all its pages and retries.
	maxListingTime = 10 * time.Minute
)

var errListingTime = fmt.Errorf("the list could not be read within %s", maxListingTime)

// readList returns the objects of a list, oldest first. An object that exists from the
// beginning to the end is among them, whatever is created and deleted meanwhile,
// unless objects are deleted at the wrong moment in each of several listings.
//
// Without older, all pages are read in the default order, because no other is known
// to be accepted everywhere. With it, the newest objects are requested first, and the
// listing ends at one that is older, if the response shows that the order was
// applied; otherwise all pages are read as well.
func (k kind[T]) readList(ctx context.Context, c *Client, r request, older func(T) bool) ([]T, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, maxListingTime, errListingTime)
	defer cancel()
	all, count := map[string]T{}, 0
	for range maxListings {
		found, n, whole, err := k.walk(ctx, c, r, older)
		if err != nil {
			if e, ok := errors.AsType[*Error](err); ok && errors.Is(context.Cause(ctx), errListingTime) {
				e.Message = errListingTime.Error() + ": " + e.Message
			}
			return nil, err
		}
		if whole {
			all, count = found, 0
			break
		}
		maps.Copy(all, found)
		count = n
	}
	if older == nil && len(all) < count {
		return nil, r.failed("the pages do not add up to the number of records, which keep changing; try again later")
	}
	ordered := make([]T, 0, len(all))
	for _, id := range slices.Sorted(maps.Keys(all)) {
		ordered = append(ordered, all[id])
	}
	return ordered, nil
}

// walk reads the pages once. count is how many objects the platform counts in the
// beginning, 0 if it does not count. whole tells that no object can be missing
// between two pages: each page begins with the last object of the page
// before, and the objects are as many as the platform counts.
func (k kind[T]) walk(ctx context.Context, c *Client, r request, older func(T) bool) (found map[string]T, count int, whole bool, err error) {
	found, whole = map[string]T{}, true
	offset, last := 0, ""
	for n := range maxPages {
		p, err := k.readPage(ctx, c, r, offset, older != nil)
		if err != nil {
			return nil, 0, false, err
		}
		if n == 0 {
			count = p.Count.Value
		}
		fresh := false
		for i, id := range p.IDs {
			if _, known := found[id]; !known {
				fresh = true
			}
			found[id] = p.Objects[i]
		}
		counted := !p.Count.Known() || len(found) == p.Count.Value
		if !fresh && offset >= p.Count.Value {
			// The end of a list without a count, also where the offset is ignored.
			return found, count, whole && counted, nil
		}
		// Newest first, new objects move others to later pages, where they are repeated.
		if last != "" && (len(p.IDs) == 0 || (p.IDs[0] != last && (!p.newestFirst || p.IDs[0] < last))) {
			whole = false
		}
		switch {
		case p.newestFirst && older != nil && older(p.Objects[len(p.Objects)-1]):
			return found, count, whole, nil
		case p.Next <= offset:
			return found, count, whole && (p.newestFirst || counted), nil
		}
		offset, last = p.Next, ""
		if len(p.IDs) >= leastOverlap {
			offset, last = p.Next-1, p.IDs[len(p.IDs)-1]
		}
	}
	return nil, 0, false, r.failed(fmt.Sprintf("the list has more than %d pages", maxPages))
}

// Page is one page of a list.
type Page[T any] struct {
	Objects []T
	// IDs are the ids of the objects.
	IDs []string
	// Count is how many objects there are in all, where the platform says so.
	Count Field[int]
	// Next is the offset of the following page, 0 after the last one.
	Next int

	// newestFirst tells that the list is sorted so: the response says so, and its
	// objects are.
	newestFirst bool
}

// page reads one page of a list.
func (k kind[T]) page(ctx context.Context, c *Client, of string, offset int, newestFirst bool) (Page[T], error) {
	return k.readPage(ctx, c, k.listing(of), offset, newestFirst)
}

type listKey struct{}

// InList says in which list the object that is read is expected: a token or environment
// in that of an account, an agent in that of a risk profile, a deployment in that of an
// agent. Then a list may serve many reads. An empty one says nothing.
func InList(ctx context.Context, list string) context.Context {
	return context.WithValue(ctx, listKey{}, list)
}

// ListOf is what InList says.
func ListOf(ctx context.Context) string {
	list, _ := ctx.Value(listKey{}).(string)
	return list
}

// readPage reads the objects from an offset on. Newest first is optional: where
// sorting is rejected it costs one more request, once for this client. The vendor
// has observed that sorting=-id, which the reference has, is rejected, and that
// sorting[field] and sorting[direction] are accepted.
func (k kind[T]) readPage(ctx context.Context, c *Client, r request, offset int, newestFirst bool) (Page[T], error) {
	query := url.Values{}
	maps.Copy(query, r.query)
	query.Set("pagination[offset]", strconv.Itoa(offset))
	query.Set("pagination[page_size]", strconv.Itoa(pageSize))
	r.query = query
	if !newestFirst || c.sortingRejected.Load() {
		return k.parsePage(ctx, c, r, offset)
	}
	sorted := r
	sorted.query = maps.Clone(query)
	sorted.query.Set("sorting[field]", "id")
	sorted.query.Set("sorting[direction]", "desc")
	p, err := k.parsePage(ctx, c, sorted, offset)
	if e, ok := errors.AsType[*Error](err); !ok || !e.fromAPI || (e.Status != http.StatusBadRequest && e.Status != http.StatusUnprocessableEntity) {
		return p, err
	}
	if p, err = k.parsePage(ctx, c, r, offset); err == nil {
		c.sortingRejected.Store(true)
	}
	return p, err
}

func (k kind[T]) parsePage(ctx context.Context, c *Client, r request, offset int) (p Page[T], err error) {
	a, err := c.call(ctx, r)
	if err != nil {
		return p, err
	}
	raw := a.Summaries
	if raw == nil && r.allowSingle {
		raw = slices.Concat([]byte("["), a.Details, []byte("]"))
	}
	if p.Objects, err = decode[[]T](c, r, a, raw); err != nil {
		return p, err
	}
	if len(p.Objects) > maxObjects {
		return p, c.malformed(r, a, fmt.Sprintf("it has %d records, more than %d", len(p.Objects), maxObjects))
	}
	of := r.query.Get(k.filter)
	for i := range p.Objects {
		if of != "" && k.complete != nil {
			k.complete(&p.Objects[i], of)
		}
		p.IDs = append(p.IDs, k.id(p.Objects[i]))
	}
	// Both can be null.
	var info struct {
		ItemCount      Field[int] `json:"item_count"`
		NextPageOffset Field[int] `json:"next_page_offset"`
	}
	var sorting struct {
		Field     string `json:"field"`
		Direction string `json:"direction"`
	}
	if err := errors.Join(json.Unmarshal(orNull(a.Pagination), &info), json.Unmarshal(orNull(a.Sorting), &sorting)); err != nil {
		return p, c.malformed(r, a, describeDecode(err))
	}
	p.Count = info.ItemCount
	p.newestFirst = sorting.Field == "id" && sorting.Direction == "desc" && len(p.IDs) > 0 &&
		slices.IsSortedFunc(p.IDs, func(a, b string) int { return strings.Compare(b, a) })
	if info.NextPageOffset.Present {
		p.Next = info.NextPageOffset.Value
	} else if len(p.IDs) >= pageSize {
		// Where nothing is said, a page that is not full is the last one.
		p.Next = offset + len(p.IDs)
	}
	return p, nil
}

func orNull(raw json.RawMessage) json.RawMessage {
	if raw == nil {
		return json.RawMessage("null")
	}
	return raw
}
