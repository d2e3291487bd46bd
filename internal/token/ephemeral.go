package token

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

var (
	_ ephemeral.EphemeralResourceWithConfigure      = (*ephemeralToken)(nil)
	_ ephemeral.EphemeralResourceWithValidateConfig = (*ephemeralToken)(nil)
	_ ephemeral.EphemeralResourceWithClose          = (*ephemeralToken)(nil)
)

const (
	defaultEphemeralLifetime = time.Hour
	longEphemeralLifetime    = 24 * time.Hour
)

// NewEphemeralAPIToken is the ephemeral resource prefactor_api_token.
func NewEphemeralAPIToken() ephemeral.EphemeralResource { return &ephemeralToken{kind: accountToken} }

// NewEphemeralDeploymentToken is the ephemeral resource prefactor_deployment_token.
func NewEphemeralDeploymentToken() ephemeral.EphemeralResource {
	return &ephemeralToken{kind: deploymentToken}
}

// ephemeralToken is a token that exists as long as a run needs it.
type ephemeralToken struct {
	kind     kind
	provider *tfkit.Provider
}

type ephemeralBase struct {
	Issue             types.Bool        `tfsdk:"issue"`
	Lifetime          types.String      `tfsdk:"lifetime"`
	AllowLongLifetime types.Bool        `tfsdk:"allow_long_lifetime"`
	AccountID         types.String      `tfsdk:"account_id"`
	ID                types.String      `tfsdk:"id"`
	Token             types.String      `tfsdk:"token"`
	ExpiresAt         timetypes.RFC3339 `tfsdk:"expires_at"`
}

type ephemeralModel struct {
	ephemeralBase

	AgentID       types.String `tfsdk:"agent_id"`
	EnvironmentID types.String `tfsdk:"environment_id"`
}

func (e *ephemeralToken) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + e.kind.name
}

func (e *ephemeralToken) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"issue": schema.BoolAttribute{
			MarkdownDescription: "Whether to create a token. Default `true`. Terraform opens ephemeral resources in the plan too: with `issue = terraform.applying`, " +
				"the plan creates no token, and `token` is null in the plan.",
			Optional: true,
		},
		"lifetime": schema.StringAttribute{
			MarkdownDescription: "How long the token works at most, as a duration such as `15m`. Default `1h`. The token is revoked and deleted at the end of the run; " +
				"the lifetime limits how long it works if that fails. More than `24h` needs `allow_long_lifetime`.",
			Optional:   true,
			Validators: []validator.String{tfkit.PositiveDuration()},
		},
		"allow_long_lifetime": schema.BoolAttribute{
			MarkdownDescription: "Allow a `lifetime` of more than `24h`.",
			Optional:            true,
		},
		"account_id": schema.StringAttribute{
			MarkdownDescription: "The account that the token is created in. By default the provider's `account_id`, else the account of the provider's own token.",
			Optional:            true,
			Validators:          []validator.String{tfkit.PFID()},
		},
		"id": schema.StringAttribute{
			MarkdownDescription: "The token's id (PFID); null if no token was created.",
			Computed:            true,
		},
		"token": schema.StringAttribute{
			MarkdownDescription: "The token value; null if no token was created. It is never in the state or the plan.",
			Computed:            true,
			Sensitive:           true,
		},
		"expires_at": schema.StringAttribute{
			MarkdownDescription: "When the token expires unless it is revoked before, in RFC 3339; null if no token was created.",
			CustomType:          timetypes.RFC3339Type{},
			Computed:            true,
		},
	}
	if e.kind.scope == prefactor.ScopeAgentDeployment {
		attributes["agent_id"] = schema.StringAttribute{
			MarkdownDescription: "The agent that the token is issued for.",
			Required:            true,
			Validators:          []validator.String{tfkit.PFID()},
		}
		attributes["environment_id"] = schema.StringAttribute{
			MarkdownDescription: "The environment that the agent runs in.",
			Required:            true,
			Validators:          []validator.String{tfkit.PFID()},
		}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: tfkit.UpperFirst(withArticle(e.kind.noun)) + " for a single run: created when the run opens it, revoked and deleted when the run ends. " +
			"If a run fails or is interrupted, the token may not be revoked: it then works until its `lifetime` ends. The token value is never in the state or the plan. Needs Terraform 1.10 or OpenTofu 1.11.",
		Attributes: attributes,
	}
}

func (e *ephemeralToken) Configure(_ context.Context, req ephemeral.ConfigureRequest, resp *ephemeral.ConfigureResponse) {
	e.provider = tfkit.ProviderFrom(req.ProviderData, &resp.Diagnostics)
}

// load reads the configuration and checks it. Validation does not see the values of
// variables, so the opening checks it as well.
func (e *ephemeralToken) load(ctx context.Context, from tfsdk.Config, diags *diag.Diagnostics) ephemeralModel {
	var m ephemeralModel
	if e.kind.scope == prefactor.ScopeAgentDeployment {
		diags.Append(from.Get(ctx, &m)...)
	} else {
		diags.Append(from.Get(ctx, &m.ephemeralBase)...)
	}
	if !diags.HasError() {
		m.check(diags)
	}
	return m
}

func (e *ephemeralToken) save(ctx context.Context, to *tfsdk.EphemeralResultData, m ephemeralModel, diags *diag.Diagnostics) {
	if e.kind.scope == prefactor.ScopeAgentDeployment {
		diags.Append(to.Set(ctx, &m)...)
	} else {
		diags.Append(to.Set(ctx, &m.ephemeralBase)...)
	}
}

