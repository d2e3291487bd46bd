package directory

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// lookup is a data source of any kind; M is its configuration and its state.
type lookup[M any] struct {
	// name is the type's name behind the provider's prefix.
	name, description string
	attributes        map[string]schema.Attribute
	validators        []datasource.ConfigValidator
	// find completes a configuration by what the platform says. What is wrong
	// goes to the diagnostics.
	find func(ctx context.Context, p *tfkit.Provider, config M, diags *diag.Diagnostics) M

	provider *tfkit.Provider
}

func (d *lookup[M]) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + d.name
}

func (d *lookup[M]) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{MarkdownDescription: d.description, Attributes: d.attributes}
}

func (d *lookup[M]) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return d.validators
}

func (d *lookup[M]) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.provider = tfkit.ProviderFrom(req.ProviderData, &resp.Diagnostics)
}

func (d *lookup[M]) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
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

// addLookupError says why something could not be read by its id. That it is
// not there is said in the words of whoever wrote the id.
func addLookupError(p *tfkit.Provider, noun, id string, err error, diags *diag.Diagnostics) {
	if errors.Is(err, prefactor.ErrNotFound) {
		diags.AddAttributeError(path.Root("id"), "No such "+noun, fmt.Sprintf(
			"There is no %s %s that the provider's credentials (%s) can see. Check the id, and that the credentials are of its account.", noun, id, p.TokenSource))
		return
	}
	p.AddAPIError(diags, "Cannot read the "+noun, err)
}

// addListError says why a list could not be had.
func addListError(p *tfkit.Provider, noun string, err error, diags *diag.Diagnostics, attributes ...string) {
	p.AddAPIError(diags, "Cannot list the "+noun+"s", err, attributes...)
}

// noSuch is the error of a name that is not that of one object.
func noSuch(attribute, noun, problem string, diags *diag.Diagnostics) {
	diags.AddAttributeError(path.Root(attribute), "No such "+noun, problem)
}

// computed is an attribute that the platform fills in.
func computed(description string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, Computed: true}
}

// moment is a time that the platform fills in.
func moment(description string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description + ", in RFC 3339.", CustomType: timetypes.RFC3339Type{}, Computed: true}
}

// byID is an id to look something up by; it is filled in where another
// attribute does that.
func byID(description string) schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: description,
		Optional:            true,
		Computed:            true,
		Validators:          []validator.String{tfkit.PFID()},
	}
}

// byText is a text to look something up by, likewise.
func byText(description string) schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: description,
		Optional:            true,
		Computed:            true,
		Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
	}
}

// with gives attributes of which some are described otherwise.
func with(attributes, others map[string]schema.Attribute) map[string]schema.Attribute {
	maps.Copy(attributes, others)
	return attributes
}
