package coalesce

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

const (
	// Freshness is how long after its page was asked for a row still answers
	// reads.
	Freshness = time.Minute

	// patience is how many reads are single ones in any case.
	patience = 3

	// pageSize is what the client asks for.
	pageSize = 100
)

// Reader is the client with coalesced reads. It is safe for concurrent use.
type Reader struct {
	*prefactor.Client

	now func() time.Time

	mu       sync.Mutex
	accounts map[uint32]*account
	// touched are the tokens that this process has written, and how often.
	touched map[string]int
	singles map[single]*flight[prefactor.Token]
}

// single names a single read: of a token as it is since its latest write.
type single struct {
	id    string
	write int
}

// New puts a Reader over a client.
func New(client *prefactor.Client) *Reader {
	return &Reader{
		Client:   client,
		now:      time.Now,
		accounts: map[uint32]*account{},
		touched:  map[string]int{},
		singles:  map[single]*flight[prefactor.Token]{},
	}
}

// account is what is known of the tokens of one account. All of it is under
// the Reader's lock.
type account struct {
	// id is known as soon as one of its tokens was read.
	id string
	// begun is when the present round began; what is older is forgotten.
	begun time.Time
	// spent are the single reads of this round.
	spent int
	rows  map[string]row
	// pages are those fetched, of all where count is known; next is the offset
	// of the following one, and complete tells that there is none.
	pages, next int
	count       prefactor.Field[int]
	complete    bool
	failed      bool
	listing     *flight[struct{}]
	// scout is the first single read: its answer says which account to list.
	scout *flight[prefactor.Token]
}

type row struct {
	token prefactor.Token
	asked time.Time
}

// Token reads one token: by itself, or from a listing where that is cheaper.
func (r *Reader) Token(ctx context.Context, id string) (prefactor.Token, error) {
	parsed, err := pfid.Parse(id)
	if err != nil {
		// The client says what is wrong with it.
		return r.Client.Token(ctx, id)
	}
	began := r.now()
	for {
		r.mu.Lock()
		a := r.round(parsed.Partition(), began)
		if r.touched[id] > 0 {
			return r.readSingly(ctx, a, id)
		}

		if found, ok := a.rows[id]; ok && began.Sub(found.asked) < Freshness {
			r.mu.Unlock()
			return found.token, nil
		}
		listing := r.nextListing(ctx, a)
		if listing == nil {
			return r.readSingly(ctx, a, id)
		}
		r.mu.Unlock()
		if _, err := listing.wait(ctx); err != nil && ctx.Err() != nil {
			return prefactor.Token{}, ctx.Err()
		}
	}
}

// round is the present round of an account. A new one begins when the rows of
// the one before have become too old.
func (r *Reader) round(partition uint32, now time.Time) *account {
	a, ok := r.accounts[partition]
	if ok && now.Sub(a.begun) < Freshness {
		return a
	}
	fresh := &account{begun: now, rows: map[string]row{}}
	if ok {
		if a.listing != nil {
			// Its answers are still to come.
			return a
		}
		fresh.id = a.id
	}
	r.accounts[partition] = fresh
	return fresh
}

// readSingly asks for one token. It is called with the lock held and gives it
// back. Readers of the same token share the request, unless the token was
// written since it was sent.
func (r *Reader) readSingly(ctx context.Context, a *account, id string) (prefactor.Token, error) {
	key := single{id, r.touched[id]}
	f, ok := r.singles[key]
	if !ok || !f.join() {
		if key.write == 0 {
			a.spent++
		}
		f = takeOff(ctx, func(ctx context.Context) (prefactor.Token, error) {
			t, err := r.Client.Token(ctx, id)
			r.mu.Lock()
			defer r.mu.Unlock()
			if err == nil && t.AccountID.Known() {
				a.id = t.AccountID.Value
			}
			if r.singles[key] == f {
				delete(r.singles, key)
			}
			return t, err
		})
		r.singles[key] = f
		if a.scout == nil {
			a.scout = f
		}
	}
	r.mu.Unlock()
	return f.wait(ctx)
}

