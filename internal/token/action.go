package token

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

var (
	_ action.ActionWithConfigure      = (*tokenAction)(nil)
	_ action.ActionWithModifyPlan     = (*tokenAction)(nil)
	_ action.ActionWithValidateConfig = (*tokenAction)(nil)
)

// verb is what an action does to tokens.
type verb struct {
	// step is the platform's word for it, and goal what comes of it.
	step step
	goal goal
	// past is the word for a token to which it was done.
	past string
	// already says of which other tokens the goal is reached, for the documentation.
	already string
	// from are the statuses of the tokens that a filter matches.
	from []string
	// description opens the documentation page.
	description string
}

// NewActivateToken is the action prefactor_activate_token.
func NewActivateToken() action.Action {
	return &tokenAction{verb: verb{
		step: stepActivate,
		past: "activated",
		goal: goalActive,
		from: []string{prefactor.StatusSuspended},
		description: "Activates suspended tokens: they work again, with the same value. A revoked token cannot be activated.\n\n" +
			"If a resource manages the token with `status = \"suspended\"`, its next apply suspends the token again.",
	}}
}

// NewSuspendToken is the action prefactor_suspend_token.
func NewSuspendToken() action.Action {
	return &tokenAction{verb: verb{
		step: stepSuspend,
		past: "suspended",
		goal: goalSuspended,
		from: []string{prefactor.StatusActive},
		// It authenticates nobody, which is what a suspension is for.
		already: ", and neither is a revoked token",
		description: "Suspends tokens: they stop working immediately, and `prefactor_activate_token` can undo this. Use this action if it is not certain " +
			"that a token has leaked, or what uses it.\n\n" +
			"If a resource manages the token with `status = \"active\"`, its next apply activates the token again. If no status is configured, the token stays suspended, and each plan warns of it.",
	}}
}

// NewRevokeToken is the action prefactor_revoke_token.
func NewRevokeToken() action.Action {
	return &tokenAction{verb: verb{
		step: stepRevoke,
		past: "revoked",
		goal: goalRevoked,
		from: []string{prefactor.StatusActive, prefactor.StatusSuspended},
		description: "Revokes tokens: they stop working immediately, which cannot be undone. The API keeps their records for audits.\n\n" +
			"If a resource manages the token, its next apply creates a new one, with another value.",
	}}
}

// tokenAction changes the state of existing tokens, also of those that Terraform does not manage.
type tokenAction struct {
	verb     verb
	provider *tfkit.Provider
}

// actionModel says which tokens an action is for: by id, by ids or by a filter.
type actionModel struct {
	ID            types.String `tfsdk:"id"`
	IDs           types.List   `tfsdk:"ids"`
	AgentID       types.String `tfsdk:"agent_id"`
	EnvironmentID types.String `tfsdk:"environment_id"`
	Scope         types.String `tfsdk:"scope"`
	ConfirmCount  types.Int64  `tfsdk:"confirm_count"`

	creatorFilter
}

func (a *tokenAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + string(a.verb.step) + "_token"
}

func (a *tokenAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	filter := func(description string, validators ...validator.String) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description + " Needs `confirm_count`.", Optional: true, Validators: validators}
	}
	tokensOf := func(whose string) string {
		return fmt.Sprintf("A filter: the %s tokens of this %s. A token must match all filters.", strings.Join(a.verb.from, " and "), whose)
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: a.verb.description + "\n\n" +
			"Select the tokens with exactly one of `id`, `ids` and a filter. They can have any scope, including the legacy scope `environment`, and do not have to be managed by a resource. " +
			"A token that is already " + string(a.verb.goal) + " is not an error" + a.verb.already + ". If one token fails, the action continues with the others; " +
			"an error at the end shows which tokens were " + a.verb.past + " and which were not.\n\n" +
			"`terraform apply -invoke=action.<type>.<name>` runs only the action. An `action_trigger` block in the `lifecycle` of a resource runs it before or after the resource is created or updated; " +
			"a rotation is an update. If an action fails before the change, the change is not made. If it fails after the change, the apply fails, the change stays, and the next apply does not repeat the action. " +
			"Up to Terraform 1.15 there are no events for a destroy and no `on_failure`.\n\n" +
			"Actions need Terraform 1.14 or newer. OpenTofu does not have them.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				MarkdownDescription: "The id (PFID) of the token, not the token value.",
				Optional:            true,
			},
			"ids": schema.ListAttribute{
				MarkdownDescription: "The ids (PFIDs) of several tokens, each once.",
				ElementType:         types.StringType,
				Optional:            true,
			},
			"agent_id":       filter(tokensOf("agent")),
			"environment_id": filter(tokensOf("environment")),
			"scope": filter(tokensOf("scope, `account`, `agent_deployment` or the legacy `environment`"),
				stringvalidator.OneOf(prefactor.ScopeAccount, prefactor.ScopeAgentDeployment, prefactor.ScopeEnvironment)),
			"created_by": filter("A filter. "+createdByDescription, userValidator{}),
			"created_by_removed_user": schema.BoolAttribute{
				MarkdownDescription: "A filter. " + removedUserDescription + " Needs `confirm_count`.",
				Optional:            true,
			},
			"confirm_count": schema.Int64Attribute{
				MarkdownDescription: "How many tokens the filter matches. If it matches more or fewer, no changes are made, and the error lists what it matches. " +
					"`0` is a dry run that lists the tokens that the filter matches and changes nothing. Required with a filter, and only allowed with one.",
				Optional:   true,
				Validators: []validator.Int64{int64validator.AtLeast(0)},
			},
		},
	}
}

