package emulator

import (
	"maps"
	"net/http"
	"slices"
	"time"
)

// record is an object of an account, of any kind.
type record interface {
	head() *Object
	// kind is the object's "type", and the path of its calls.
	kind() string
	// show makes the fields besides id and type, of a single object or of a
	// row of a list.
	show(p *Platform, single bool) object
	// onDelete rejects a deletion, or changes what refers to the object.
	onDelete(p *Platform) *failure
}

// fillable is a record that the API can create and update.
type fillable[S any] interface {
	*S
	record
	// fill takes the fields of a request over. A new object has no id yet.
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

func (p *Platform) details(r record) object { return p.show(r, true) }

// add keeps a new object, and chooses its id where there is none.
func (p *Platform) add(r record, id, accountID string) {
	if id == "" {
		id = p.newID(p.partitions[accountID])
	}
	now := p.now().UTC().Truncate(time.Microsecond)
	*r.head() = Object{ID: id, AccountID: accountID, InsertedAt: now, UpdatedAt: now}
	p.objects[id] = r
}

// find is the object of this kind that an account has. Those of other accounts
// do not exist for it.
func find[T record](p *Platform, accountID, id string) (T, bool) {
	r, ok := p.objects[id].(T)
	return r, ok && r.head().AccountID == accountID
}

// all are the objects of a kind that an account has, oldest first.
func all[T record](p *Platform, accountID string) []T {
	var found []T
	for _, id := range slices.Sorted(maps.Keys(p.objects)) {
		if r, ok := find[T](p, accountID, id); ok {
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
		var rows []listRow
		for _, r := range c.p.objects {
			if r, ok := r.(T); ok && r.head().AccountID == c.token.AccountID && keep(r) {
				rows = append(rows, listRow{id: r.head().ID, show: func() object { return c.p.show(r, false) }})
			}
		}
		return c.list(rows)
	}
}

// ofAccount is the filter of lists that an account_id selects, which "defaults
// to token's account". Reference: queryapitokenlist, queryadminuserinvitelist.
func ofAccount[T record](c *call) (func(T) bool, *failure) {
	if account := c.query.Get("account_id"); account != "" && account != c.token.AccountID {
		return nil, errNotFound("account")
	}
	return func(T) bool { return true }, nil
}

// ofAgent is the filter of lists that need an agent_id.
func ofAgent[T interface {
	record
	agentID() string
}](c *call) (func(T) bool, *failure) {
	id := c.query.Get("agent_id")
	if id == "" {
		return nil, invalid(required("agent_id"))
	}
	if a, ok := c.p.agents[id]; !ok || a.AccountID != c.token.AccountID {
		return nil, errNotFound("agent")
	}
	return func(r T) bool { return r.agentID() == id }, nil
}

func show[T record](c *call) (answer, *failure) {
	r, f := target[T](c)
	if f != nil {
		return answer{}, f
	}
	return details(http.StatusOK, c.p.details(r)), nil
}

func create[S any, T fillable[S]](c *call) (answer, *failure) {
	r := T(new(S))
	form := &form{c: c, account: c.token.AccountID}
	r.fill(form)
	if f := form.failure(); f != nil {
		return answer{}, f
	}
	v, _, f := c.text("id")
	if f != nil {
		return answer{}, f
	}
	id, f := c.chosenID(v)
	if f != nil {
		return answer{}, f
	}
	c.p.add(r, id, c.token.AccountID)
	return c.p.created(c.p.details(r)), nil
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
	return details(http.StatusOK, c.p.details(r)), nil
}

// remove answers with the deleted object. Reference: actionagentdeploymentdelete.
func remove[T record](c *call) (answer, *failure) {
	r, f := target[T](c)
	if f != nil {
		return answer{}, f
	}
	last := c.p.details(r)
	if f := r.onDelete(c.p); f != nil {
		return answer{}, f
	}
	delete(c.p.objects, r.head().ID)
	return c.p.deleted(last), nil
}

// form reads the fields of a create or update and collects what is wrong.
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

// optional takes a text over if it is given; null clears it.
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

// mandatory takes a text over that an object always has. What null means in an
// update is not known; since it cannot clear, it leaves the field alone.
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

// reference takes the id of another object over; null clears it.
func reference[T record](f *form, field string, into *string) {
	before := *into
	f.optional(field, into)
	if *into != before && *into != "" {
		if _, ok := find[T](f.c.p, f.account, *into); !ok {
			f.reject(field, "not_found", "does not exist")
		}
	}
}

// Exists tells whether there is an object with this id.
func (p *Platform) Exists(id string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.taken(id)
}

// Delete deletes an object, as someone does in the admin page.
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
	return p.details(r), true
}
