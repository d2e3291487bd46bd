package emulator

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
)

// Object has the fields of all objects.
type Object struct {
	ID string
	// AccountID is the account that the object belongs to; an account belongs to itself.
	AccountID  string
	InsertedAt time.Time
	UpdatedAt  time.Time
}

// record is an object of any type in an account.
type record interface {
	head() *Object
	// kind is the object's "type", and the path of its calls.
	kind() string
	// show returns the fields other than id and type, of a single object or of a
	// record of a list.
	show(p *Platform, single bool) object
	// onDelete rejects a deletion, or changes what refers to the object.
	onDelete(p *Platform) *failure
}

// fillable is a record that the API can create and update.
type fillable[S any] interface {
	*S
	record
	// fill sets the fields from a request. A new object has no id yet.
	fill(f *form)
}

func (o *Object) head() *Object             { return o }
func (*Object) onDelete(*Platform) *failure { return nil }

func (o *Object) stamp(p *Platform, s object) {
	s["inserted_at"], s["updated_at"] = p.stamp(o.InsertedAt), p.stamp(o.UpdatedAt)
}

func (p *Platform) show(r record, single bool) object {
	o := r.show(p, single)
	o["id"], o["type"] = r.head().ID, r.kind()
	return o
}

// add stores a new object, and chooses its id if it has none.
func (p *Platform) add(r record, id, accountID string) {
	if id == "" {
		id = p.newID(p.partitions[accountID])
	}
	now := p.now().UTC().Truncate(time.Microsecond)
	*r.head() = Object{ID: id, AccountID: accountID, InsertedAt: now, UpdatedAt: now}
	p.objects[id] = r
}

// find returns the object of this kind in an account. Those of other accounts
// do not exist for the caller.
func find[T record](p *Platform, accountID, id string) (T, bool) {
	r, ok := p.objects[id].(T)
	return r, ok && r.head().AccountID == accountID
}

// where returns the objects of a kind that match a condition, unordered.
func where[T record](p *Platform, keep func(T) bool) []T {
	var found []T
	for _, r := range p.objects {
		if r, ok := r.(T); ok && keep(r) {
			found = append(found, r)
		}
	}
	return found
}

// crud are the five calls that most kinds have.
func crud[S any, T fillable[S]](filter func(c *call) (func(T) bool, *failure)) []route {
	path := "/" + T(nil).kind()
	return []route{
		{method: http.MethodGet, pattern: path, handle: list(filter)},
		{method: http.MethodPost, pattern: path, handle: create[S, T]},
		{method: http.MethodGet, pattern: path + "/:id", handle: show[T]},
		{method: http.MethodPut, pattern: path + "/:id", handle: update[S, T]},
		{method: http.MethodDelete, pattern: path + "/:id", handle: remove[T]},
	}
}

// target is the object that the path names.
func target[T record](c *call) (T, *failure) {
	r, ok := find[T](c.p, c.token.AccountID, c.id)
	if !ok {
		return r, errNotFound(r.kind())
	}
	return r, nil
}

func list[T record](filter func(c *call) (func(T) bool, *failure)) func(c *call) (answer, *failure) {
	return func(c *call) (answer, *failure) {
		keep, f := filter(c)
		if f != nil {
			return answer{}, f
		}
		return c.list(rowsOf(where(c.p, func(r T) bool { return r.head().AccountID == c.token.AccountID && keep(r) })))
	}
}

// ofAccount is the filter of lists that an account_id selects, which "defaults
// to token's account". Reference: queryapitokenlist, queryadminuserinvitelist.
func ofAccount[T record](c *call) (func(T) bool, *failure) {
	if account := c.query.Get("account_id"); account != "" && account != c.token.AccountID {
		return nil, errNotFound("account")
	}
	return every[T](c)
}

func every[T record](*call) (func(T) bool, *failure) { return func(T) bool { return true }, nil }

func show[T record](c *call) (answer, *failure) {
	r, f := target[T](c)
	if f != nil {
		return answer{}, f
	}
	return c.p.single(r), nil
}

func (p *Platform) single(r record) answer { return details(http.StatusOK, p.show(r, true)) }

// lookUp shows the object that exactly one of two query parameters names.
// Reference: clients/agent.ts, clients/environment.ts.
func lookUp[T interface {
	record
	externalIdentifier() string
}](c *call) (answer, *failure) {
	id := T.kind(*new(T)) + "_id"
	byID, byIdentifier := c.query.Get(id), c.query.Get("external_identifier")
	if (byID == "") == (byIdentifier == "") {
		return answer{}, invalid(required("external_identifier"))
	}
	for _, r := range where(c.p, func(r T) bool { return r.head().AccountID == c.token.AccountID }) {
		if r.head().ID == byID || (byIdentifier != "" && r.externalIdentifier() == byIdentifier) {
			return c.p.single(r), nil
		}
	}
	return answer{}, errNotFound(T.kind(*new(T)))
}

