// Package provider is the provider block: its schema, how it becomes a client
// of the platform, and the lists of what the provider offers.
package provider

import (
	"cmp"
	"context"
	"errors"
	"os"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/coalesce"
	"github.com/prefactordev/terraform-provider-prefactor/internal/credentials"
	"github.com/prefactordev/terraform-provider-prefactor/internal/directory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/functions"
	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
	"github.com/prefactordev/terraform-provider-prefactor/internal/token"
)

// coalesceVariable, set to "off", has every token read by a request of its own:
// for measuring and debugging.
const coalesceVariable = "PREFACTOR_COALESCE"

// Address is the provider's in the public registry.
const Address = "registry.terraform.io/prefactordev/prefactor"

// Option changes what only tests change.
type Option func(*prefactorProvider)

// WithClock has the provider take the time from now.
func WithClock(now func() time.Time) Option {
	return func(p *prefactorProvider) { p.now = now }
}

// WithRetryWait bounds the waits between repetitions of a request.
func WithRetryWait(shortest, longest time.Duration) Option {
	return func(p *prefactorProvider) { p.retryWaitMin, p.retryWaitMax = shortest, longest }
}

// WithEnvironment replaces the environment and the folders in which
// credentials are looked for.
func WithEnvironment(lookup credentials.LookupEnv, workDir, homeDir string) Option {
	return func(p *prefactorProvider) { p.lookupEnv, p.workDir, p.homeDir = lookup, workDir, homeDir }
}

// AtExit is what is to be done before the provider's process ends.
type AtExit = tfkit.AtExit

// WithAtExit has the provider register what the process must not leave behind.
func WithAtExit(a *AtExit) Option {
	return func(p *prefactorProvider) { p.atExit = a }
}

// WithAPI puts something else in the place of the platform's client.
func WithAPI(wrap func(client tfkit.API) tfkit.API) Option {
	return func(p *prefactorProvider) { p.wrap = wrap }
}

// New gives what makes the provider.
func New(version string, options ...Option) func() provider.Provider {
	return func() provider.Provider {
		p := &prefactorProvider{version: version, lookupEnv: os.LookupEnv}
		for _, o := range options {
			o(p)
		}
		return p
	}
}

type prefactorProvider struct {
	version                    string
	now                        func() time.Time
	retryWaitMin, retryWaitMax time.Duration
	lookupEnv                  credentials.LookupEnv
	workDir, homeDir           string
	atExit                     *tfkit.AtExit
	wrap                       func(tfkit.API) tfkit.API
}

type providerModel struct {
	APIToken              types.String `tfsdk:"api_token"`
	APIURL                types.String `tfsdk:"api_url"`
	AccountID             types.String `tfsdk:"account_id"`
	Profile               types.String `tfsdk:"profile"`
	ProfilesFile          types.String `tfsdk:"profiles_file"`
	MaxRetries            types.Int64  `tfsdk:"max_retries"`
	RequestTimeout        types.String `tfsdk:"request_timeout"`
	MaxConcurrentRequests types.Int64  `tfsdk:"max_concurrent_requests"`
	AllowSelfLockout      types.Bool   `tfsdk:"allow_self_lockout"`
	ExpiryWarning         types.String `tfsdk:"expiry_warning"`
}

func (p *prefactorProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "prefactor"
	resp.Version = p.version
}

