package token

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// filter is which tokens a person wants to see, of all tokens.
type filter struct {
	deploymentFilter

	Scope types.String `tfsdk:"scope"`
}

// deploymentFilter has the filters for deployment tokens.
type deploymentFilter struct {
	commonFilter

	AgentID       types.String `tfsdk:"agent_id"`
	EnvironmentID types.String `tfsdk:"environment_id"`
}

// commonFilter has the filters for all kinds of tokens.
type commonFilter struct {
	// AccountID is the account to list; null is the provider's default one.
	AccountID     types.String `tfsdk:"account_id"`
	Status        types.String `tfsdk:"status"`
	Expired       types.Bool   `tfsdk:"expired"`
	ExpiresWithin types.String `tfsdk:"expires_within"`
	UnusedFor     types.String `tfsdk:"unused_for"`
	NeverUsed     types.Bool   `tfsdk:"never_used"`
	CreatedBefore types.String `tfsdk:"created_before"`

	creatorFilter
}

// filterAttributes describes the fields of filter.
func filterAttributes() map[string]schema.Attribute {
	text := func(description string, validators ...validator.String) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Optional: true, Validators: validators}
	}
	flag := func(description string) schema.BoolAttribute {
		return schema.BoolAttribute{MarkdownDescription: description, Optional: true}
	}
	return map[string]schema.Attribute{
		"account_id":              text("The account to list. By default the provider's `account_id`, else whatever the provider's own token can see.", tfkit.PFID()),
		"created_by":              text(createdByDescription, userValidator{}),
		"created_by_removed_user": flag(removedUserDescription),
		"scope": text("Only tokens of this scope: `account`, `agent_deployment` or the legacy `environment`.",
			stringvalidator.OneOf(prefactor.ScopeAccount, prefactor.ScopeAgentDeployment, prefactor.ScopeEnvironment)),
		"status": text("Only tokens with this status: `active`, `suspended` or `revoked`. A token that has expired may still be `active`: see `expired`.",
			stringvalidator.OneOf(prefactor.StatusActive, prefactor.StatusSuspended, prefactor.StatusRevoked)),
		"agent_id":       text("Only tokens of this agent.", tfkit.PFID()),
		"environment_id": text("Only tokens of this environment.", tfkit.PFID()),
		"expired":        flag("`true`: only tokens that have expired; `false`: only those that have not."),
		"expires_within": text("Only tokens that expire within this time from now, as a duration such as `336h` (14 days). "+
			"Excludes tokens that have already expired. Includes suspended and revoked tokens: add `status = \"active\"` to list only those that still work.", tfkit.PositiveDuration()),
		"unused_for": text("Only tokens that were not used for this time, as a duration such as `2160h` (90 days). For a token that was never used, the time since its creation counts.",
			tfkit.PositiveDuration()),
		"never_used":     flag("`true`: only tokens that were never used; `false`: only those that were used."),
		"created_before": text("Only tokens that were created before this time, in RFC 3339, such as `2027-01-01T00:00:00Z`.", tfkit.Timestamp()),
	}
}

// list gives the tokens of the account that match, oldest first. The agents of the
// tokens are only there where the list has them, or the filter needs them.
func (f filter) list(ctx context.Context, p *tfkit.Provider) ([]prefactor.Token, error) {
	account, err := p.Account(f.AccountID.ValueString())
	if err != nil {
		return nil, err
	}
	tokens, err := p.API.Tokens(ctx, account)
	if account != "" && len(tokens) == 0 && (err == nil || errors.Is(err, prefactor.ErrNotFound) || errors.Is(err, prefactor.ErrRejected)) {
		// The API may respond with an empty list to an id that is not an account's.
		err = cmp.Or(tfkit.CheckAccount(ctx, p.API, account), err)
	}
	if err != nil {
		return nil, err
	}
	now := p.API.Now()
	tokens = slices.DeleteFunc(tokens, func(t prefactor.Token) bool { return !f.matches(view(t, now), now) })
	if tokens, err = f.byCreator(ctx, p.Inventory, tokens); err != nil {
		return nil, err
	}
	return ofAgent(ctx, f.AgentID.ValueString(), tokens, func(ctx context.Context, agent string) ([]prefactor.Deployment, error) {
		deployments, err := p.Inventory.Deployments.List(ctx, agent)
		if errors.Is(err, prefactor.ErrNotFound) {
			err = nil // An agent that does not exist has no tokens.
		}
		return deployments, err
	})
}

// matches looks at what each row of a list says.
func (f filter) matches(v viewModel, now time.Time) bool {
	for _, c := range []struct{ want, is types.String }{
		{f.Scope, v.Scope}, {f.Status, v.Status}, {f.EnvironmentID, v.EnvironmentID},
	} {
		if !c.want.IsNull() && !c.want.Equal(c.is) {
			return false
		}
	}
	used := !v.LastUsedAt.IsNull()
	created := timeOf(v.CreatedAt)
	switch {
	case !f.ExpiresWithin.IsNull() && !isWithin(now, tfkit.DurationOr(f.ExpiresWithin, 0), timeOf(v.ExpiresAt)),
		!f.Expired.IsNull() && !f.Expired.Equal(v.Expired),
		!f.NeverUsed.IsNull() && f.NeverUsed.ValueBool() == used,
		!f.CreatedBefore.IsNull() && !created.Before(timeOf(f.CreatedBefore)):
		return false
	}
	idle := created
	if used {
		idle = timeOf(v.LastUsedAt)
	}
	return f.UnusedFor.IsNull() || now.Sub(idle) >= tfkit.DurationOr(f.UnusedFor, 0)
}
