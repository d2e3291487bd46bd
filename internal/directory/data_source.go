package directory

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
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

// dataSource is a data source of any kind.
type dataSource struct {
	// name is the type's name behind the provider's prefix.
	name, description string
	attributes        map[string]schema.Attribute
	validators        []datasource.ConfigValidator
	// find completes a configuration by what the API returns.
	find func(ctx context.Context, p *tfkit.Provider, config values, diags *diag.Diagnostics) values

	provider *tfkit.Provider
}

func (d *dataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + d.name
}

func (d *dataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{MarkdownDescription: d.description, Attributes: d.attributes}
}

func (d *dataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return d.validators
}

func (d *dataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.provider = tfkit.ProviderFrom(req.ProviderData, &resp.Diagnostics)
}

func (d *dataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	config := load(ctx, req.Config, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !d.provider.Ready(&resp.Diagnostics) {
		return
	}
	found := d.find(ctx, d.provider, config, &resp.Diagnostics)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, found.asObject(ctx))...)
	}
}

// lookup says how a data source finds one object by an attribute other than its id.
type lookup[T any] struct {
	// by is the attribute. It selects the objects that match its value.
	by      string
	matches func(object T, value string) bool
	// get reads the object by the attribute, if the API can do that.
	get func(api tfkit.API, ctx context.Context, value string) (T, error)
	// isOptional tells that the attribute need not be set: matches gets an empty value.
	isOptional bool
	// newest selects the newest of several objects, instead of an error.
	newest bool
	// hint says what to do if there is no such object.
	hint string
}

// byName is a look-up by the exact name, as errors show it.
func (o objectType[T]) byName() lookup[T] {
	return lookup[T]{by: "name", matches: func(object T, name string) bool { return o.entry(object).name == name }}
}

// single is the data source of one object: by its id, or by a look-up. selectors are
// the descriptions of the arguments.
func (o objectType[T]) single(description string, selectors map[string]string, lookups ...lookup[T]) datasource.DataSource {
	d := &dataSource{name: o.name(), description: description, attributes: o.attributes.data(), validators: o.validators(lookups)}
	for name, text := range selectors {
		d.attributes[name] = selector(name, text)
	}
	d.find = func(ctx context.Context, p *tfkit.Provider, config values, diags *diag.Diagnostics) values {
		id := config.text("id")
		if id == "" {
			l := lookups[max(0, slices.IndexFunc(lookups, func(l lookup[T]) bool { return config.text(l.by) != "" }))]
			found, ok := o.find(ctx, l, p, config, diags)
			isComplete := l.get != nil || !o.attributes.haveUnlisted()
			if !ok || isComplete {
				return merge(config, found)
			}
			id = o.entry(found).id
		}
		found, err := o.in(p.Inventory).Read(ctx, id)
		switch {
		case errors.Is(err, prefactor.ErrNotFound):
			noSuch("id", o.noun, fmt.Sprintf(
				"There is no %s %s that the provider's credentials (%s) can see. Check the id, and check that the credentials belong to its account.", o.noun, id, p.TokenSource), diags)
		case err != nil:
			p.AddAPIError(diags, "Cannot read the "+o.noun, err)
		}
		return merge(config, found)
	}
	return d
}

// find finds the one object that a configuration selects.
func (o objectType[T]) find(ctx context.Context, l lookup[T], p *tfkit.Provider, config values, diags *diag.Diagnostics) (found T, ok bool) {
	value := config.text(l.by)
	if l.get != nil {
		found, err := l.get(p.API, ctx, value)
		if err == nil {
			return found, true
		}
		if !errors.Is(err, prefactor.ErrNotFound) {
			p.AddAPIError(diags, "Cannot read the "+o.noun, err, l.by)
			return found, false
		}
	}
	of, _ := config[o.of].(types.String)
	all := o.list(ctx, p, o.of, &of, diags)
	if diags.HasError() {
		return found, false
	}
	var matches []T
	for _, object := range all {
		if l.matches(object, value) {
			matches = append(matches, object)
		}
	}
	if l.newest && len(matches) > 1 {
		// Ids begin with the time of creation.
		matches = []T{slices.MaxFunc(matches, func(a, b T) int { return strings.Compare(o.entry(a).id, o.entry(b).id) })}
	}
	place := ""
	if o.of != "" {
		place = fmt.Sprintf(" of %s %s", strings.TrimSuffix(o.of, "_id"), of.ValueString())
	}
	switch {
	case len(matches) == 1:
		return matches[0], true
	case value == "":
		diags.AddError("Account not known", fmt.Sprintf("The provider's credentials can see %s. Set name or id to the right one.", o.describe(all)))
	case len(matches) == 0:
		noSuch(l.by, o.noun, fmt.Sprintf("There is no %s%s whose %s is %s. The provider's credentials can see %s.%s",
			o.noun, place, l.by, inventory.Quoted(value), o.describe(all), l.hint), diags)
	default:
		diags.AddAttributeError(path.Root(l.by), "More than one "+o.noun+" found", fmt.Sprintf("%s is the %s of %s. Set id to the id of the right one, and omit %s.",
			inventory.Quoted(value), l.by, o.describe(matches), l.by))
	}
	return found, false
}

// noSuch adds the error of a value by which no object was found.
func noSuch(attribute, noun, problem string, diags *diag.Diagnostics) {
	diags.AddAttributeError(path.Root(attribute), "No such "+noun, problem)
}

// plural is the data source of all objects that the filter selects, which are in an
// attribute with its name.
func (o objectType[T]) plural(description string) datasource.DataSource {
	name, item := o.name()+"s", o.attributes.inLists()
	d := &dataSource{name: name, description: description, attributes: map[string]schema.Attribute{
		name: schema.ListNestedAttribute{
			MarkdownDescription: "The " + o.noun + "s, ordered by name, if they have one, and then by id, which is the order of their creation.",
			Computed:            true,
			NestedObject:        schema.NestedAttributeObject{Attributes: item.data()},
		},
	}}
	if o.filter != "" {
		d.attributes[o.filter] = schema.StringAttribute{
			MarkdownDescription: o.filterText,
			Required:            o.of == ofAgent,
			Optional:            o.of != ofAgent,
			Computed:            o.of == ofAccount,
			Validators:          []validator.String{tfkit.PFID()},
		}
	}
	d.find = func(ctx context.Context, p *tfkit.Provider, config values, diags *diag.Diagnostics) values {
		selected, _ := config[o.filter].(types.String)
		none := item.null(ctx)
		all := []attr.Value{}
		for _, object := range o.sorted(o.list(ctx, p, o.filter, &selected, diags)) {
			all = append(all, merge(none, object).asObject(ctx))
		}
		found := values{name: types.ListValueMust(none.asObject(ctx).Type(ctx), all)}
		if o.filter != "" {
			found[o.filter] = selected
		}
		return found
	}
	return d
}

// validators say how an object can be selected: by its id or by a look-up.
func (o objectType[T]) validators(lookups []lookup[T]) (all []datasource.ConfigValidator) {
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
	case o.of == ofAgent:
		return append(all, datasourcevalidator.ExactlyOneOf(roots("id", ofAgent)...), datasourcevalidator.RequiredTogether(roots(ofAgent, lookups[0].by)...))
	case lookups[0].isOptional:
		return append(all, datasourcevalidator.Conflicting(roots(ways...)...))
	case o.of == ofAccount:
		all = append(all, datasourcevalidator.Conflicting(roots("id", ofAccount)...))
	}
	return append(all, datasourcevalidator.ExactlyOneOf(roots(ways...)...))
}
