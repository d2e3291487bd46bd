package coalesce

import (
	"context"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

const (
	singleReads = 3 // tokens that are read singly in any case
	maxFailed   = 2 // failed pages, after which no others are requested
)

// round is a listing of one account, and the single reads before it. A new one
// begins when the rows are no longer fresh. It is under the Reader's lock.
type round struct {
	begun     time.Time
	accountID string
	// probe is a single read that may tell the account's id.
	probe *request
	// single are the tokens that were read singly though a list could have served.
	single map[string]bool
	// rows are those of this round and the ones before.
	rows    map[string]row
	listing *request
	// retryAfter is until when no listing is tried, because one failed.
	retryAfter time.Time
	// pages are those requested one by one, and next is the offset of the next one.
	// complete tells that there is none, or none that is wanted.
	pages, next int
	complete    bool
	// count and size are the rows in all and on a page; 0 if the list does not say.
	count, size int
}

type row struct {
	token prefactor.Token
	asked time.Time
}

// list is the request that a read is to wait for before it looks for its row
// again; nil if it is to be a single read. The lock is held.
func (r *Reader) list(ctx context.Context, d *round) *request {
	spent, isRest := len(d.single), d.size > 0
	var offsets []int
	switch {
	case d.listing.join():
		return d.listing
	case d.complete, spent < singleReads, time.Now().Before(d.retryAfter):
	case d.accountID == "" && d.probe.join():
		return d.probe
	case d.accountID == "":
	case !isRest && spent > d.pages:
		offsets = []int{d.next}
	case isRest && spent*d.size >= d.count:
		for offset := d.size; offset < d.count; offset += d.size {
			offsets = append(offsets, offset)
		}
	}
	if len(offsets) == 0 {
		return nil
	}
	d.listing = r.start(ctx, func(ctx context.Context) (none prefactor.Token, err error) {
		err = r.fetchAll(ctx, d, offsets)
		r.mu.Lock()
		defer r.mu.Unlock()
		// That its readers gave up says nothing of the list.
		if ctx.Err() == nil {
			d.complete = d.complete || isRest
			if err != nil {
				d.retryAfter = time.Now().Add(Freshness)
			}
		}
		return none, err
	})
	return d.listing
}

// fetchAll requests pages, until too many have failed.
func (r *Reader) fetchAll(ctx context.Context, d *round, offsets []int) error {
	var group errgroup.Group
	// More would wait in the client, before everybody else's requests.
	group.SetLimit(prefactor.DefaultMaxConcurrentRequests)
	var failed atomic.Int32
	for _, offset := range offsets {
		group.Go(func() (err error) {
			if failed.Load() < maxFailed {
				err = r.fetch(ctx, d, offset)
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
func (r *Reader) fetch(ctx context.Context, d *round, offset int) error {
	asked := time.Now()
	p, err := r.TokenPage(ctx, d.accountID, offset)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	hasNew := len(p.Rows) == 0
	for _, t := range p.Rows {
		old, known := d.rows[t.ID]
		hasNew = hasNew || !known || old.asked.Before(d.begun)
		// A row that moved between pages is on both.
		if !known || asked.After(old.asked) {
			d.rows[t.ID] = row{t, asked}
		}
	}
	if d.size > 0 {
		return nil
	}
	d.pages++
	d.next = p.Next
	// The end, also of a list that ignores the offset.
	d.complete = p.Next <= offset || !hasNew
	if offset == 0 && p.Count.Known() && p.Next == len(p.Rows) {
		d.count, d.size = p.Count.Value, len(p.Rows)
	}
	return nil
}
