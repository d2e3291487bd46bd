package directory

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// single describes the data source of one object, which is found by its id or
// by a text: M is its state, T the object as the API has it.
type single[M, T any] struct {
	// name is the type's name behind the provider's prefix, noun what people
	// call one.
	name, noun, description string
	attributes              map[string]schema.Attribute
	// key is the attribute besides id by which an object is found, and keyText
	// its description.
	key, keyText string
	wanted       func(M) (id, text types.String)
	matches      func(row T, text string) bool

	entry func(T) entry
	merge func(M, T) M
	list  func(i *inventory.Inventory, ctx context.Context) ([]T, error)
	read  func(tfkit.API, context.Context, string) (T, error)
}

// newSingle is the data source of one object.
func newSingle[M, T any](s single[M, T]) datasource.DataSource {
	return &lookup[M]{
		name:        s.name,
		description: s.description,
		attributes: with(s.attributes, map[string]schema.Attribute{
			"id":  byID("The id (PFID) of the " + s.noun + " to look up. Either this or `" + s.key + "`."),
			s.key: byText(s.keyText + " Either this or `id`."),
		}),
		validators: []datasource.ConfigValidator{datasourcevalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot(s.key))},
		find:       s.find,
	}
}

// find reads the object by itself in either case: the records of a list do not
// have all fields.
func (s single[M, T]) find(ctx context.Context, p *tfkit.Provider, config M, diags *diag.Diagnostics) M {
	wanted, text := s.wanted(config)
	id := wanted.ValueString()
	if id == "" {
		rows, err := s.list(inventory.Of(p), ctx)
		if err != nil {
			addListError(p, s.noun, err, diags)
			return config
		}
		row, problem := only(s.noun, s.key, text.ValueString(), rows, s.matches, s.entry)
		if problem != "" {
			noSuch(s.key, s.noun, problem, diags)
			return config
		}
		id = s.entry(row).id
	}
	found, err := s.read(p.API, ctx, id)
	if err != nil {
		addLookupError(p, s.noun, id, err, diags)
	}
	return s.merge(config, found)
}

// only finds the one object with a text, or says why there is not exactly one.
func only[T any](noun, key, text string, rows []T, matches func(T, string) bool, of func(T) entry) (found T, problem string) {
	var all []T
	for _, row := range rows {
		if matches(row, text) {
			all = append(all, row)
		}
	}
	switch len(all) {
	case 0:
		return found, fmt.Sprintf("There is no %s whose %s is %s. The provider's credentials can see %s.", noun, key, quoted(text), listed(noun, rows, of))
	case 1:
		return all[0], ""
	default:
		return found, fmt.Sprintf("%s is the %s of %s. Set id to the one that is meant, instead of %s.", quoted(text), key, listed(noun, all, of), key)
	}
}

// listing is the data source of all objects of a kind: M is one in the state,
// T one as the API lists it.
type listing[M, T any] struct {
	// name is the type's name behind the provider's prefix, and the attribute
	// that has the objects.
	name, noun, description string
	attributes              map[string]schema.Attribute
	// filter is the argument that selects objects, an id; there may be none.
	filter, filterText string

	entry func(T) entry
	merge func(M, T) M
	list  func(i *inventory.Inventory, ctx context.Context, filter string) ([]T, error)

	provider *tfkit.Provider
}

func (d *listing[M, T]) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + d.name
}

func (d *listing[M, T]) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{MarkdownDescription: d.description, Attributes: map[string]schema.Attribute{
		d.name: schema.ListNestedAttribute{
			MarkdownDescription: "The " + d.noun + "s, in the order of their names; those of one name in the order of their ids, which is that of their creation.",
			Computed:            true,
			NestedObject:        schema.NestedAttributeObject{Attributes: d.attributes},
		},
	}}
	if d.filter != "" {
		resp.Schema.Attributes[d.filter] = schema.StringAttribute{MarkdownDescription: d.filterText, Optional: true, Validators: []validator.String{tfkit.PFID()}}
	}
}

func (d *listing[M, T]) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.provider = tfkit.ProviderFrom(req.ProviderData, &resp.Diagnostics)
}

func (d *listing[M, T]) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var selected types.String
	var attributes []string
	if d.filter != "" {
		attributes = append(attributes, d.filter)
		resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root(d.filter), &selected)...)
	}
	if resp.Diagnostics.HasError() || !d.provider.Ready(&resp.Diagnostics) {
		return
	}
	rows, err := d.list(inventory.Of(d.provider), ctx, selected.ValueString())
	if err != nil {
		addListError(d.provider, d.noun, err, &resp.Diagnostics, attributes...)
		return
	}
	all := []M{}
	for _, row := range sorted(rows, d.entry) {
		var m M
		all = append(all, d.merge(m, row))
	}
	// The state has the configuration already.
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(d.name), all)...)
}
