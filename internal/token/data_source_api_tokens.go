package token

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"golang.org/x/sync/errgroup"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

var _ datasource.DataSourceWithConfigure = (*tokensDataSource)(nil)

// NewAPITokens is the data source prefactor_api_tokens.
func NewAPITokens() datasource.DataSource { return &tokensDataSource{} }

type tokensDataSource struct {
	provider *tfkit.Provider
}

type tokensModel struct {
	AccountID     types.String `tfsdk:"account_id"`
	Scope         types.String `tfsdk:"scope"`
	Status        types.String `tfsdk:"status"`
	AgentID       types.String `tfsdk:"agent_id"`
	EnvironmentID types.String `tfsdk:"environment_id"`
	Tokens        []viewModel  `tfsdk:"tokens"`
}

func (d *tokensDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_api_tokens"
}

func (d *tokensDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Every API token of an account: account, deployment and legacy environment tokens, with their last use and expiry. " +
			"Never with their values, which the platform does not show.",
		Attributes: map[string]schema.Attribute{
			"account_id": schema.StringAttribute{
				MarkdownDescription: "The account to list. By default the provider's `account_id`, else whatever the provider's own token can see.",
				Optional:            true,
				Validators:          []validator.String{tfkit.PFID()},
			},
			"scope": schema.StringAttribute{
				MarkdownDescription: "Only tokens of this scope: `account`, `agent_deployment` or the legacy `environment`.",
				Optional:            true,
				Validators: []validator.String{
					stringvalidator.OneOf(prefactor.ScopeAccount, prefactor.ScopeAgentDeployment, prefactor.ScopeEnvironment),
				},
			},
			"status": schema.StringAttribute{
				MarkdownDescription: "Only tokens in this state: `active`, `suspended` or `revoked`. A token that has expired may still be `active`: see `expires_at`.",
				Optional:            true,
				Validators: []validator.String{
					stringvalidator.OneOf(prefactor.StatusActive, prefactor.StatusSuspended, prefactor.StatusRevoked),
				},
			},
			"agent_id": schema.StringAttribute{
				MarkdownDescription: "Only tokens of this agent.",
				Optional:            true,
				Validators:          []validator.String{tfkit.PFID()},
			},
			"environment_id": schema.StringAttribute{
				MarkdownDescription: "Only tokens of this environment.",
				Optional:            true,
				Validators:          []validator.String{tfkit.PFID()},
			},
			"tokens": schema.ListNestedAttribute{
				MarkdownDescription: "The tokens, oldest first.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: viewAttributes()},
			},
		},
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
	account := m.AccountID.ValueString()
	if account == "" {
		account = d.provider.AccountID
	}
	tokens, err := d.provider.API.Tokens(ctx, account)
	if err == nil {
		tokens, err = complete(ctx, d.provider.API, tokens)
	}
	if err != nil {
		d.provider.AddAPIError(&resp.Diagnostics, "Cannot list the tokens", err, "account_id")
		return
	}
	m.Tokens = []viewModel{}
	for _, t := range tokens {
		v := view(t)
		if m.matches(v) {
			m.Tokens = append(m.Tokens, v)
		}
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

func (m tokensModel) matches(v viewModel) bool {
	for _, f := range []struct{ want, is types.String }{
		{m.Scope, v.Scope}, {m.Status, v.Status}, {m.AgentID, v.AgentID}, {m.EnvironmentID, v.EnvironmentID},
	} {
		if !f.want.IsNull() && !f.want.Equal(f.is) {
			return false
		}
	}
	return true
}

// complete asks one by one for the tokens whose rows lack fields: a missing
// last use is not "never used". Tokens deleted meanwhile are left out.
func complete(ctx context.Context, api tfkit.API, tokens []prefactor.Token) ([]prefactor.Token, error) {
	gone := make([]bool, len(tokens))
	group, ctx := errgroup.WithContext(ctx)
	// The client caps the requests in flight; this only caps the goroutines.
	group.SetLimit(32)
	for i, row := range tokens {
		if row.Complete() {
			continue
		}
		group.Go(func() error {
			t, err := api.Token(ctx, row.ID)
			if errors.Is(err, prefactor.ErrNotFound) {
				gone[i] = true
				return nil
			}
			if err == nil {
				tokens[i] = t
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	kept := make([]prefactor.Token, 0, len(tokens))
	for i, t := range tokens {
		if !gone[i] {
			kept = append(kept, t)
		}
	}
	return kept, nil
}