func create[S any, T fillable[S]](c *call) (answer, *failure) {
	r := T(new(S))
	form := &form{c: c, account: c.token.AccountID}
	r.fill(form)
	id := form.chosenID()
	if f := form.failure(); f != nil {
		return answer{}, f
	}
	c.p.add(r, id, c.token.AccountID)
	return c.p.created(r), nil
}

// created is the response to a create. The vendor's tests have 200 for it; no
// page of the reference says which status it is.
func (p *Platform) created(r record) answer {
	return details(cmp.Or(p.variant.CreateStatus, http.StatusOK), p.show(r, true))
}

// update fills a copy: what is rejected changes nothing.
func update[S any, T fillable[S]](c *call) (answer, *failure) {
	r, f := target[T](c)
	if f != nil {
		return answer{}, f
	}
	changed := *r
	form := &form{c: c, account: c.token.AccountID}
	T(&changed).fill(form)
	if f := form.failure(); f != nil {
		return answer{}, f
	}
	*r = changed
	r.head().UpdatedAt = c.p.now().UTC()
	return c.p.single(r), nil
}

// remove responds with the deleted object. Reference: actionagentdeploymentdelete.
func remove[T record](c *call) (answer, *failure) {
	r, f := target[T](c)
	if f != nil {
		return answer{}, f
	}
	last := c.p.single(r)
	if f := r.onDelete(c.p); f != nil {
		return answer{}, f
	}
	delete(c.p.objects, r.head().ID)
	if c.p.variant.DeleteNoContent {
		return answer{status: http.StatusNoContent}, nil
	}
	return last, nil
}

// form reads the fields of a create or update and collects what is wrong.
// Fields that it does not ask for are dropped, as the platform does (changelog
// of the vendor's packages/core, 1.0.0).
type form struct {
	c       *call
	account string
	faults  []fieldError
}

func (f *form) failure() *failure {
	if len(f.faults) == 0 {
		return nil
	}
	return invalid(f.faults...)
}

func (f *form) reject(field, code, message string) {
	f.faults = append(f.faults, fieldError{field, code, message})
}

// optional sets a text if it is given; null clears it.
func (f *form) optional(field string, into *string) {
	v, given := f.c.details[field]
	text, isText := v.(string)
	switch {
	case !given:
	case v != nil && !isText:
		f.reject(field, "invalid", "must be a string")
	default:
		*into = text
	}
}

// mandatory sets a text that every object has. What null means in an
// update is not known; since it cannot clear the field, it does not change it.
func (f *form) mandatory(field string, into *string) {
	if f.c.details[field] == nil {
		if *into == "" {
			f.reject(field, "required", "is required")
		}
		return
	}
	before := len(f.faults)
	f.optional(field, into)
	if *into == "" && len(f.faults) == before {
		f.reject(field, "required", "is required")
	}
}

// choice sets one of several words; null does not change it.
func (f *form) choice(field string, into *string, words ...string) {
	if f.c.details[field] == nil {
		return
	}
	f.optional(field, into)
	if !slices.Contains(words, *into) {
		f.reject(field, "invalid", "is invalid")
	}
}

// reference sets the id of another object; null clears it.
func reference[T record](f *form, field string, into *string) {
	before := *into
	f.optional(field, into)
	if *into != before && *into != "" {
		if _, ok := find[T](f.c.p, f.account, *into); !ok {
			f.reject(field, "not_found", "does not exist")
		}
	}
}

// ownAccount checks an account_id, which may be omitted.
func (f *form) ownAccount() {
	account := f.account
	if f.optional("account_id", &account); account != "" && account != f.account {
		// What the caller cannot see does not exist for it.
		f.reject("account_id", "not_found", "does not exist")
	}
}

// chosenID is the id that a new object gets: a "PFID with matching partition"
// that the caller chose (models/agent.py), or empty for the platform's choice.
func (f *form) chosenID() string {
	var id string
	if f.optional("id", &id); id == "" {
		return ""
	}
	parsed, err := pfid.Parse(id)
	switch {
	case err != nil:
		f.reject("id", "invalid", "is not a PFID")
	case parsed.Partition() != f.c.p.partitions[f.account]:
		f.reject("id", "invalid", "has another partition than the account")
	case f.c.p.objects[id] != nil:
		f.reject("id", "taken", "has already been taken")
	}
	return id
}

// Exists tells whether there is an object with this id.
func (p *Platform) Exists(id string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.objects[id] != nil
}

// Delete deletes an object, as a user does on the admin page.
func (p *Platform) Delete(id string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	r, ok := p.objects[id]
	if !ok {
		return errNotFound("object")
	}
	if f := r.onDelete(p); f != nil {
		return f
	}
	delete(p.objects, id)
	return nil
}

// Details are the fields of an object, as the API shows a single one.
func (p *Platform) Details(id string) (map[string]any, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r, ok := p.objects[id]
	if !ok {
		return nil, false
	}
	return maps.Clone(p.show(r, true)), true
}

// change changes an object of a kind, for a test.
func change[T record](p *Platform, id string, set func(T)) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	r, ok := p.objects[id].(T)
	if !ok {
		return errNotFound(r.kind())
	}
	set(r)
	return nil
}
