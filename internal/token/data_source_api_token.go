package token

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

var _ datasource.DataSourceWithConfigure = (*tokenDataSource)(nil)

// NewAPITokenData is the data source prefactor_api_token.
func NewAPITokenData() datasource.DataSource { return &tokenDataSource{} }

type tokenDataSource struct {
	provider *tfkit.Provider
}

// noSuchToken says that the API does not have a token.
func noSuchToken(p *tfkit.Provider, id string) string {
	return fmt.Sprintf("There is no token %s that the provider's credentials (%s) can see. Check the id, and check that the credentials belong to the token's account.", id, p.TokenSource)
}

type tokenModel struct {
	namedModel

	ResolveNames types.Bool `tfsdk:"resolve_names"`
}

func (d *tokenDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_api_token"
}

func (d *tokenDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := namedAttributes()
	attributes["resolve_names"] = resolveNames()
	attributes["id"] = schema.StringAttribute{
		MarkdownDescription: "The id (PFID) of the token to look up.",
		Required:            true,
		Validators:          []validator.String{tfkit.PFID()},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "One API token of any scope, by its id, with its last use and expiry. Does not include the token value, which the API does not return.",
		Attributes:          attributes,
	}
}

func (d *tokenDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.provider = tfkit.ProviderFrom(req.ProviderData, &resp.Diagnostics)
}

func (d *tokenDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m tokenModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() || !d.provider.Ready(&resp.Diagnostics) {
		return
	}
	t, err := d.provider.API.Token(ctx, m.ID.ValueString())
	if errors.Is(err, prefactor.ErrNotFound) {
		resp.Diagnostics.AddAttributeError(path.Root("id"), "No such token", noSuchToken(d.provider, m.ID.ValueString()))
		return
	}
	if err != nil {
		d.provider.AddAPIError(&resp.Diagnostics, "Cannot read the token", err)
		return
	}
	one := []prefactor.Token{t}
	known, err := resolve(ctx, d.provider, one, m.ResolveNames.ValueBool())
	if err != nil {
		d.provider.AddAPIError(&resp.Diagnostics, "Cannot look up what the token refers to", err, "resolve_names")
		return
	}
	m.namedModel = known.name(view(one[0], d.provider.API.Now()))
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}
