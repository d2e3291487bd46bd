package directory

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// kind is what the managed objects differ in: M is one in a state, T one as
// the API has it.
type kind[M, T any] struct {
	// name is the type's name behind the provider's prefix, noun what people
	// call one.
	name, noun  string
	description string
	attributes  map[string]schema.Attribute

	// base is what all kinds of M have; entry is how errors call a T.
	base  func(*M) *base
	entry func(T) entry
	merge func(M, T) M
	// written is a state after a write: with the texts as the configuration has
	// them, since what the platform makes of them is for the next refresh.
	written func(m, plan M) M

	read   func(tfkit.API, context.Context, string) (T, error)
	remove func(tfkit.API, context.Context, string) error
	create func(ctx context.Context, api tfkit.API, plan M, id string) (prefactor.Created[T], error)
	// changed tells whether there is something to update.
	changed func(plan, state M) bool
	update  func(ctx context.Context, api tfkit.API, plan M) (T, error)
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
	// is created in; empty if none is known.
	sibling func(ctx context.Context, p *tfkit.Provider, plan M) string
	// alike finds the objects that are like a planned one in the attribute by
	// which people tell them apart.
	alike func(ctx context.Context, api tfkit.API, plan M) (rows []T, attribute string, err error)
	// inUse says what to do when the platform refuses a deletion.
	inUse string
}

// typeName is the resource's type as it stands in a configuration.
func (k kind[M, T]) typeName() string { return "prefactor_" + k.name }