func (p *prefactorProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The Prefactor provider manages the API tokens of [Prefactor](https://docs.prefactor.ai), the governance platform for AI agents.",
		Attributes: map[string]schema.Attribute{
			"api_token": schema.StringAttribute{
				MarkdownDescription: "The token that the provider authenticates with: an account token. Set the environment variable `PREFACTOR_API_TOKEN` or use a profile instead, so that the token is not in the configuration.",
				Optional:            true,
				Sensitive:           true,
			},
			"api_url": schema.StringAttribute{
				MarkdownDescription: "The address of the platform, without `/api/v1`. Also `PREFACTOR_API_URL`. Default `" + prefactor.DefaultBaseURL + "`. Must be https, except for loopback addresses.",
				Optional:            true,
			},
			"account_id": schema.StringAttribute{
				MarkdownDescription: "The default account of resources and data sources. Also `PREFACTOR_ACCOUNT_ID`. By default the account of the provider's own token.",
				Optional:            true,
			},
			"profile": schema.StringAttribute{
				MarkdownDescription: "The profile of `prefactor.json` that has the token and the address. Also `PREFACTOR_PROFILE`.",
				Optional:            true,
			},
			"profiles_file": schema.StringAttribute{
				MarkdownDescription: "The profiles file. By default `prefactor.json` at the root of the git work tree, else `~/.prefactor/prefactor.json`.",
				Optional:            true,
			},
			"max_retries": schema.Int64Attribute{
				MarkdownDescription: "How often a request is retried after a network error, 429 or 5xx. Default 5, at most 20.",
				Optional:            true,
				Validators:          []validator.Int64{int64validator.Between(0, 20)},
			},
			"request_timeout": schema.StringAttribute{
				MarkdownDescription: "The timeout of one attempt of a request, as a duration such as `45s`. Default `30s`.",
				Optional:            true,
				Validators:          []validator.String{tfkit.PositiveDuration()},
			},
			"max_concurrent_requests": schema.Int64Attribute{
				MarkdownDescription: "How many requests the provider sends at the same time, independent of Terraform's `-parallelism`. Default 6, at most 64.",
				Optional:            true,
				Validators:          []validator.Int64{int64validator.Between(1, 64)},
			},
			"expiry_warning": schema.StringAttribute{
				MarkdownDescription: "Warn of the active tokens of the account that expire within this time, as a duration such as `14d`: one warning for each plan that refreshes a token. Off by default.",
				Optional:            true,
				Validators:          []validator.String{tfkit.NonNegativeDuration()},
			},
			"allow_self_lockout": schema.BoolAttribute{
				MarkdownDescription: "Allow the provider to suspend, revoke and delete the token that it authenticates with. Default `false`.",
				Optional:            true,
			},
		},
	}
}

func (p *prefactorProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var m providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	data, ok := p.configure(m, req.TerraformVersion, &resp.Diagnostics)
	if !ok {
		return
	}
	resp.ResourceData = data
	resp.DataSourceData = data
	resp.EphemeralResourceData = data
	resp.ActionData = data
	resp.ListResourceData = data
	if data.API == nil && req.ClientCapabilities.DeferralAllowed {
		resp.Deferred = &provider.Deferred{Reason: provider.DeferredReasonProviderConfigUnknown}
	}
}

// settleWait is how long the platform is given to list what it has just made.
const settleWait = 3 * time.Second

