package directory

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// source is where objects of a type come from; T is one as the API has it.
type source[T any] struct {
	// noun is what people call one.
	noun  string
	entry func(T) entry
	in    func(*inventory.Inventory) *inventory.Collection[T]
	// of is the attribute that the list needs as its filter, if it needs one:
	// ofAgent, or ofAccount, for which there is a default.
	of string
}

const (
	ofAccount = "account_id"
	ofAgent   = "agent_id"
)

// rows lists the objects that a filter selects. It completes the id of the account.
func (s source[T]) rows(ctx context.Context, p *tfkit.Provider, attribute string, filter *types.String, diags *diag.Diagnostics) []T {
	if s.of == ofAccount {
		account, ok := accountFor(ctx, p, *filter, diags)
		if !ok {
			return nil
		}
		*filter = types.StringValue(account)
	}
	rows, err := s.in(p.Inventory).List(ctx, filter.ValueString())
	if err != nil {
		p.AddAPIError(diags, "Cannot list the "+s.noun+"s", err, attribute)
	} else if s.of == ofAccount {
		checkAccount(ctx, p, filter.ValueString(), len(rows), diags)
	}
	return rows
}

// dataSource is a data source of any kind; M is its configuration and its state.
type dataSource[M any] struct {
	// name is the type's name behind the provider's prefix.
	name, description string
	attributes        map[string]schema.Attribute
	validators        []datasource.ConfigValidator
	// find completes a configuration by what the API returns.
	find func(ctx context.Context, p *tfkit.Provider, config M, diags *diag.Diagnostics) M

	provider *tfkit.Provider
}

func (d *dataSource[M]) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + d.name
}

func (d *dataSource[M]) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{MarkdownDescription: d.description, Attributes: d.attributes}
}

func (d *dataSource[M]) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return d.validators
}

func (d *dataSource[M]) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.provider = tfkit.ProviderFrom(req.ProviderData, &resp.Diagnostics)
}

func (d *dataSource[M]) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m M
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() || !d.provider.Ready(&resp.Diagnostics) {
		return
	}
	m = d.find(ctx, d.provider, m, &resp.Diagnostics)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
	}
}

// lookup says how a data source finds one object by an attribute other than its id.
type lookup[T any] struct {
	// by is the attribute. It selects the objects that match its value.
	by      string
	matches func(row T, value string) bool
	// get reads the object by the attribute, if the API can do that.
	get func(api tfkit.API, ctx context.Context, value string) (T, error)
	// isOptional tells that the attribute need not be set: matches gets an empty value.
	isOptional bool
	// newest has the newest of several objects taken, instead of an error.
	newest bool
	// isComplete tells that what is found needs no single read.
	isComplete bool
	// hint says what to do if there is no such object.
	hint string
}

// byName is a look-up by the exact name, as errors show it.
func (s source[T]) byName() lookup[T] {
	return lookup[T]{by: "name", matches: func(row T, name string) bool { return s.entry(row).name == name }}
}

// single is the data source of one object: by its id, or by a look-up.
func single[M, T any](s source[T], d dataSource[M], lookups ...lookup[T]) datasource.DataSource {
	d.validators = s.validators(lookups)
	d.find = func(ctx context.Context, p *tfkit.Provider, config M, diags *diag.Diagnostics) M {
		id := stringOf(config, "id")
		if id == "" {
			l := lookups[max(0, slices.IndexFunc(lookups, func(l lookup[T]) bool { return stringOf(config, l.by) != "" }))]
			row, ok := find(ctx, s, l, p, config, diags)
			if !ok || l.isComplete {
				return merge(config, row)
			}
			id = s.entry(row).id
		}
		found, err := s.in(p.Inventory).Read(ctx, id)
		switch {
		case errors.Is(err, prefactor.ErrNotFound):
			noSuch("id", s.noun, fmt.Sprintf(
				"There is no %s %s that the provider's credentials (%s) can see. Check the id, and that the credentials are of its account.", s.noun, id, p.TokenSource), diags)
		case err != nil:
			p.AddAPIError(diags, "Cannot read the "+s.noun, err)
		}
		return merge(config, found)
	}
	return &d
}

