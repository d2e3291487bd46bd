package directory

import (
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// kind is what the resources differ in: T is an object as the API has it.
type kind[T any] struct {
	objectType[T]

	description string

	create creation[T]
	update change[T]
	remove func(tfkit.API, context.Context, string) error
	// inList says in which list an object is expected, if not in that of
	// objectType.of. It may be nil.
	inList func(values) string
	// alsoChanges forgets other objects that a change may change. It may be nil.
	alsoChanges func(*inventory.Inventory)
	// parent is the object that an object is deleted with. It may be nil.
	parent func(i *inventory.Inventory, m values) *tfkit.Parent
	// similarBy are the attributes by which people recognise an object. The first one
	// that is planned is compared.
	similarBy []string

	// finish completes a merge where the resource has other values than the API. It may
	// be nil.
	finish func(merged, prior values) values
	// finalize sets the attribute finalized, which takes a further call after a
	// create or update. It returns the state of the object then, with an error or
	// without one. It may be nil.
	finalize  func(ctx context.Context, api tfkit.API, plan, state values) (values, error)
	finalized string
	// check validates a plan. It may be nil.
	check func(plan values, diags *diag.Diagnostics)
	// onDestroyPlan warns of the consequences of a planned deletion. It may be nil.
	onDestroyPlan func(ctx context.Context, p *tfkit.Provider, state values, diags *diag.Diagnostics)
	// beforeDelete checks a deletion just before it is sent: an error prevents
	// it, and warnings are given when it has succeeded. It may be nil.
	beforeDelete func(ctx context.Context, p *tfkit.Provider, state values, diags *diag.Diagnostics)
	// adoptsRecent tells that a resource adopts an existing object instead of creating
	// the planned one, if it was created during the same apply.
	adoptsRecent bool
	// inUse says what to do when the platform rejects a deletion.
	inUse string
}

// creation is the request that creates an object.
type creation[T any] func(ctx context.Context, api tfkit.API, all attributes, plan values) (prefactor.Created[T], error)

// creating is a creation by a call of the client. The request has the planned values
// of its fields.
func creating[R, T any](call func(tfkit.API, context.Context, R) (prefactor.Created[T], error)) creation[T] {
	return func(ctx context.Context, api tfkit.API, all attributes, plan values) (prefactor.Created[T], error) {
		return call(api, ctx, requestOf[R](all, plan, all.null(ctx)))
	}
}

// change is the request that changes an object in place.
type change[T any] struct {
	// fields are the attributes that can be changed.
	fields []string
	send   func(ctx context.Context, api tfkit.API, all attributes, plan, state values) (T, error)
}

// updating is a change by a call of the client. The request has the planned values of
// its fields.
func updating[R, T any](call func(tfkit.API, context.Context, string, R) (T, error)) change[T] {
	return change[T]{fieldNames[R](), func(ctx context.Context, api tfkit.API, all attributes, plan, state values) (T, error) {
		return call(api, ctx, plan.text("id"), requestOf[R](all, plan, state))
	}}
}

// read requests one object, whatever was requested before.
func (k kind[T]) read(ctx context.Context, i *inventory.Inventory, id string) (T, error) {
	return k.in(i).ReadNow(ctx, id)
}

// readListed reads one object, also from a list that serves many reads.
func (k kind[T]) readListed(ctx context.Context, i *inventory.Inventory, m values) (T, error) {
	list := m.text(k.of)
	if k.inList != nil {
		list = k.inList(m)
	}
	return k.read(prefactor.InList(ctx, list), i, m.text("id"))
}

// forget drops what a change makes outdated from the inventory.
func (k kind[T]) forget(i *inventory.Inventory) {
	k.in(i).Forget()
	if k.alsoChanges != nil {
		k.alsoChanges(i)
	}
}

// merge is the conversion from an object of the API to the values of a resource.
func (k kind[T]) merge(prior values, object T) values {
	merged := merge(prior, object)
	if k.finish != nil {
		return k.finish(merged, prior)
	}
	return merged
}

// changed tells whether there is something to update.
func (k kind[T]) changed(plan, state values) bool { return differs(plan, state, k.update.fields...) }

// afterWrite is the state after a write, before finalize.
func (k kind[T]) afterWrite(returned, plan values) values {
	return afterWrite(returned, plan, k.finalized)
}

// findSimilar finds the objects that have the same value of an attribute as a
// planned one.
func (k kind[T]) findSimilar(ctx context.Context, i *inventory.Inventory, plan values) (similar []T, attribute string, err error) {
	attribute = k.similarBy[max(0, slices.IndexFunc(k.similarBy, func(name string) bool { return plan.text(name) != "" }))]
	all, err := k.in(i).ListNow(ctx, plan.text(k.of))
	for _, object := range all {
		value, wanted := merge(k.attributes.null(ctx), object).text(attribute), plan.text(attribute)
		if value == wanted || (attribute == "email" && strings.EqualFold(value, wanted)) {
			similar = append(similar, object)
		}
	}
	return similar, attribute, err
}

// confirmable is an object for the confirmation of its deletion.
func (k kind[T]) confirmable(i *inventory.Inventory, m values) tfkit.Object {
	o := tfkit.Object{Noun: k.noun, ID: m.text("id"), AccountID: m.text("account_id"), Of: m.text(k.of)}
	if k.of != "" && o.Of == "" {
		return o
	}
	o.List = func(ctx context.Context) ([]tfkit.Listed, error) {
		all, err := k.in(i).ListNow(ctx, o.Of)
		return tfkit.ListedAll(all, err, func(object T) tfkit.Listed {
			return tfkit.Listed{ID: k.entry(object).id, AccountID: k.entry(object).account}
		})
	}
	if k.parent != nil {
		o.Parent = k.parent(i, m)
	}
	return o
}