// configure makes the client, without sending anything.
func (p *prefactorProvider) configure(m providerModel, terraformVersion string, diags *diag.Diagnostics) (*tfkit.Provider, bool) {
	data := &tfkit.Provider{AtExit: p.atExit, SettleWait: cmp.Or(p.retryWaitMax, settleWait), LookupEnv: p.lookupEnv}
	data.AccountOpen = m.AccountID.IsUnknown()
	if !data.AccountOpen {
		account, _, err := credentials.AccountID(m.AccountID.ValueStringPointer(), p.lookupEnv)
		if err != nil {
			addCredentialsError(diags, err)
			return nil, false
		}
		data.AccountID = account
	}
	if m.APIToken.IsUnknown() || m.APIURL.IsUnknown() || m.Profile.IsUnknown() || m.ProfilesFile.IsUnknown() {
		// To go on with other credentials than the ones that will be known
		// could ask the wrong account.
		return data, true
	}
	in := credentials.Input{
		APIToken:     m.APIToken.ValueStringPointer(),
		APIURL:       m.APIURL.ValueStringPointer(),
		Profile:      m.Profile.ValueStringPointer(),
		ProfilesFile: m.ProfilesFile.ValueStringPointer(),
		LookupEnv:    p.lookupEnv,
		WorkDir:      p.workDir,
		HomeDir:      p.homeDir,
	}
	if in.HomeDir == "" {
		// Without a home folder there is one place less to look at.
		in.HomeDir, _ = os.UserHomeDir()
	}
	found, err := credentials.Resolve(in)
	if err != nil {
		addCredentialsError(diags, err)
		return nil, false
	}
	for _, w := range found.Warnings {
		diags.AddWarning(w.Summary, w.Detail)
	}
	config := prefactor.Config{
		BaseURL:      found.URL,
		Token:        found.Token,
		Version:      p.version,
		UserAgent:    userAgent(p.version, terraformVersion, p.lookupEnv, diags),
		MaxRetries:   prefactor.DefaultMaxRetries,
		RetryWaitMin: p.retryWaitMin,
		RetryWaitMax: p.retryWaitMax,
		Now:          p.now,
	}
	if v := m.MaxRetries; !v.IsNull() && !v.IsUnknown() {
		config.MaxRetries = int(v.ValueInt64())
	}
	if v := m.MaxConcurrentRequests; !v.IsNull() && !v.IsUnknown() {
		config.MaxConcurrentRequests = int(v.ValueInt64())
	}
	if v := m.RequestTimeout; !v.IsNull() && !v.IsUnknown() {
		config.RequestTimeout = tfkit.DurationOr(v, 0)
	}
	if v := m.ExpiryWarning; !v.IsNull() && !v.IsUnknown() {
		data.ExpiryWarning = tfkit.DurationOr(v, 0)
	}
	if diags.HasError() {
		return nil, false
	}
	client, err := prefactor.New(config)
	if err != nil {
		diags.AddAttributeError(path.Root("api_url"), "Provider not configured", err.Error())
		return nil, false
	}
	data.API = client
	if mode, _ := p.lookupEnv(coalesceVariable); mode != "off" {
		data.API = coalesce.New(client)
	}
	if p.wrap != nil {
		data.API = p.wrap(data.API)
	}
	data.API = tfkit.WithConfirmation(data.API, p.retryWaitMax)
	data.Inventory = inventory.New(data.API)
	data.Started = data.API.Now()
	data.OwnDigest = tfkit.Digest(found.Token)
	data.OwnIDs = pfid.InJWT(found.Token)
	data.AllowSelfLockout = m.AllowSelfLockout.ValueBool()
	data.TokenSource = found.TokenSource
	return data, !diags.HasError()
}

func addCredentialsError(diags *diag.Diagnostics, err error) {
	var e *credentials.Error
	switch {
	case !errors.As(err, &e):
		diags.AddError("No credentials", err.Error())
	case e.Attribute == "", e.Attribute == "api_token":
		// With the path Terraform would print the line, and with it the token.
		diags.AddError(e.Summary, e.Detail)
	default:
		diags.AddAttributeError(path.Root(e.Attribute), e.Summary, e.Detail)
	}
}

func (p *prefactorProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		token.NewAPIToken,
		token.NewDeploymentToken,
		directory.NewEnvironment,
		directory.NewAgent,
		directory.NewAgentDeployment,
		directory.NewRiskProfile,
		directory.NewTeam,
		directory.NewPerson,
	}
}

func (p *prefactorProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		token.NewAPITokenData,
		token.NewAPITokens,
		directory.NewAccountData,
		directory.NewAccounts,
		directory.NewEnvironmentData,
		directory.NewEnvironments,
		directory.NewAgentData,
		directory.NewAgents,
		directory.NewAgentDeploymentData,
		directory.NewAgentDeployments,
		directory.NewAgentVersionData,
		directory.NewRiskProfileData,
		directory.NewRiskProfiles,
		directory.NewRiskProfileTemplate,
		directory.NewTeamData,
		directory.NewTeams,
		directory.NewPersonData,
		directory.NewPersons,
		directory.NewAdminUserData,
		directory.NewAdminUsers,
	}
}

func (p *prefactorProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{
		token.NewEphemeralAPIToken,
		token.NewEphemeralDeploymentToken,
		token.NewEphemeralTokenValue,
	}
}

func (p *prefactorProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{
		token.NewAPITokenList,
		token.NewDeploymentTokenList,
		directory.NewEnvironmentList,
		directory.NewAgentList,
		directory.NewAgentDeploymentList,
	}
}

func (p *prefactorProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{
		token.NewSuspendToken,
		token.NewActivateToken,
		token.NewRevokeToken,
	}
}

func (p *prefactorProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{
		functions.NewPFIDTime,
		functions.NewPFIDPartition,
		functions.NewIsPFID,
		functions.NewSameAccount,
		functions.NewTokenIDs,
	}
}
