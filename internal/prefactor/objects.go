package prefactor

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"

	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
)

// Created is a new object.
type Created[T any] struct {
	Object T
	// Ambiguous tells that an earlier attempt of the same call may have created
	// an object as well, if the platform uses neither the chosen id nor the
	// idempotency key.
	Ambiguous bool

	// token is the value of a new token, if the response had one.
	token string
}

// kind is what the calls for one kind of object have in common.
type kind[T any] struct {
	noun, path string
	id         func(T) string
	// filter is the parameter of the list that selects the objects of another one, such
	// as of an account. It may be empty.
	filter string
	// complete sets what is known from the filter, and what the objects of the list may
	// not have. It may be nil.
	complete func(object *T, of string)
}

// mutation is the body of a change. The idempotency key is beside the details, as
// in the vendor's clients.
type mutation struct {
	Details        any    `json:"details,omitempty"`
	IdempotencyKey string `json:"idempotency_key"`
}

func mutate(details any) mutation {
	return mutation{Details: details, IdempotencyKey: uuid.NewString()}
}

// read reads one object.
func (k kind[T]) read(ctx context.Context, c *Client, id string) (T, error) {
	return untilVisible(ctx, c, id, func() (T, error) { return k.one(ctx, c, "read", http.MethodGet, id, "", nil) })
}

// create creates an object. Retries after a lost response have the same
// idempotency key.
func (k kind[T]) create(ctx context.Context, c *Client, details any) (Created[T], error) {
	r := request{op: "create the " + k.noun, method: http.MethodPost, path: k.path, body: mutate(details)}
	object, a, err := callFor[T](ctx, c, r)
	if err != nil {
		return Created[T]{}, err
	}
	created := Created[T]{Object: object, Ambiguous: a.ambiguous}
	if json.Unmarshal(orNull(a.Token), &created.token) != nil {
		created.token = ""
	}
	return created, nil
}

// update changes the fields that the details have.
func (k kind[T]) update(ctx context.Context, c *Client, id string, details any) (T, error) {
	return k.one(ctx, c, "update", http.MethodPut, id, "", mutate(details))
}

// act carries out the action of a verb.
func (k kind[T]) act(ctx context.Context, c *Client, verb, id string) (T, error) {
	return k.one(ctx, c, verb, http.MethodPost, id, "/"+verb, mutate(nil))
}

// remove deletes an object.
func (k kind[T]) remove(ctx context.Context, c *Client, id string) error {
	// Without a key: a deletion can be repeated anyway, and some proxies reject
	// a DELETE with a body.
	r, err := k.request("delete", http.MethodDelete, id, "", nil)
	if err != nil {
		return err
	}
	r.allowEmpty = true
	_, err = c.call(ctx, r)
	if err == nil {
		c.deleted.Store(id, true)
	}
	return err
}

// list lists the objects, oldest first. An empty filter selects all.
func (k kind[T]) list(ctx context.Context, c *Client, of string) ([]T, error) {
	return k.readList(ctx, c, k.listing(of), nil)
}

func (k kind[T]) listing(of string) request {
	r := request{op: "list the " + k.noun + "s", method: http.MethodGet, path: k.path}
	if of != "" {
		r.query = url.Values{k.filter: {of}}
	}
	return r
}

// one is a call about one object, which the response contains.
func (k kind[T]) one(ctx context.Context, c *Client, verb, method, id, suffix string, body any) (T, error) {
	var none T
	r, err := k.request(verb, method, id, suffix, body)
	if err != nil {
		return none, err
	}
	found, a, err := callFor[T](ctx, c, r)
	if err == nil && k.id(found) != id {
		return none, c.malformed(r, a, "it describes another "+k.noun)
	}
	return found, err
}

func (k kind[T]) request(verb, method, id, suffix string, body any) (request, error) {
	// Only an id may be in a URL: anything else could be another path.
	if _, err := pfid.Parse(id); err != nil {
		return request{}, &Error{Op: verb + " the " + k.noun, Method: method, Message: "its id is malformed: " + err.Error()}
	}
	return request{op: fmt.Sprintf("%s %s %s", verb, k.noun, id), method: method, path: k.path + "/" + url.PathEscape(id) + suffix, body: body}, nil
}

// CreatedAt is when an object was created: as the platform says, else the time in
// its id; zero if neither is known.
func CreatedAt(id string, inserted Field[Timestamp]) time.Time {
	if inserted.Known() {
		return inserted.Value.Time
	}
	parsed, err := pfid.Parse(id)
	if err != nil || !writable(parsed.Time().UTC()) {
		return time.Time{}
	}
	return parsed.Time()
}
