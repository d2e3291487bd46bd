package coalesce

import (
	"context"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// maxFailed is how many pages fail before no others are requested.
const maxFailed = 2

// round is a listing of one list, and the single reads before it. A new one
// begins when the rows are no longer fresh. It is under the lock of the objects.
type round[T any] struct {
	begun time.Time
	// list is the filter that selects the list, such as an account.
	list string
	// single are the objects that were read singly though a list could have served.
	single map[string]bool
	// rows are those of this round and the ones before.
	rows    map[string]row[T]
	listing *request[T]
	// retryAfter is until when no listing is tried, because one failed.
	retryAfter time.Time
	// pages are those requested one by one, and next is the offset of the next one.
	// complete tells that there is none, or none that is wanted.
	pages, next int
	complete    bool
	// count and size are the rows in all and on a page; 0 if the list does not say.
	count, size int
}

type row[T any] struct {
	object T
	asked  time.Time
}

// list is the request that a read is to wait for before it looks for its row
// again; nil if it is to be a single read. The lock is held.
func (o *objects[T]) list(ctx context.Context, d *round[T]) *request[T] {
	spent, isRest := len(d.single), d.size > 0
	var offsets []int
	switch {
	case d.listing.join():
		return d.listing
	case d.complete, spent < o.singleReads, time.Now().Before(d.retryAfter):
	case !isRest && (d.pages == 0 || spent > d.pages):
		offsets = []int{d.next}
	case isRest && spent*d.size >= d.count:
		for offset := d.size; offset < d.count; offset += d.size {
			offsets = append(offsets, offset)
		}
	}
	if len(offsets) == 0 {
		return nil
	}
	// Its error is nobody's: the next step of its readers takes it into account.
	d.listing = o.start(ctx, func(ctx context.Context) (none T, _ error) {
		err := o.fetchAll(ctx, d, offsets)
		o.mu.Lock()
		defer o.mu.Unlock()
		// That its readers gave up says nothing of the list.
		if ctx.Err() == nil {
			d.complete = d.complete || isRest
			if err != nil {
				d.retryAfter = time.Now().Add(Freshness)
			}
		}
		return none, nil
	})
	return d.listing
}

// fetchAll requests pages, until too many have failed.
func (o *objects[T]) fetchAll(ctx context.Context, d *round[T], offsets []int) error {
	var group errgroup.Group
	// More would wait in the client, before everybody else's requests.
	group.SetLimit(prefactor.DefaultMaxConcurrentRequests)
	var failed atomic.Int32
	for _, offset := range offsets {
		group.Go(func() (err error) {
			if failed.Load() < maxFailed {
				err = o.fetch(ctx, d, offset)
			}
			if err != nil {
				failed.Add(1)
			}
			return err
		})
	}
	return group.Wait()
}

// fetch requests one page.
func (o *objects[T]) fetch(ctx context.Context, d *round[T], offset int) error {
	asked := time.Now()
	p, err := o.page(ctx, d.list, offset)
	if err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for i, id := range p.IDs {
		old, known := d.rows[id]
		// A row that moved between pages is on both.
		if !known || asked.After(old.asked) {
			d.rows[id] = row[T]{p.Objects[i], asked}
		}
	}
	close(d.listing.news)
	d.listing.news = make(chan struct{})
	if d.size > 0 {
		return nil
	}
	d.pages++
	d.next, d.complete = p.Next, p.Next == 0
	if offset == 0 && p.Count.Known() && p.Next == len(p.Objects) {
		d.count, d.size = p.Count.Value, len(p.Objects)
	}
	return nil
}