// nextListing is the listing that a read is to wait for; nil if it is to ask
// by itself. It is called with the lock held.
func (r *Reader) nextListing(ctx context.Context, a *account) *flight[struct{}] {
	if a.listing != nil && a.listing.join() {
		return a.listing
	}
	if a.complete || a.failed || a.spent < patience {
		return nil
	}
	var work func(ctx context.Context) error
	switch {
	case a.pages == 0:
		scout := a.scout
		if a.id != "" || !scout.join() {
			scout = nil
		}
		work = func(ctx context.Context) error {
			if scout != nil {
				// Without its answer the platform chooses the account.
				_, _ = scout.wait(ctx)
			}
			return r.fetch(ctx, a, 0)
		}
	case a.count.Known() && a.spent >= a.totalPages():
		work = func(ctx context.Context) error { return r.fetchRest(ctx, a) }
	case !a.count.Known() && a.spent >= a.pages:
		next := a.next
		work = func(ctx context.Context) error { return r.fetch(ctx, a, next) }
	default:
		return nil
	}
	var f *flight[struct{}]
	f = takeOff(ctx, func(ctx context.Context) (struct{}, error) {
		err := work(ctx)
		r.mu.Lock()
		defer r.mu.Unlock()
		a.failed = a.failed || err != nil
		if a.listing == f {
			a.listing = nil
		}
		return struct{}{}, err
	})
	a.listing = f
	return f
}

// totalPages is what the list costs.
func (a *account) totalPages() int { return (a.count.Value + pageSize - 1) / pageSize }

// fetch asks for one page and keeps its rows.
func (r *Reader) fetch(ctx context.Context, a *account, offset int) error {
	r.mu.Lock()
	id := a.id
	r.mu.Unlock()
	asked := r.now()
	p, err := r.TokenPage(ctx, id, offset)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	fresh := 0
	for _, t := range p.Rows {
		if _, ok := a.rows[t.ID]; !ok {
			fresh++
		}
		if t.Complete() {
			a.rows[t.ID] = row{t, asked}
		}
	}
	a.pages++
	a.next = p.Next
	a.count = p.Count
	if a.count.Known() && p.Next > offset && p.Next < a.count.Value && p.Next-offset < pageSize {
		// Its pages are smaller than asked for: what they cost is not known.
		a.count = prefactor.Field[int]{}
	}
	if p.Next <= offset || (fresh == 0 && len(p.Rows) > 0) {
		a.complete = true
	}
	return nil
}

// fetchRest asks for all pages behind the first one, at once; the client caps
// how many requests are under way.
func (r *Reader) fetchRest(ctx context.Context, a *account) error {
	group, ctx := errgroup.WithContext(ctx)
	r.mu.Lock()
	id, total, count := a.id, a.totalPages(), a.count
	r.mu.Unlock()
	for page := 1; page < total; page++ {
		group.Go(func() error {
			asked := r.now()
			p, err := r.TokenPage(ctx, id, page*pageSize)
			if err != nil {
				return err
			}
			r.mu.Lock()
			defer r.mu.Unlock()
			a.pages++
			for _, t := range p.Rows {
				if t.Complete() {
					a.rows[t.ID] = row{t, asked}
				}
			}
			return nil
		})
	}
	err := group.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	a.count, a.complete = count, true
	return err
}

// write forgets a token before and after something is done to it: what was
// asked for before is no answer after.
func (r *Reader) write(id string, do func() (prefactor.Token, error)) (prefactor.Token, error) {
	r.touch(id)
	defer r.touch(id)
	return do()
}

func (r *Reader) touch(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.touched[id]++
}

// CreateToken makes a token, which is read by itself from then on.
func (r *Reader) CreateToken(ctx context.Context, n prefactor.NewToken) (prefactor.CreatedToken, error) {
	created, err := r.Client.CreateToken(ctx, n)
	if created.ID != "" {
		r.touch(created.ID)
	}
	return created, err
}

// SuspendToken suspends a token.
func (r *Reader) SuspendToken(ctx context.Context, id string) (prefactor.Token, error) {
	return r.write(id, func() (prefactor.Token, error) { return r.Client.SuspendToken(ctx, id) })
}

// ActivateToken activates a token.
func (r *Reader) ActivateToken(ctx context.Context, id string) (prefactor.Token, error) {
	return r.write(id, func() (prefactor.Token, error) { return r.Client.ActivateToken(ctx, id) })
}

// RevokeToken revokes a token.
func (r *Reader) RevokeToken(ctx context.Context, id string) (prefactor.Token, error) {
	return r.write(id, func() (prefactor.Token, error) { return r.Client.RevokeToken(ctx, id) })
}

// DeleteToken deletes a token.
func (r *Reader) DeleteToken(ctx context.Context, id string) error {
	_, err := r.write(id, func() (prefactor.Token, error) { return prefactor.Token{}, r.Client.DeleteToken(ctx, id) })
	return err
}
