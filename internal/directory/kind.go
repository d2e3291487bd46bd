package directory

import (
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// kind is what the managed objects differ in: M is one in a state, T one as
// the API has it.
type kind[M, T any] struct {
	source[T]
	// name is the type's name behind the provider's prefix.
	name, description string
	// attributes are all but the id.
	attributes map[string]schema.Attribute

	create func(ctx context.Context, api tfkit.API, plan M, id string) (prefactor.Created[T], error)
	// updated are the attributes that update sends.
	updated []string
	update  func(ctx context.Context, api tfkit.API, plan, state M) (T, error)
	remove  func(tfkit.API, context.Context, string) error
	// listed says in which list an object is expected, if not in that of source.of. It
	// may be nil.
	listed func(M) string
	// alsoChanges are other objects that a change may change. It may be nil.
	alsoChanges func(*inventory.Inventory)
	// parent is the object that an object is deleted with. It may be nil.
	parent func(i *inventory.Inventory, m M) *tfkit.Parent
	// similarBy are the attributes by which people tell objects apart. The first one
	// that is planned counts.
	similarBy []string

	// finalize sets the attribute finalized, which takes a further call after a
	// create or update. It returns the state of the object then, with an error or
	// without one. It may be nil.
	finalize  func(ctx context.Context, api tfkit.API, plan, state M) (M, error)
	finalized string
	// check finds what cannot be, at plan. It may be nil.
	check func(plan M, diags *diag.Diagnostics)
	// complete completes a plan for a new object, when it is applied, with what
	// only the API or the provider block can say. It may be nil.
	complete func(ctx context.Context, p *tfkit.Provider, plan *M, diags *diag.Diagnostics) bool
	// assigned are the optional and computed attributes that are left alone
	// until they are configured, and cleared when they are removed.
	assigned []string
	// onDestroyPlan warns of what a planned deletion will lead to. It may be nil.
	onDestroyPlan func(ctx context.Context, p *tfkit.Provider, state M, diags *diag.Diagnostics)
	// beforeDelete checks a deletion just before it is sent: an error prevents
	// it, and warnings are given when it has succeeded. It may be nil.
	beforeDelete func(ctx context.Context, p *tfkit.Provider, state M, diags *diag.Diagnostics)
	// adoptsRecent has a resource adopt the object that exists already instead
	// of the planned one, if it was created during the same apply.
	adoptsRecent bool
	// inUse says what to do when the platform rejects a deletion.
	inUse string
}

// typeName is the resource's type in a configuration.
func (k kind[M, T]) typeName() string { return "prefactor_" + k.name }

// read requests one object, whatever was requested before.
func (k kind[M, T]) read(ctx context.Context, i *inventory.Inventory, id string) (T, error) {
	return k.in(i).ReadNow(ctx, id)
}

// readListed requests one object, or takes it from a list that serves many reads.
func (k kind[M, T]) readListed(ctx context.Context, i *inventory.Inventory, m M) (T, error) {
	list := stringOf(m, k.of)
	if k.listed != nil {
		list = k.listed(m)
	}
	return k.read(prefactor.InList(ctx, list), i, stringOf(m, "id"))
}

// forget has what a change makes outdated requested again.
func (k kind[M, T]) forget(i *inventory.Inventory) {
	k.in(i).Forget()
	if k.alsoChanges != nil {
		k.alsoChanges(i)
	}
}

// changed tells whether there is something to update.
func (k kind[M, T]) changed(plan, state M) bool { return differs(plan, state, k.updated) }

// afterWrite is the state after a write, before finalize.
func (k kind[M, T]) afterWrite(returned, plan M) M { return afterWrite(returned, plan, k.finalized) }

// findSimilar finds the objects that have the same value of an attribute as a
// planned one.
func (k kind[M, T]) findSimilar(ctx context.Context, i *inventory.Inventory, plan M) (similar []T, attribute string, err error) {
	attribute = k.similarBy[max(0, slices.IndexFunc(k.similarBy, func(name string) bool { return stringOf(plan, name) != "" }))]
	rows, err := k.in(i).ListNow(ctx, stringOf(plan, k.of))
	for _, row := range rows {
		var m M
		value, wanted := stringOf(merge(m, row), attribute), stringOf(plan, attribute)
		if value == wanted || (attribute == "email" && strings.EqualFold(value, wanted)) {
			similar = append(similar, row)
		}
	}
	return similar, attribute, err
}

// object is what it takes to confirm that an object is deleted.
func (k kind[M, T]) object(i *inventory.Inventory, m M) tfkit.Object {
	o := tfkit.Object{Noun: k.noun, ID: stringOf(m, "id"), AccountID: stringOf(m, "account_id"), Of: stringOf(m, k.of)}
	if k.of != "" && o.Of == "" {
		return o
	}
	o.List = func(ctx context.Context) ([]tfkit.Listed, error) {
		rows, err := k.in(i).ListNow(ctx, o.Of)
		return tfkit.ListedAll(rows, err, func(row T) tfkit.Listed { return tfkit.Listed{ID: k.entry(row).id, AccountID: k.entry(row).account} })
	}
	if k.parent != nil {
		o.Parent = k.parent(i, m)
	}
	return o
}
