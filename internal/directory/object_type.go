package directory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
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

// sorted are objects ordered by name, and by id where names are the same.
func (o objectType[T]) sorted(objects []T) []T {
	return slices.SortedFunc(slices.Values(objects), func(a, b T) int {
		return cmp.Or(strings.Compare(o.entry(a).name, o.entry(b).name), strings.Compare(o.entry(a).id, o.entry(b).id))
	})
}

// describe describes objects in a sentence.
func (o objectType[T]) describe(objects []T) string {
	switch len(objects) {
	case 0:
		return "no " + o.noun
	case 1:
		return "one " + o.noun + ": " + o.entry(objects[0]).String()
	}
	var texts []string
	for _, object := range o.sorted(objects)[:min(len(objects), inventory.MostListed)] {
		texts = append(texts, o.entry(object).String())
	}
	if more := len(objects) - len(texts); more > 0 {
		texts = append(texts, fmt.Sprintf("and %d more", more))
	}
	return fmt.Sprintf("%d %ss: %s", len(objects), o.noun, strings.Join(texts, ", "))
}

// entry is an object in an error: its name, which someone else may have chosen, its
// id, and what distinguishes it if it has no name. account is empty if the API does not
// return it.
type entry struct{ name, id, account, detail string }

func (e entry) String() string {
	if e.name == "" {
		return e.id + e.detail
	}
	return inventory.Quoted(e.name) + " (" + e.id + ")"
}

// isID tells whether an attribute is the id of an object.
func isID(attribute string) bool { return attribute == "id" || strings.HasSuffix(attribute, "_id") }
