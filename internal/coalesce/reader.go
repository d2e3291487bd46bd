package coalesce

import (
	"context"
	"strconv"
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
// Tokens are always coalesced, the other objects if the context says in which list
// they are: see prefactor.InList.
type Reader struct {
	*prefactor.Client

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
	r.tokens.learn = func(t prefactor.Token) string { return t.AccountID.Value }
	r.deployments.read = r.agentDeployments.getListed
	client.OnChange(r.changing)
	return r
}

// Token reads one token: singly, or from a list where that is cheaper. Its errors
// are those of the client's single read, or the context's.
func (r *Reader) Token(ctx context.Context, id string) (prefactor.Token, error) {
	return r.tokens.get(ctx, id, "")
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
	if prefactor.ListOf(ctx) == "" {
		return r.Client.Deployment(ctx, id)
	}
	return r.deployments.get(ctx, id, "")
}

// CreateToken creates a token, which is always read singly.
func (r *Reader) CreateToken(ctx context.Context, n prefactor.NewToken) (created prefactor.CreatedToken, err error) {
	if created, err = r.Client.CreateToken(ctx, n); created.ID != "" {
		r.tokens.invalidate(created.ID, false)
	}
	return created, err
}

// changing notes a change, before and after it. It is called for all requests that
// are no reads.
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
	// learn tells from a single read which list the object is in. It is nil if
	// the reader knows.
	learn func(T) string

	mu sync.Mutex
	// rounds are the present ones of lists.
	rounds map[string]*round[T]
	// singles are the latest single reads.
	singles map[string]*request[T]
	// changed are the objects that this process has changed.
	changed   map[string]bool
	freshness time.Duration
	// retryAfter is until when no list is requested, because one failed.
	retryAfter time.Time
}

func newObjects[T any](singleReads int, read func(context.Context, string) (T, error), page func(context.Context, string, int) (prefactor.Page[T], error)) *objects[T] {
	return &objects[T]{
		read: read, page: page, singleReads: singleReads,
		rounds: map[string]*round[T]{}, singles: map[string]*request[T]{}, changed: map[string]bool{}, freshness: Freshness,
	}
}

// invalidate has no earlier request serve a read that begins later, of an object
// that is changed, or of all. What was changed is always read singly.
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
	parsed, err := pfid.Parse(id)
	if err != nil {
		return o.read(ctx, id) // It says what is wrong with the id.
	}
	key := strconv.FormatUint(uint64(parsed.Partition()), 10) + " " + list
	began := time.Now()
	for {
		object, q, isListing := o.next(ctx, key, list, id, began)
		if q == nil {
			return object, nil
		}
		// Whether a listing fails or not: the next step takes it into account.
		if object, err = o.wait(ctx, q); !isListing || ctx.Err() != nil {
			return object, err
		}
	}
}

// next is the object, or the request to wait for; after a listing comes a next step.
func (o *objects[T]) next(ctx context.Context, key, list, id string, began time.Time) (object T, q *request[T], isListing bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	d := o.round(key, list, began)
	if !o.changed[id] {
		if found, ok := d.rows[id]; ok && began.Sub(found.asked) < o.freshness {
			return found.object, nil, false
		}
		if !d.single[id] {
			q = o.list(ctx, d)
		}
	}
	if q != nil {
		return object, q, true
	}
	return object, o.readSingly(ctx, d, id), false
}

// round is the present round of a list. The lock is held.
func (o *objects[T]) round(key, list string, began time.Time) *round[T] {
	last, ok := o.rounds[key]
	switch {
	case !ok:
		last = &round[T]{list: list, rows: map[string]row[T]{}}
	case last.listing.isOpen() || began.Sub(last.begun) < o.freshness:
		return last
	}
	o.rounds[key] = &round[T]{begun: began, list: last.list, probe: last.probe, retryAfter: last.retryAfter, single: map[string]bool{}, rows: last.rows}
	return o.rounds[key]
}

// readSingly requests one object. Readers share the request, unless the object was
// changed since it was sent. The lock is held.
func (o *objects[T]) readSingly(ctx context.Context, d *round[T], id string) *request[T] {
	if q := o.singles[id]; q.isOpen() && time.Since(q.began) < o.freshness && q.join() {
		return q
	}
	if !o.changed[id] {
		d.single[id] = true
	}
	q := o.start(ctx, func(ctx context.Context) (T, error) {
		object, err := o.read(ctx, id)
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.isUnknown(d) {
			d.list = o.learn(object)
		}
		return object, err
	})
	o.singles[id] = q
	if o.isUnknown(d) && !d.probe.isOpen() {
		d.probe = q
	}
	return q
}

// isUnknown tells whether a single read has to tell which list to request.
func (o *objects[T]) isUnknown(d *round[T]) bool { return o.learn != nil && d.list == "" }

// request is a single read or a listing that several readers wait for. When the
// last one gives up it is canceled, unlike in singleflight: after an interrupt
// nothing more is sent. It is under the lock of the objects.
type request[T any] struct {
	began  time.Time
	cancel context.CancelFunc
	// waiting is how many readers wait; 0 when it has ended.
	waiting int
	// done is closed when object and err are set.
	done   chan struct{}
	object T
	err    error
}

// start starts a request, for which the caller has to wait. The lock is held.
func (o *objects[T]) start(ctx context.Context, do func(ctx context.Context) (T, error)) *request[T] {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	q := &request[T]{began: time.Now(), cancel: cancel, waiting: 1, done: make(chan struct{})}
	go func() {
		defer cancel()
		object, err := do(ctx)
		o.mu.Lock()
		defer o.mu.Unlock()
		q.object, q.err, q.waiting = object, err, 0
		close(q.done)
	}()
	return q
}

// isOpen tells whether readers can still join.
func (q *request[T]) isOpen() bool { return q != nil && q.waiting > 0 }

// join adds a reader, unless the request has ended or is being canceled.
func (q *request[T]) join() bool {
	if !q.isOpen() {
		return false
	}
	q.waiting++
	return true
}

// wait waits for the end of a request, or of the reader's own context.
func (o *objects[T]) wait(ctx context.Context, q *request[T]) (none T, err error) {
	select {
	case <-q.done:
	case <-ctx.Done():
	}
	if ctx.Err() == nil {
		return q.object, q.err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if q.waiting--; q.waiting == 0 {
		q.cancel()
	}
	return none, ctx.Err()
}
