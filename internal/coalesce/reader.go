package coalesce

import (
	"context"
	"sync"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

const (
	// Freshness is how long after its page was asked for a row still answers
	// reads, while this process only reads. A plan of thousands of resources
	// takes Terraform about as long by itself, and whoever reads the plan will
	// take longer.
	Freshness = time.Minute

	// WritingFreshness is the same from this process' first write on. An apply
	// decides by what it reads whether to revoke, which cannot be undone.
	WritingFreshness = 5 * time.Second
)

// Reader is the client with coalesced reads. It is safe for concurrent use.
type Reader struct {
	*prefactor.Client

	mu sync.Mutex
	// accounts are told apart by the partition that all ids of one share.
	accounts map[uint32]*account
	singles  map[single]*flight[prefactor.Token]
	// touched are the tokens that this process has written, and how often.
	touched map[string]int
	wrote   bool
	// visible is the list of the accounts.
	visible *flight[[]prefactor.Account]
}

// single names a single read: of a token as it is since its latest write.
type single struct {
	id    string
	write int
}

// New puts a Reader over a client. It sends nothing yet.
func New(client *prefactor.Client) *Reader {
	return &Reader{
		Client:   client,
		accounts: map[uint32]*account{},
		singles:  map[single]*flight[prefactor.Token]{},
		touched:  map[string]int{},
	}
}

// Token reads one token: by itself, or from a listing where that is cheaper.
// Its errors are those of the client's single read, or the context's.
func (r *Reader) Token(ctx context.Context, id string) (prefactor.Token, error) {
	parsed, err := pfid.Parse(id)
	if err != nil {
		// The client says what is wrong with it.
		return r.Client.Token(ctx, id)
	}
	began := time.Now()
	var waited *round
	for {
		s := r.next(ctx, parsed.Partition(), id, began, waited)
		switch {
		case s.read != nil:
			return s.read.wait(ctx)
		case s.listing == nil:
			return s.token, nil
		}
		waited = s.round
		// Whether it succeeds or not: the next step takes it into account.
		if _, err := s.listing.wait(ctx); err != nil && ctx.Err() != nil {
			return prefactor.Token{}, ctx.Err()
		}
	}
}

// step is what a read does next: wait for a single read, wait for a listing
// and look again, or take the token as the answer.
type step struct {
	read    *flight[prefactor.Token]
	listing *flight[struct{}]
	round   *round
	token   prefactor.Token
}

// next looks for an answer in the present round of the account, and in the one
// whose listing was waited for: a new one may have begun meanwhile.
func (r *Reader) next(ctx context.Context, partition uint32, id string, began time.Time, waited *round) step {
	r.mu.Lock()
	defer r.mu.Unlock()
	a, ok := r.accounts[partition]
	if !ok {
		a = &account{round: newRound(began)}
		r.accounts[partition] = a
	}
	freshness := r.freshness()
	if a.round.listing == nil && began.Sub(a.round.begun) >= freshness {
		a.round = newRound(began)
	}
	if r.touched[id] > 0 {
		return step{read: r.readSingly(ctx, a, id)}
	}
	for _, d := range []*round{a.round, waited} {
		if found, ok := d.row(id); ok && began.Sub(found.asked) < freshness {
			return step{token: found.token}
		}
	}
	if !a.round.single[id] {
		if listing := r.list(ctx, a, began); listing != nil {
			return step{listing: listing, round: a.round}
		}
	}
	return step{read: r.readSingly(ctx, a, id)}
}

// freshness is called with the lock held.
func (r *Reader) freshness() time.Duration {
	if r.wrote {
		return WritingFreshness
	}
	return Freshness
}

// readSingly asks for one token. Readers of the same token share the request,
// unless the token was written since it was sent. It is called with the lock held.
func (r *Reader) readSingly(ctx context.Context, a *account, id string) *flight[prefactor.Token] {
	key := single{id, r.touched[id]}
	f, ok := r.singles[key]
	if ok && time.Since(f.began) < r.freshness() && f.join() {
		return f
	}
	if key.write == 0 {
		// Nothing but a read of its own answers for what was written, so that
		// is no argument for a listing.
		a.round.single[id] = true
	}
	f = start(ctx, func(ctx context.Context) (prefactor.Token, error) {
		t, err := r.Client.Token(ctx, id)
		r.mu.Lock()
		defer r.mu.Unlock()
		if err == nil {
			a.learn(t)
		}
		if a.probe == f {
			a.probe = nil
		}
		if r.singles[key] == f {
			delete(r.singles, key)
		}
		return t, err
	})
	r.singles[key] = f
	if a.probe == nil && !a.answered {
		a.probe = f
	}
	return f
}
