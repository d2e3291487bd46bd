package directory

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// objectType defines a type of objects: T is one as the API has it. Its data sources
// derive from it and, with a kind, its resource.
type objectType[T any] struct {
	// noun is what people call one.
	noun       string
	attributes attributes
	entry      func(T) entry
	in         func(*inventory.Inventory) *inventory.Collection[T]
	// of is the attribute that the list needs as its filter, if it needs one:
	// ofAgent, or ofAccount, for which there is a default.
	of string
	// filter is the attribute by which people select objects of a list, an id. It may
	// be empty.
	filter, filterText string
}

const (
	ofAccount = "account_id"
	ofAgent   = "agent_id"
)

// name is the name of the type behind the provider's prefix.
func (o objectType[T]) name() string { return strings.ReplaceAll(o.noun, " ", "_") }

// typeName is the name of the type in a configuration.
func (o objectType[T]) typeName() string { return "prefactor_" + o.name() }

// list lists the objects that a filter selects, an id or null. It completes the
// filter by the default account.
func (o objectType[T]) list(ctx context.Context, p *tfkit.Provider, attribute string, filter *types.String, diags *diag.Diagnostics) []T {
	if o.of == ofAccount {
		account, ok := accountFor(ctx, p, *filter, diags)
		if !ok {
			return nil
		}
		*filter = types.StringValue(account)
	}
	all, err := o.in(p.Inventory).List(ctx, filter.ValueString())
	if err != nil {
		p.AddAPIError(diags, "Cannot list the "+o.noun+"s", err, attribute)
	} else if o.of == ofAccount && len(all) == 0 {
		checkAccount(ctx, p, filter.ValueString(), diags)
	}
	return all
}

// isID tells whether an attribute is the id of an object.
func isID(attribute string) bool { return attribute == "id" || strings.HasSuffix(attribute, "_id") }