func (a *tokenAction) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.provider = tfkit.ProviderFrom(req.ProviderData, &resp.Diagnostics)
}

// load reads the configuration and checks it. Validation does not see the
// values of variables, so plan and invocation check it as well.
func (a *tokenAction) load(ctx context.Context, config tfsdk.Config, diags *diag.Diagnostics) actionModel {
	var m actionModel
	diags.Append(config.Get(ctx, &m)...)
	if !diags.HasError() {
		m.check(ctx, diags)
	}
	return m
}

func (a *tokenAction) ValidateConfig(ctx context.Context, req action.ValidateConfigRequest, resp *action.ValidateConfigResponse) {
	a.load(ctx, req.Config, &resp.Diagnostics)
}

// ModifyPlan asks nothing of the platform: what matters is how things are when
// the action runs.
func (a *tokenAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	a.load(ctx, req.Config, &resp.Diagnostics)
}

// filters are the arguments that choose tokens by what they are.
func (m actionModel) filters() []attr.Value {
	return []attr.Value{m.AgentID, m.EnvironmentID, m.Scope, m.CreatedBy, m.CreatedByRemovedUser}
}

// given counts the values that are there, and those that may yet turn out to be.
func given(values ...attr.Value) (there, open int) {
	for _, v := range values {
		switch {
		case v.IsUnknown():
			open++
		case !v.IsNull():
			there++
		}
	}
	return there, open
}

// check finds a choice of tokens that is none, or more than one.
func (m actionModel) check(ctx context.Context, diags *diag.Diagnostics) {
	const ways = "Set exactly one of: id; ids; a filter (agent_id, environment_id, scope, created_by, created_by_removed_user) together with confirm_count."
	named, maybeNamed := given(m.ID, m.IDs)
	filters, maybeFilters := given(m.filters()...)
	switch {
	case named > 1:
		diags.AddAttributeError(path.Root("ids"), "Conflicting token arguments", "Both id and ids are set. "+ways)
	case named > 0 && filters > 0:
		diags.AddError("Conflicting token arguments", "Both token ids and a filter are set. "+ways)
	case named+filters+maybeNamed+maybeFilters == 0:
		diags.AddError("No tokens given", "The action does not say which tokens it is for. "+ways)
	case filters > 0 && m.ConfirmCount.IsNull():
		diags.AddAttributeError(path.Root("confirm_count"), "Number of tokens not confirmed",
			"A filter needs confirm_count, the number of tokens that it matches. If you do not know it, set confirm_count = 0 and invoke the action: this lists the tokens and changes nothing.")
	case named > 0 && !m.ConfirmCount.IsNull() && !m.ConfirmCount.IsUnknown():
		diags.AddAttributeError(path.Root("confirm_count"), "confirm_count without a filter", "confirm_count is only for a filter. Delete it, because id or ids already select the tokens.")
	}
	m.checkIDs(ctx, diags)
}

// checkIDs finds what is no id, and ids that are there twice.
func (m actionModel) checkIDs(ctx context.Context, diags *diag.Diagnostics) {
	with := func(v validator.String, at path.Path, id types.String) {
		resp := validator.StringResponse{}
		v.ValidateString(ctx, validator.StringRequest{Path: at, ConfigValue: id}, &resp)
		diags.Append(resp.Diagnostics...)
	}
	check := func(at path.Path, id types.String) { with(tfkit.PFID(), at, id) }
	check(path.Root("id"), m.ID)
	check(path.Root("agent_id"), m.AgentID)
	check(path.Root("environment_id"), m.EnvironmentID)
	with(userValidator{}, path.Root("created_by"), m.CreatedBy)
	if m.IDs.IsNull() || m.IDs.IsUnknown() {
		return
	}
	if len(m.IDs.Elements()) == 0 {
		diags.AddAttributeError(path.Root("ids"), "No tokens given", "ids is empty. Give the ids of the tokens, or use the argument id for a single one.")
	}
	seen := map[string]int{}
	for i, e := range m.IDs.Elements() {
		id, _ := e.(types.String)
		if id.IsUnknown() {
			continue
		}
		at := path.Root("ids").AtListIndex(i)
		// A null in the list is no id either.
		check(at, types.StringValue(id.ValueString()))
		if first, ok := seen[id.ValueString()]; ok {
			diags.AddAttributeError(at, "Duplicate token id", fmt.Sprintf("ids[%d] and ids[%d] are the same. Give each token once.", first, i))
		}
		seen[id.ValueString()] = i
	}
}
