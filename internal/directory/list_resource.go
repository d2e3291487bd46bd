package directory

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// objectList lists the objects that the managed resource of the same type can
// manage. The type name is the resource's.
type objectList[T any] struct {
	managedResource[T]

	// titles are the names of objects in the output of a query.
	titles func(context.Context, *tfkit.Provider, []T) []string
	// everything lists without the filter where the list of the API needs it. It may
	// be nil.
	everything func(*inventory.Inventory, context.Context) ([]T, error)
}

// listOf is a list of objects with their names as titles.
func listOf[T any](k kind[T]) *objectList[T] {
	return &objectList[T]{managedResource: managedResource[T]{kind: k}, titles: func(_ context.Context, _ *tfkit.Provider, all []T) []string {
		titles := make([]string, 0, len(all))
		for _, object := range all {
			titles = append(titles, k.entry(object).String())
		}
		return titles
	}}
}

func (l *objectList[T]) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists " + l.kind.noun + "s, oldest first, so that Terraform can manage them: `terraform query` shows them, and " +
			"`terraform query -generate-config-out=" + l.kind.name() + "s.tf` writes `resource` and `import` blocks for them, which plan without a change.\n\n" +
			"Needs Terraform 1.14 or newer. For older versions and for OpenTofu, use the data source [`" + l.kind.typeName() + "s`](../data-sources/" + l.kind.name() + "s.md).",
		Attributes: map[string]schema.Attribute{
			l.kind.filter: schema.StringAttribute{MarkdownDescription: l.kind.filterText, Optional: true, Validators: []validator.String{tfkit.PFID()}},
		},
	}
}

func (l *objectList[T]) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var diags diag.Diagnostics
	var selected types.String
	diags.Append(req.Config.GetAttribute(ctx, path.Root(l.kind.filter), &selected)...)
	var all []T
	switch {
	case diags.HasError() || !l.provider.Ready(&diags):
	case selected.IsNull() && l.everything != nil:
		var err error
		if all, err = l.everything(l.provider.Inventory, ctx); err != nil {
			l.provider.AddAPIError(&diags, "Cannot list the "+l.kind.noun+"s", err)
		}
	default:
		all = l.kind.list(ctx, l.provider, l.kind.filter, &selected, &diags)
	}
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	if req.Limit > 0 && int64(len(all)) > req.Limit {
		all = all[:req.Limit]
	}
	titles := l.titles(ctx, l.provider, all)
	stream.Results = func(push func(list.ListResult) bool) {
		for i, object := range all {
			if !push(l.result(ctx, req, object, titles[i])) {
				return
			}
		}
	}
}

// result is an object as a query shows it, and as an import would have it.
func (l *objectList[T]) result(ctx context.Context, req list.ListRequest, object T, title string) list.ListResult {
	result := req.NewListResult(ctx)
	result.DisplayName = title
	m := l.kind.merge(l.kind.attributes.null(ctx), object)
	if req.IncludeResource && l.kind.inList != nil {
		// The objects of this list are not complete.
		found, err := l.kind.readListed(ctx, l.provider.Inventory, m)
		if err != nil && !errors.Is(err, prefactor.ErrNotFound) {
			l.provider.AddAPIError(&result.Diagnostics, "Cannot read the "+l.kind.noun, err)
		}
		if err == nil {
			m = l.kind.merge(m, found)
		}
	}
	l.identify(ctx, result.Identity, m, &result.Diagnostics)
	if req.IncludeResource {
		result.Diagnostics.Append(result.Resource.Set(ctx, m.asObject(ctx))...)
	}
	return result
}
