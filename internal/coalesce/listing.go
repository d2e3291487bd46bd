package coalesce

import (
	"context"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

const (
	// singleReads is how many reads are single ones in any case.
	singleReads = 3

	// parallel is how many pages are asked for at once: what the platform
	// bears. More would only wait in the client, before everybody else's
	// requests.
	parallel = prefactor.DefaultMaxConcurrentRequests

	// maxLost is how many pages may fail before the others are not asked for
	// any more. A page that fails costs single reads for its own rows.
	maxLost = 2
)

// list is the listing that a read is to wait for; nil if it is to ask by
// itself. It is called with the lock held.
func (r *Reader) list(ctx context.Context, a *account, now time.Time) *flight[struct{}] {
	d := a.round
	if d.listing != nil && d.listing.join() {
		return d.listing
	}
	if d.complete || d.spent() < singleReads || now.Before(a.retryAfter) {
		return nil
	}
	work := r.work(a, d)
	if work == nil {
		return nil
	}
	var f *flight[struct{}]
	f = start(ctx, func(ctx context.Context) (struct{}, error) {
		err := work(ctx)
		r.mu.Lock()
		defer r.mu.Unlock()
		// That its readers have left says nothing of the listing.
		if err != nil && ctx.Err() == nil {
			a.retryAfter = time.Now().Add(Freshness)
		}
		if d.listing == f {
			d.listing = nil
		}
		return struct{}{}, err
	})
	d.listing = f
	return f
}

// work is what a listing does next; nil if nothing is worth it yet.
func (r *Reader) work(a *account, d *round) func(ctx context.Context) error {
	total := d.total()
	switch {
	case !a.answered:
		probe := a.probe
		if probe == nil || !probe.join() {
			return nil
		}
		return func(ctx context.Context) error {
			// Its failure is its own readers' concern.
			_, _ = probe.wait(ctx)
			return nil
		}
	case d.pages == 0, total == 0 && d.spent() > d.pages:
		return func(ctx context.Context) error { return r.fetch(ctx, a, d) }
	case total > 0 && d.spent() >= total:
		return func(ctx context.Context) error { return r.fetchRest(ctx, a, d) }
	default:
		return nil
	}
}

// fetch asks for the next page.
func (r *Reader) fetch(ctx context.Context, a *account, d *round) error {
	r.mu.Lock()
	id, offset := a.id, d.next
	r.mu.Unlock()
	asked := time.Now()
	p, err := r.TokenPage(ctx, id, offset)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	news := d.keep(p.Rows, asked)
	d.pages++
	d.next = p.Next
	// The end, also of a list whose offset is ignored.
	d.complete = p.Next <= offset || (news == 0 && len(p.Rows) > 0)
	if offset == 0 && p.Count.Known() && p.Next == len(p.Rows) {
		d.count, d.stride = p.Count.Value, len(p.Rows)
	}
	return nil
}

// fetchRest asks for all pages behind the first one. Rows that move from one
// page to another meanwhile come twice or not at all: what is not there is
// asked for by itself.
func (r *Reader) fetchRest(ctx context.Context, a *account, d *round) error {
	r.mu.Lock()
	id, count, stride := a.id, d.count, d.stride
	r.mu.Unlock()
	var group errgroup.Group
	group.SetLimit(parallel)
	var lost atomic.Int32
	for offset := stride; offset < count && lost.Load() < maxLost && ctx.Err() == nil; offset += stride {
		group.Go(func() error {
			asked := time.Now()
			p, err := r.TokenPage(ctx, id, offset)
			if err != nil {
				lost.Add(1)
				return err
			}
			r.mu.Lock()
			defer r.mu.Unlock()
			d.keep(p.Rows, asked)
			return nil
		})
	}
	err := group.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	if ctx.Err() == nil {
		d.complete = true
	}
	return err
}
