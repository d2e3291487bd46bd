package coalesce

import (
	"context"
	"strings"
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
//
// Environments and agents are coalesced if the context says in which list they are: see
// prefactor.InList. Of tokens and deployments it only helps.
type Reader struct {
	*prefactor.Client

	// accounts are those of tokens, by the partition of their ids, as reads have told them.
	accounts     sync.Map
	tokens       *objects[prefactor.Token]
	environments *objects[prefactor.Environment]
	agents       *objects[prefactor.Agent]
	// agentDeployments lists the deployments of an agent, deployments those of the
	// account. The latter is rejected where the API requires an agent_id.
	agentDeployments, deployments *objects[prefactor.Deployment]
}

// New returns a Reader over a client. It sends nothing yet.
func New(client *prefactor.Client) *Reader {
	r := &Reader{
		Client:           client,
		tokens:           newObjects(3, client.Token, client.TokenPage),
		environments:     newObjects(1, client.Environment, client.EnvironmentPage),
		agents:           newObjects(1, client.Agent, client.AgentPage),
		agentDeployments: newObjects(0, client.Deployment, client.DeploymentPage),
		deployments:      newObjects(3, client.Deployment, client.DeploymentPage),
	}
	r.deployments.read = r.agentDeployments.getListed
	client.OnChange(r.changing)
	return r
}

// Token reads one token: singly, or from a list where that is cheaper. Its list is that
// of an account, which an earlier read may have told. Its errors are those of the
// client's single read, or the context's.
func (r *Reader) Token(ctx context.Context, id string) (prefactor.Token, error) {
	parsed, err := pfid.Parse(id)
	if err != nil {
		return r.Client.Token(ctx, id) // It says what is wrong with the id.
	}
	account, isKnown := r.accounts.Load(parsed.Partition())
	if isKnown && prefactor.ListOf(ctx) == "" {
		ctx = prefactor.InList(ctx, account.(string))
	}
	t, err := r.tokens.getListed(ctx, id)
	if !isKnown && err == nil && t.AccountID.Value != "" {
		r.accounts.Store(parsed.Partition(), t.AccountID.Value)
	}
	return t, err
}

// Environment reads one environment. Its list is that of an account.
func (r *Reader) Environment(ctx context.Context, id string) (prefactor.Environment, error) {
	return r.environments.getListed(ctx, id)
}

// Agent reads one agent. Its list is that of the agents with a risk profile.
func (r *Reader) Agent(ctx context.Context, id string) (prefactor.Agent, error) {
	return r.agents.getListed(ctx, id)
}

// Deployment reads one deployment. Its list is that of an agent, or of the account
// where the API can list that.
func (r *Reader) Deployment(ctx context.Context, id string) (prefactor.Deployment, error) {
	return r.deployments.get(ctx, id, "")
}

// changing notes a change, before and after it: each request that is no read.
func (r *Reader) changing(path string) (ended func()) {
	noun, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	id, _, _ := strings.Cut(rest, "/")
	// What other changes do to other objects, such as the deletion of an agent to its
	// tokens, the API does not say.
	everything := noun != "api_token"
	note := func() {
		for _, o := range []interface{ invalidate(string, bool) }{r.tokens, r.environments, r.agents, r.agentDeployments, r.deployments} {
			o.invalidate(id, everything)
		}
	}
	note()
	return note
}

// objects serves the reads of the objects of one type.
type objects[T any] struct {
	read func(ctx context.Context, id string) (T, error)
	page func(ctx context.Context, list string, offset int) (prefactor.Page[T], error)
	// singleReads is how many objects are read singly in any case.
	singleReads int

	mu sync.Mutex
	// rounds are the present ones of lists.
	rounds map[string]*round[T]
	// singles are the latest single reads.
	singles map[string]*request[T]
	// changed are the objects that this process has changed.
	changed   map[string]bool
	freshness time.Duration
}

func newObjects[T any](singleReads int, read func(context.Context, string) (T, error), page func(context.Context, string, int) (prefactor.Page[T], error)) *objects[T] {
	return &objects[T]{
		read: read, page: page, singleReads: singleReads,
		rounds: map[string]*round[T]{}, singles: map[string]*request[T]{}, changed: map[string]bool{}, freshness: Freshness,
	}
}

// invalidate has no earlier request serve a read that begins later, of an object that is
// changed, or of all.
func (o *objects[T]) invalidate(id string, everything bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.freshness = WritingFreshness
	o.changed[id] = true
	delete(o.singles, id)
	if everything {
		clear(o.singles)
		clear(o.rounds)
	}
}

// getListed reads one object, which is in the list that the context tells.
func (o *objects[T]) getListed(ctx context.Context, id string) (T, error) {
	if list := prefactor.ListOf(ctx); list != "" {
		return o.get(ctx, id, list)
	}
	return o.read(ctx, id)
}

// get reads one object, which is in a list.
func (o *objects[T]) get(ctx context.Context, id, list string) (T, error) {
	began := time.Now()
	var listing *request[T]
	for {
		object, q, news := o.next(ctx, id, list, began, listing)
		if q == nil {
			return object, nil
		}
		if object, err := o.wait(ctx, q, news); news == nil || err != nil {
			return object, err
		}
		listing = q
	}
}

// next is the object, or the request to wait for: a listing until it has news, then comes
// a next step. It leaves the listing that the reader has waited for, which goes on.
func (o *objects[T]) next(ctx context.Context, id, list string, began time.Time, left *request[T]) (object T, q *request[T], news <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if left != nil {
		left.waiting--
	}
	d := o.round(list, began)
	if !o.changed[id] {
		if found, ok := d.rows[id]; ok && began.Sub(found.asked) < o.freshness {
			return found.object, nil, nil
		}
		if !d.single[id] {
			q = o.list(ctx, d)
		}
	}
	if q != nil {
		return object, q, q.news
	}
	return object, o.readSingly(ctx, d, id), nil
}

// round is the present round of a list. The lock is held.
func (o *objects[T]) round(list string, began time.Time) *round[T] {
	last, ok := o.rounds[list]
	switch {
	case !ok:
		last = &round[T]{rows: map[string]row[T]{}}
	case last.listing != nil && !last.listing.ended || began.Sub(last.begun) < o.freshness:
		return last
	}
	o.rounds[list] = &round[T]{begun: began, list: list, retryAfter: last.retryAfter, single: map[string]bool{}, rows: last.rows}
	return o.rounds[list]
}

// readSingly requests one object. Readers share the request. The lock is held.
func (o *objects[T]) readSingly(ctx context.Context, d *round[T], id string) *request[T] {
	if q := o.singles[id]; q != nil && time.Since(q.began) < o.freshness && q.join() {
		return q
	}
	if !o.changed[id] {
		d.single[id] = true
	}
	o.singles[id] = o.start(ctx, func(ctx context.Context) (T, error) { return o.read(ctx, id) })
	return o.singles[id]
}

// request is a single read or a listing that several readers wait for. When the last one
// gives up it is canceled, unlike in singleflight. It is under the lock of the objects.
type request[T any] struct {
	began  time.Time
	cancel context.CancelFunc
	// waiting is how many readers wait.
	waiting int
	// ended tells that it has ended or is being canceled.
	ended bool
	// news is closed and replaced when a listing has another page.
	news chan struct{}
	// done is closed when object and err are set.
	done   chan struct{}
	object T
	err    error
}

// start starts a request, for which the caller has to wait. The lock is held.
func (o *objects[T]) start(ctx context.Context, do func(ctx context.Context) (T, error)) *request[T] {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	q := &request[T]{began: time.Now(), cancel: cancel, waiting: 1, news: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer cancel()
		object, err := do(ctx)
		o.mu.Lock()
		defer o.mu.Unlock()
		q.object, q.err, q.ended = object, err, true
		close(q.done)
	}()
	return q
}

// join adds a reader, unless there is no request that goes on.
func (q *request[T]) join() bool {
	if q == nil || q.ended {
		return false
	}
	q.waiting++
	return true
}

// wait waits for the end of a request, its news, or the end of the reader's own context.
func (o *objects[T]) wait(ctx context.Context, q *request[T], news <-chan struct{}) (none T, err error) {
	select {
	case <-q.done:
		return q.object, q.err
	case <-news:
		return none, nil
	case <-ctx.Done():
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if q.waiting--; q.waiting == 0 {
		q.ended = true
		q.cancel()
	}
	return none, ctx.Err()
}
