package token

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

var _ datasource.DataSourceWithConfigure = (*tokensDataSource)(nil)

// NewAPITokens is the data source prefactor_api_tokens.
func NewAPITokens() datasource.DataSource { return &tokensDataSource{} }

type tokensDataSource struct {
	provider *tfkit.Provider
}

type tokensModel struct {
	filter

	ResolveNames types.Bool   `tfsdk:"resolve_names"`
	Tokens       []namedModel `tfsdk:"tokens"`
}

func (d *tokensDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_api_tokens"
}

func (d *tokensDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := filterAttributes()
	attributes["resolve_names"] = resolveNames()
	attributes["tokens"] = schema.ListNestedAttribute{
		MarkdownDescription: "The tokens, oldest first.",
		Computed:            true,
		NestedObject:        schema.NestedAttributeObject{Attributes: namedAttributes()},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Every API token of an account: account, deployment and legacy environment tokens, with their last use and expiry. " +
			"Does not include the token values, which the API does not return.",
		Attributes: attributes,
	}
}

func (d *tokensDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.provider = tfkit.ProviderFrom(req.ProviderData, &resp.Diagnostics)
}

func (d *tokensDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m tokensModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() || !d.provider.Ready(&resp.Diagnostics) {
		return
	}
	tokens, err := m.list(ctx, d.provider)
	if err != nil {
		d.provider.AddAPIError(&resp.Diagnostics, "Cannot list the tokens", err, "account_id")
		return
	}
	known, err := resolve(ctx, d.provider, tokens, m.ResolveNames.ValueBool())
	if err != nil {
		d.provider.AddAPIError(&resp.Diagnostics, "Cannot look up what the tokens refer to", err, "resolve_names")
		return
	}
	m.Tokens = []namedModel{}
	now := d.provider.API.Now()
	for _, t := range tokens {
		m.Tokens = append(m.Tokens, known.name(view(t, now)))
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}
