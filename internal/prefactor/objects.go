package prefactor

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"

	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
)

// Created is a fresh object.
type Created[T any] struct {
	Object T
	// Ambiguous tells that an earlier attempt of the same call may have made
	// an object as well, if the platform honours neither the id that was
	// chosen nor idempotency keys.
	Ambiguous bool
}

// kind is what the calls for one kind of object have in common.
type kind[T any] struct {
	noun, path string
	id         func(T) string
}

// mutation is the JSON of a call that changes something. The idempotency key
// stands beside the details, as the vendor's clients put it.
type mutation struct {
	Details        any    `json:"details,omitempty"`
	IdempotencyKey string `json:"idempotency_key"`
}

func mutate(details any) mutation {
	return mutation{Details: details, IdempotencyKey: uuid.NewString()}
}

// read reads one object. That it is not there is not believed at once of one
// that was created just now: a platform of more than one machine may know it a
// moment later.
func (k kind[T]) read(ctx context.Context, c *Client, id string) (T, error) {
	for try := 0; ; try++ {
		found, err := k.one(ctx, c, "read", http.MethodGet, id, "", nil)
		if !errors.Is(err, ErrNotFound) || try == youngTries || !c.young(id) {
			return found, err
		}
		select {
		case <-time.After(c.retrying.RetryWaitMin << try):
		case <-ctx.Done():
			// Whether the object exists is not known: it is no 404.
			e, _ := errors.AsType[*Error](err)
			return found, &Error{Op: e.Op, Method: e.Method, Path: e.Path, Attempts: e.Attempts, Message: "interrupted: " + ctx.Err().Error(), err: ctx.Err()}
		}
	}
}

const (
	// youth is how long after its creation an object's absence is doubted.
	youth = 30 * time.Second

	// youngTries is how often it is looked for again: for under four seconds
	// in all, with the shortest wait at its default.
	youngTries = 4
)

// young tells whether an object was created just now, as its id says, and was
// not deleted by this client.
func (c *Client) young(id string) bool {
	parsed, err := pfid.Parse(id)
	_, deleted := c.deleted.Load(id)
	return err == nil && !deleted && c.Now().Sub(parsed.Time()).Abs() < youth
}

// create makes an object. Repetitions after a lost answer carry the same
// idempotency key.
func (k kind[T]) create(ctx context.Context, c *Client, details any) (Created[T], error) {
	r := request{op: "create the " + k.noun, method: http.MethodPost, path: k.path, body: mutate(details)}
	a, err := c.call(ctx, r, false)
	if err != nil {
		return Created[T]{}, err
	}
	created := Created[T]{Ambiguous: a.ambiguous}
	if err := decode(c, r, a, a.Details, &created.Object); err != nil {
		return Created[T]{}, err
	}
	return created, nil
}

// update changes the fields that the details have.
func (k kind[T]) update(ctx context.Context, c *Client, id string, details any) (T, error) {
	return k.one(ctx, c, "update", http.MethodPut, id, "", mutate(details))
}

// act carries out an action that is called after its verb.
func (k kind[T]) act(ctx context.Context, c *Client, verb, id string) (T, error) {
	return k.one(ctx, c, verb, http.MethodPost, id, "/"+verb, mutate(nil))
}

// remove deletes an object.
func (k kind[T]) remove(ctx context.Context, c *Client, id string) error {
	// Without a key: a deletion can be repeated in any case, and not every
	// proxy lets a DELETE with a body pass.
	r, err := k.request("delete", http.MethodDelete, id, "", nil)
	if err != nil {
		return err
	}
	_, err = c.call(ctx, r, true)
	if err == nil {
		c.deleted.Store(id, true)
	}
	return err
}

// list lists the objects, oldest first.
func (k kind[T]) list(ctx context.Context, c *Client, query url.Values) ([]T, error) {
	return k.readList(ctx, c, k.listing(query), nil)
}

func (k kind[T]) listing(query url.Values) request {
	return request{op: "list the " + k.noun + "s", method: http.MethodGet, path: k.path, query: query}
}

// one is a call about one object, which answers with that object.
func (k kind[T]) one(ctx context.Context, c *Client, verb, method, id, suffix string, body any) (T, error) {
	var found, none T
	r, err := k.request(verb, method, id, suffix, body)
	if err != nil {
		return none, err
	}
	a, err := c.call(ctx, r, false)
	if err != nil {
		return none, err
	}
	if err := decode(c, r, a, a.Details, &found); err != nil {
		return none, err
	}
	if k.id(found) != id {
		return none, c.malformed(r, a, "it is not about the "+k.noun+" that was asked for")
	}
	return found, nil
}

func (k kind[T]) request(verb, method, id, suffix string, body any) (request, error) {
	// Only an id reaches a URL: anything else could point elsewhere.
	if _, err := pfid.Parse(id); err != nil {
		return request{}, &Error{Op: verb + " the " + k.noun, Method: method, Message: "its id is malformed: " + err.Error()}
	}
	return request{op: fmt.Sprintf("%s %s %s", verb, k.noun, id), method: method, path: k.path + "/" + url.PathEscape(id) + suffix, body: body}, nil
}

// createdAt is when an object was made: what the platform says, or, where it
// does not say, the time that every id carries. It is zero when neither is known.
func createdAt(id string, said Field[Timestamp]) time.Time {
	if said.Known() {
		return said.Value.Time
	}
	parsed, err := pfid.Parse(id)
	if err != nil || !writable(parsed.Time().UTC()) {
		return time.Time{}
	}
	return parsed.Time()
}