func (e *ephemeralToken) ValidateConfig(ctx context.Context, req ephemeral.ValidateConfigRequest, resp *ephemeral.ValidateConfigResponse) {
	e.load(ctx, req.Config, &resp.Diagnostics)
}

// check rejects what cannot be asked for, as far as it is known.
func (m ephemeralModel) check(diags *diag.Diagnostics) {
	tfkit.CheckSameAccount(m.AgentID, m.EnvironmentID, deploymentRule, diags)
	if m.AllowLongLifetime.IsUnknown() {
		return
	}
	if lifetime := tfkit.DurationOr(m.Lifetime, 0); lifetime > longEphemeralLifetime && !m.AllowLongLifetime.ValueBool() {
		diags.AddAttributeError(path.Root("lifetime"), "Long-lived ephemeral token", fmt.Sprintf(
			"An ephemeral token is meant for one run. If the run is killed, the token works until its lifetime ends, and %s is more than 24h. "+
				"Shorten lifetime, or set allow_long_lifetime = true.", m.Lifetime.ValueString()))
	}
}

// opened is what Close needs to find the token again. It is in private data,
// which nobody can guess or change.
type opened struct {
	ID        string `json:"id"`
	AccountID string `json:"account_id"`
	ExpiresAt string `json:"expires_at"`
}

const openedKey = "opened"

func (e *ephemeralToken) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	m := e.load(ctx, req.Config, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if !m.Issue.IsNull() && !m.Issue.ValueBool() {
		e.save(ctx, &resp.Result, m, &resp.Diagnostics)
		return
	}
	if !e.provider.Ready(&resp.Diagnostics) {
		return
	}
	account, err := e.provider.Account(m.AccountID.ValueString())
	// An agent belongs to one account only.
	if err != nil && e.kind.scope == prefactor.ScopeAccount {
		e.provider.AddAPIError(&resp.Diagnostics, "Account not known yet", err)
		return
	}
	lifetime := tfkit.DurationOr(m.Lifetime, defaultEphemeralLifetime)
	n := prefactor.NewToken{Scope: e.kind.scope, AccountID: account, AgentID: m.AgentID.ValueString(), EnvironmentID: m.EnvironmentID.ValueString()}
	created, err := minter{provider: e.provider, lifetime: lifetime}.mint(ctx, n, &resp.Diagnostics)
	if err != nil {
		addCreateError(ctx, e.provider, "Cannot create the ephemeral "+e.kind.noun, n, err, &resp.Diagnostics)
		return
	}
	expires := e.provider.API.Now().Add(lifetime)
	if created.ExpiresAt.Known() {
		expires = created.ExpiresAt.Value.Time
	}
	o := opened{ID: created.ID, AccountID: created.AccountID.Value, ExpiresAt: formatTime(expires)}
	e.provider.AtExit.Add(o.ID, func(ctx context.Context) { _ = e.remove(ctx, o) })
	raw, err := json.Marshal(o)
	if err == nil {
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, openedKey, raw)...)
	}
	m.ID = types.StringValue(created.ID)
	m.Token = types.StringValue(created.Value)
	m.ExpiresAt = timetypes.NewRFC3339ValueMust(o.ExpiresAt)
	e.save(ctx, &resp.Result, m, &resp.Diagnostics)
	if created.Value == "" {
		resp.Diagnostics.AddError("Token created without a value", fmt.Sprintf(
			"The API created token %s, but its response did not contain the token value, which the API returns only once.", created.ID))
	}
	if resp.Diagnostics.HasError() {
		// Terraform does not close what failed to open.
		e.close(ctx, o, &resp.Diagnostics)
	}
}

func (e *ephemeralToken) Close(ctx context.Context, req ephemeral.CloseRequest, resp *ephemeral.CloseResponse) {
	raw, d := req.Private.GetKey(ctx, openedKey)
	resp.Diagnostics.Append(d...)
	if len(raw) == 0 {
		return
	}
	var o opened
	if err := json.Unmarshal(raw, &o); err != nil {
		resp.Diagnostics.AddError("Ephemeral token not closed", "The private data of the ephemeral token cannot be read, so the token was not revoked and works until it expires. This is a bug in the provider; please report it.")
		return
	}
	if !e.provider.Ready(&resp.Diagnostics) {
		return
	}
	e.close(ctx, o, &resp.Diagnostics)
}

func (e *ephemeralToken) remove(ctx context.Context, o opened) error {
	_, err := lifecycle{api: e.provider.API, id: o.ID, accountID: o.AccountID}.remove(ctx, prefactor.StatusActive, time.Time{})
	return err
}

// close revokes and deletes the token, even if the run was cancelled.
func (e *ephemeralToken) close(ctx context.Context, o opened, diags *diag.Diagnostics) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tfkit.CleanupTimeout)
	defer cancel()
	err := e.remove(ctx, o)
	switch {
	case err == nil:
		e.provider.AtExit.Done(o.ID)
	case warnOfRecordLeft(diags, err):
	default:
		e.provider.AddAPIError(diags, "Ephemeral token was not revoked", fmt.Errorf(
			"%w.\n\nEphemeral %s %s could not be revoked. It works until %s unless you %s", err, e.kind.noun, o.ID, o.ExpiresAt, howToRevoke(o.ID)))
	}
}