// find finds the one object that a configuration selects.
func find[M, T any](ctx context.Context, s source[T], l lookup[T], p *tfkit.Provider, config M, diags *diag.Diagnostics) (found T, ok bool) {
	value := stringOf(config, l.by)
	if l.get != nil {
		found, err := l.get(p.API, ctx, value)
		if err == nil {
			return found, true
		}
		if !errors.Is(err, prefactor.ErrNotFound) {
			p.AddAPIError(diags, "Cannot read the "+s.noun, err, l.by)
			return found, false
		}
	}
	of := types.StringPointerValue(nil)
	if filter := stringOf(config, s.of); filter != "" {
		of = types.StringValue(filter)
	}
	rows := s.rows(ctx, p, s.of, &of, diags)
	if diags.HasError() {
		return found, false
	}
	var matches []T
	for _, row := range rows {
		if l.matches(row, value) {
			matches = append(matches, row)
		}
	}
	if l.newest && len(matches) > 1 {
		// Ids begin with the time of creation.
		matches = []T{slices.MaxFunc(matches, func(a, b T) int { return strings.Compare(s.entry(a).id, s.entry(b).id) })}
	}
	place := ""
	if s.of != "" {
		place = fmt.Sprintf(" of %s %s", strings.TrimSuffix(s.of, "_id"), of.ValueString())
	}
	switch {
	case len(matches) == 1:
		return matches[0], true
	case value == "":
		diags.AddError("Account not known", fmt.Sprintf("The provider's credentials can see %s. Set name or id to the right one.", listed(s.noun, rows, s.entry)))
	case len(matches) == 0:
		noSuch(l.by, s.noun, fmt.Sprintf("There is no %s%s whose %s is %s. The provider's credentials can see %s.%s",
			s.noun, place, l.by, quoted(value), listed(s.noun, rows, s.entry), l.hint), diags)
	default:
		noSuch(l.by, s.noun, fmt.Sprintf("%s is the %s of %s. Set id to the one that is meant, instead of %s.",
			quoted(value), l.by, listed(s.noun, matches, s.entry), l.by), diags)
	}
	return found, false
}

// noSuch is the error of a value that is not that of one object.
func noSuch(attribute, noun, problem string, diags *diag.Diagnostics) {
	diags.AddAttributeError(path.Root(attribute), "No such "+noun, problem)
}

// listing is the data source of all objects of a type, which are in an attribute
// with its name: M is one in the state. filter is the argument that selects
// objects, an id; there may be none.
type listing[M, T any] struct {
	source[T]
	dataSource[M]

	filter, filterText string
}

func (d *listing[M, T]) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{MarkdownDescription: d.description, Attributes: map[string]schema.Attribute{
		d.name: schema.ListNestedAttribute{
			MarkdownDescription: "The " + d.noun + "s, ordered by name, if they have one, and then by id, which is the order of their creation.",
			Computed:            true,
			NestedObject:        schema.NestedAttributeObject{Attributes: d.attributes},
		},
	}}
	if d.filter != "" {
		resp.Schema.Attributes[d.filter] = schema.StringAttribute{
			MarkdownDescription: d.filterText,
			Required:            d.of == ofAgent,
			Optional:            d.of != ofAgent,
			Computed:            d.of == ofAccount,
			Validators:          []validator.String{tfkit.PFID()},
		}
	}
}

func (d *listing[M, T]) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var selected types.String
	if d.filter != "" {
		resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root(d.filter), &selected)...)
	}
	if resp.Diagnostics.HasError() || !d.provider.Ready(&resp.Diagnostics) {
		return
	}
	rows := d.rows(ctx, d.provider, d.filter, &selected, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	all := []M{}
	for _, row := range sorted(rows, d.entry) {
		var m M
		all = append(all, merge(m, row))
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(d.name), all)...)
	if d.filter != "" {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(d.filter), selected)...)
	}
}

// computed is an attribute that the platform fills in.
func computed(description string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, Computed: true}
}

// moment is a time that the platform fills in.
func moment(description string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description + ", in RFC 3339.", CustomType: timetypes.RFC3339Type{}, Computed: true}
}

// byID is an id to look something up by, and computed if another attribute does.
func byID(description string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, Optional: true, Computed: true, Validators: []validator.String{tfkit.PFID()}}
}

// byText is a text to look something up by, likewise.
func byText(description string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, Optional: true, Computed: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)}}
}

// with gives attributes of which some are described otherwise.
func with(attributes, others map[string]schema.Attribute) map[string]schema.Attribute {
	maps.Copy(attributes, others)
	return attributes
}

// validators say how an object can be selected: by its id or by a look-up.
func (s source[T]) validators(lookups []lookup[T]) (all []datasource.ConfigValidator) {
	roots := func(names ...string) (all []path.Expression) {
		for _, name := range names {
			all = append(all, path.MatchRoot(name))
		}
		return all
	}
	ways := []string{"id"}
	for _, l := range lookups {
		ways = append(ways, l.by)
	}
	switch {
	case s.of == ofAgent:
		return append(all, datasourcevalidator.ExactlyOneOf(roots("id", ofAgent)...), datasourcevalidator.RequiredTogether(roots(ofAgent, lookups[0].by)...))
	case lookups[0].isOptional:
		return append(all, datasourcevalidator.Conflicting(roots(ways...)...))
	case s.of == ofAccount:
		all = append(all, datasourcevalidator.Conflicting(roots("id", ofAccount)...))
	}
	return append(all, datasourcevalidator.ExactlyOneOf(roots(ways...)...))
}
