package coalesce

import (
	"context"
	"sync"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

const (
	// Freshness is how long after its page was requested a row serves reads, while
	// this process only reads. A large plan takes Terraform about as long by itself.
	Freshness = time.Minute

	// WritingFreshness is the same from the first change of this process on. An
	// apply decides by what it reads whether to revoke, which cannot be undone.
	WritingFreshness = 5 * time.Second
)

// Reader is the client with coalesced reads. It is safe for concurrent use.
type Reader struct {
	*prefactor.Client

	mu sync.Mutex
	// rounds are the present ones of accounts, by the partition of their ids.
	rounds map[uint32]*round
	// singles are the latest single reads.
	singles map[string]*request
	// changed are the tokens that this process has created or changed.
	changed   map[string]bool
	freshness time.Duration
}

// New returns a Reader over a client. It sends nothing yet.
func New(client *prefactor.Client) *Reader {
	return &Reader{Client: client, rounds: map[uint32]*round{}, singles: map[string]*request{}, changed: map[string]bool{}, freshness: Freshness}
}

// Token reads one token: singly, or from a list where that is cheaper. Its errors
// are those of the client's single read, or the context's.
func (r *Reader) Token(ctx context.Context, id string) (prefactor.Token, error) {
	parsed, err := pfid.Parse(id)
	if err != nil {
		return r.Client.Token(ctx, id) // It says what is wrong with the id.
	}
	began := time.Now()
	for {
		token, q, isListing := r.next(ctx, parsed.Partition(), id, began)
		if q == nil {
			return token, nil
		}
		// Whether a listing fails or not: the next step takes it into account.
		if token, err = r.wait(ctx, q); !isListing || ctx.Err() != nil {
			return token, err
		}
	}
}

// next is the token, or the request to wait for; after a listing comes a next step.
func (r *Reader) next(ctx context.Context, partition uint32, id string, began time.Time) (token prefactor.Token, q *request, isListing bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	d := r.round(partition, began)
	if !r.changed[id] {
		if found, ok := d.rows[id]; ok && began.Sub(found.asked) < r.freshness {
			return found.token, nil, false
		}
		if !d.single[id] {
			q = r.list(ctx, d)
		}
	}
	if q != nil {
		return token, q, true
	}
	return token, r.readSingly(ctx, d, id), false
}

// round is the present round of an account. The lock is held.
func (r *Reader) round(partition uint32, began time.Time) *round {
	last, ok := r.rounds[partition]
	switch {
	case !ok:
		last = &round{rows: map[string]row{}}
	case last.listing.isOpen() || began.Sub(last.begun) < r.freshness:
		return last
	}
	r.rounds[partition] = &round{
		begun: began, accountID: last.accountID, probe: last.probe, retryAfter: last.retryAfter, single: map[string]bool{}, rows: last.rows,
	}
	return r.rounds[partition]
}

// readSingly requests one token. Readers share the request, unless the token was
// changed since it was sent. The lock is held.
func (r *Reader) readSingly(ctx context.Context, d *round, id string) *request {
	if q := r.singles[id]; q.isOpen() && time.Since(q.began) < r.freshness && q.join() {
		return q
	}
	if !r.changed[id] {
		d.single[id] = true
	}
	q := r.start(ctx, func(ctx context.Context) (prefactor.Token, error) {
		t, err := r.Client.Token(ctx, id)
		r.mu.Lock()
		defer r.mu.Unlock()
		if d.accountID == "" {
			d.accountID = t.AccountID.Value
		}
		return t, err
	})
	r.singles[id] = q
	if d.accountID == "" && !d.probe.isOpen() {
		d.probe = q
	}
	return q
}

// request is a single read or a listing that several readers wait for. When the
// last one gives up it is canceled, unlike in singleflight: after an interrupt
// nothing more is sent. It is under the Reader's lock.
type request struct {
	began  time.Time
	cancel context.CancelFunc
	// waiting is how many readers wait; 0 when it has ended.
	waiting int
	// done is closed when token and err are set.
	done  chan struct{}
	token prefactor.Token
	err   error
}

// start starts a request, for which the caller has to wait. The lock is held.
func (r *Reader) start(ctx context.Context, do func(ctx context.Context) (prefactor.Token, error)) *request {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	q := &request{began: time.Now(), cancel: cancel, waiting: 1, done: make(chan struct{})}
	go func() {
		defer cancel()
		token, err := do(ctx)
		r.mu.Lock()
		defer r.mu.Unlock()
		q.token, q.err, q.waiting = token, err, 0
		close(q.done)
	}()
	return q
}

// isOpen tells whether readers can still join.
func (q *request) isOpen() bool { return q != nil && q.waiting > 0 }

// join adds a reader, unless the request has ended or is being canceled.
func (q *request) join() bool {
	if !q.isOpen() {
		return false
	}
	q.waiting++
	return true
}

// wait waits for the end of a request, or of the reader's own context.
func (r *Reader) wait(ctx context.Context, q *request) (prefactor.Token, error) {
	select {
	case <-q.done:
	case <-ctx.Done():
	}
	if ctx.Err() == nil {
		return q.token, q.err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if q.waiting--; q.waiting == 0 {
		q.cancel()
	}
	return prefactor.Token{}, ctx.Err()
}
