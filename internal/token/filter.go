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

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
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
	return map[string]schema.Attribute{
		"created_by": schema.StringAttribute{
			MarkdownDescription: createdByDescription,
			Optional:            true,
			Validators:          []validator.String{userValidator{}},
		},
		"created_by_removed_user": schema.BoolAttribute{
			MarkdownDescription: removedUserDescription,
			Optional:            true,
		},
		"scope": schema.StringAttribute{
			MarkdownDescription: "Only tokens of this scope: `account`, `agent_deployment` or the legacy `environment`.",
			Optional:            true,
			Validators: []validator.String{
				stringvalidator.OneOf(prefactor.ScopeAccount, prefactor.ScopeAgentDeployment, prefactor.ScopeEnvironment),
			},
		},
		"status": schema.StringAttribute{
			MarkdownDescription: "Only tokens in this state: `active`, `suspended` or `revoked`. A token that has expired may still be `active`: see `expired`.",
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
		"expired": schema.BoolAttribute{
			MarkdownDescription: "`true`: only tokens that have expired; `false`: only those that have not.",
			Optional:            true,
		},
		"expires_within": schema.StringAttribute{
			MarkdownDescription: "Only tokens that are going to expire within this time from now, as a duration such as `336h` (14 days). " +
				"Those that have expired already are left out. Their status plays no part: add `status = \"active\"` for those that still authenticate.",
			Optional:   true,
			Validators: []validator.String{tfkit.PositiveDuration()},
		},
		"unused_for": schema.StringAttribute{
			MarkdownDescription: "Only tokens that have not authenticated for this long, as a duration such as `2160h` (90 days). A token that never did counts from its creation.",
			Optional:            true,
			Validators:          []validator.String{tfkit.PositiveDuration()},
		},
		"never_used": schema.BoolAttribute{
			MarkdownDescription: "`true`: only tokens that have never authenticated; `false`: only those that have.",
			Optional:            true,
		},
		"created_before": schema.StringAttribute{
			MarkdownDescription: "Only tokens that were created before this time, in RFC 3339, such as `2027-01-01T00:00:00Z`.",
			Optional:            true,
			Validators:          []validator.String{tfkit.Timestamp()},
		},
	}
}

// list gives the tokens of an account that match, oldest first. No account is
// the provider's default one. The agents of the tokens are only there where the
// list has them, or the filter needs them.
func (f filter) list(ctx context.Context, p *tfkit.Provider, account string) ([]prefactor.Token, error) {
	account, err := p.Account(account)
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
	there, now := p.Inventory, p.API.Now()
	tokens = slices.DeleteFunc(tokens, func(t prefactor.Token) bool { return !f.matches(view(t, now), now) })
	if tokens, err = f.byCreator(ctx, there, tokens); err != nil {
		return nil, err
	}
	return f.byAgent(ctx, there, tokens)
}

// byAgent gives the tokens of the agent that the filter names. One list of the
// agent's deployments is enough where the rows do not have it.
func (f filter) byAgent(ctx context.Context, there *inventory.Inventory, tokens []prefactor.Token) ([]prefactor.Token, error) {
	agent := f.AgentID.ValueString()
	if agent == "" {
		return tokens, nil
	}
	if slices.ContainsFunc(tokens, lacksAgent) {
		deployments, err := there.Deployments.List(ctx, agent)
		if err != nil && !errors.Is(err, prefactor.ErrNotFound) {
			return nil, err
		}
		for i, t := range tokens {
			if lacksAgent(t) && slices.ContainsFunc(deployments, func(d prefactor.Deployment) bool { return d.ID == t.AgentDeploymentID.Value }) {
				tokens[i].AgentID = prefactor.Some(agent)
			}
		}
	}
	return slices.DeleteFunc(tokens, func(t prefactor.Token) bool { return t.AgentID.Value != agent }), nil
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
	case !f.ExpiresWithin.IsNull() && !endsWithin(v, now, tfkit.DurationOr(f.ExpiresWithin, 0)),
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

// endsWithin tells whether a token has not expired yet and is going to within d.
func endsWithin(v viewModel, now time.Time, d time.Duration) bool {
	left := timeOf(v.ExpiresAt).Sub(now)
	return !v.ExpiresAt.IsNull() && left > 0 && left <= d
}
