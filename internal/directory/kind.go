package directory

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// model is a managed object in a state.
type model interface {
	// ids are the object's own id and that of its account, which is null where
	// objects of the kind do not have it.
	ids() (id, account types.String)
}

// kind is what the managed objects differ in: M is one in a state, T one as
// the API has it.
type kind[M model, T any] struct {
	// name is the type's name behind the provider's prefix, noun what people
	// call one.
	name, noun  string
	description string
	// attributes are all but the id.
	attributes map[string]schema.Attribute

	// entry is how errors call a T.
	entry func(T) entry
	merge func(M, T) M
	// written is a state after a write, with what was planned: what the platform
	// makes of it is for the next refresh.
	written func(m, plan M) M

	read func(tfkit.API, context.Context, string) (T, error)
	// absent is what it takes to confirm that an object is deleted, except for
	// its id and account, which are filled in.
	absent func(api tfkit.API, m M) tfkit.Object
	remove func(tfkit.API, context.Context, string) error
	create func(ctx context.Context, api tfkit.API, plan M, id string) (prefactor.Created[T], error)
	// changed tells whether there is something to update.
	changed func(plan, state M) bool
	update  func(ctx context.Context, api tfkit.API, plan, state M) (T, error)
	// settle does what takes a further call after a create or update, if there
	// is such. It gives the state that the object is in then, be there an error
	// or not.
	settle func(ctx context.Context, api tfkit.API, plan, state M) (M, error)
	// forget drops the lists that a write makes stale.
	forget func(*inventory.Inventory)

	// check finds what cannot be, at plan. It may be nil.
	check func(plan M, diags *diag.Diagnostics)
	// prepare completes a plan for a new object, when it is applied, with what
	// only the platform or the provider block can say. It may be nil.
	prepare func(ctx context.Context, p *tfkit.Provider, plan *M, diags *diag.Diagnostics) bool
	// sibling is an id that has the partition of the account which an object
	// is created in; empty if none is known. Without it, that is the account of
	// the credentials.
	sibling func(ctx context.Context, p *tfkit.Provider, plan M) string
	// alike finds the objects that are like a planned one in the attribute by
	// which people tell them apart.
	alike func(ctx context.Context, api tfkit.API, plan M) (rows []T, attribute string, err error)
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
	// inUse says what to do when the platform refuses a deletion.
	inUse string
}

// typeName is the resource's type as it stands in a configuration.
func (k kind[M, T]) typeName() string { return "prefactor_" + k.name }

// absentFrom is the absent of a kind whose list has all objects of the account.
func absentFrom[M, T any](list func(tfkit.API, context.Context) ([]T, error), of func(T) entry) func(tfkit.API, M) tfkit.Object {
	return func(api tfkit.API, _ M) tfkit.Object {
		return tfkit.Object{List: func(ctx context.Context) ([]tfkit.Listed, error) {
			rows, err := list(api, ctx)
			return tfkit.ListedAll(rows, err, func(row T) tfkit.Listed { return tfkit.Listed{ID: of(row).id} })
		}}
	}
}
