package token

import (
	"context"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// filter is which tokens a person wants to see, of all tokens.
type filter struct {
	commonFilter

	Scope         types.String `tfsdk:"scope"`
	AgentID       types.String `tfsdk:"agent_id"`
	EnvironmentID types.String `tfsdk:"environment_id"`
}

// commonFilter has the filters that make sense for tokens of one kind as well,
// which is what a list resource lists.
type commonFilter struct {
	Status        types.String         `tfsdk:"status"`
	ExpiresWithin timetypes.GoDuration `tfsdk:"expires_within"`
	UnusedFor     timetypes.GoDuration `tfsdk:"unused_for"`
	NeverUsed     types.Bool           `tfsdk:"never_used"`
	CreatedBefore timetypes.RFC3339    `tfsdk:"created_before"`
}

// filterAttributes describes the fields of filter.
func filterAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
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
		"expires_within": schema.StringAttribute{
			MarkdownDescription: "Only tokens that are going to expire within this time from now, as a duration such as `336h` (14 days). " +
				"Those that have expired already are left out. Their status plays no part: add `status = \"active\"` for those that still authenticate.",
			CustomType: timetypes.GoDurationType{},
			Optional:   true,
			Validators: []validator.String{tfkit.PositiveDuration()},
		},
		"unused_for": schema.StringAttribute{
			MarkdownDescription: "Only tokens that have not authenticated for this long, as a duration such as `2160h` (90 days). A token that never did counts from its creation.",
			CustomType:          timetypes.GoDurationType{},
			Optional:            true,
			Validators:          []validator.String{tfkit.PositiveDuration()},
		},
		"never_used": schema.BoolAttribute{
			MarkdownDescription: "`true`: only tokens that have never authenticated; `false`: only those that have.",
			Optional:            true,
		},
		"created_before": schema.StringAttribute{
			MarkdownDescription: "Only tokens that were created before this time, in RFC 3339, such as `2027-01-01T00:00:00Z`.",
			CustomType:          timetypes.RFC3339Type{},
			Optional:            true,
		},
	}
}

// list gives the tokens of an account that match, oldest first and with every
// field. No account is the provider's default one.
func (f filter) list(ctx context.Context, p *tfkit.Provider, account string) ([]prefactor.Token, error) {
	account, err := p.Account(account)
	if err != nil {
		return nil, err
	}
	tokens, err := p.API.Tokens(ctx, account)
	if err == nil {
		tokens, err = complete(ctx, p.API, tokens)
	}
	if err != nil {
		return nil, err
	}
	now := p.API.Now()
	return slices.DeleteFunc(tokens, func(t prefactor.Token) bool { return !f.matches(view(t), now) }), nil
}

func (f filter) matches(v viewModel, now time.Time) bool {
	for _, c := range []struct{ want, is types.String }{
		{f.Scope, v.Scope}, {f.Status, v.Status}, {f.AgentID, v.AgentID}, {f.EnvironmentID, v.EnvironmentID},
	} {
		if !c.want.IsNull() && !c.want.Equal(c.is) {
			return false
		}
	}
	used := !v.LastUsedAt.IsNull()
	created := timeOf(v.CreatedAt)
	switch {
	case !f.ExpiresWithin.IsNull() && !endsWithin(v, now, durationOr(f.ExpiresWithin, 0)),
		!f.NeverUsed.IsNull() && f.NeverUsed.ValueBool() == used,
		!f.CreatedBefore.IsNull() && !created.Before(timeOf(f.CreatedBefore)):
		return false
	}
	idle := created
	if used {
		idle = timeOf(v.LastUsedAt)
	}
	return f.UnusedFor.IsNull() || now.Sub(idle) >= durationOr(f.UnusedFor, 0)
}

// endsWithin tells whether a token has not expired yet and is going to within d.
func endsWithin(v viewModel, now time.Time, d time.Duration) bool {
	left := timeOf(v.ExpiresAt).Sub(now)
	return !v.ExpiresAt.IsNull() && left > 0 && left <= d
}

// complete asks one by one for the deployment tokens whose rows lack the agent.
// Tokens deleted meanwhile are left out.
func complete(ctx context.Context, api tfkit.API, tokens []prefactor.Token) ([]prefactor.Token, error) {
	return tfkit.Complete(ctx, tokens, hasAgent, func(ctx context.Context, row prefactor.Token) (prefactor.Token, error) {
		return api.Token(ctx, row.ID)
	})
}

// hasAgent tells that the agent of a token is known, or that it has none.
func hasAgent(t prefactor.Token) bool {
	return t.AgentID.Present || t.Scope.Value == prefactor.ScopeAccount
}
