package token

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// namedModel is a token with the names that the platform's own pages show.
type namedModel struct {
	viewModel

	AgentName       types.String `tfsdk:"agent_name"`
	EnvironmentName types.String `tfsdk:"environment_name"`
	ScopeLabel      types.String `tfsdk:"scope_label"`
	CreatedByEmail  types.String `tfsdk:"created_by_email"`
	CreatedByName   types.String `tfsdk:"created_by_name"`
}

// namedAttributes describes the fields of namedModel.
func namedAttributes() map[string]schema.Attribute {
	attributes := viewAttributes()
	for name, description := range map[string]string{
		"agent_name":       "The name of the agent; null without `resolve_names`, and if the agent was deleted.",
		"environment_name": "The name of the environment; null without `resolve_names`, and if the environment was deleted.",
		"scope_label": "The scope as the admin page shows it: `Account`, `Environment (production)`, `Agent deployment (support-bot · production)`. " +
			"A deleted agent or environment is shown by its id. Null without `resolve_names`.",
		"created_by_email": "The email address of the user who created the token; null without `resolve_names`, and if the account no longer has this user.",
		"created_by_name":  "The name of the user who created the token; null without `resolve_names`, if the account no longer has this user, and if the user has no name.",
	} {
		attributes[name] = schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	return attributes
}

// resolveNames is the argument that asks for the names.
func resolveNames() schema.BoolAttribute {
	return schema.BoolAttribute{
		MarkdownDescription: "Whether to look up `agent_name`, `environment_name`, `scope_label`, `created_by_email` and `created_by_name`, " +
			"with one additional request each for the agents, the environments and the users. Default `false`.",
		Optional: true,
	}
}

// names are those of agents and environments, and the users, by id.
type names struct {
	inventory.Names

	users map[string]prefactor.AdminUser
}

// resolve adds the agents that the tokens lack, and gives the names of what the
// tokens refer to where that is asked for.
func resolve(ctx context.Context, p *tfkit.Provider, tokens []prefactor.Token, withNames bool) (*names, error) {
	if err := addAgents(ctx, p.Inventory, tokens); err != nil || !withNames {
		return nil, err
	}
	found, err := p.Inventory.Names(ctx, tokens)
	if err != nil {
		return nil, err
	}
	n := &names{Names: found, users: map[string]prefactor.AdminUser{}}
	created := slices.IndexFunc(tokens, func(t prefactor.Token) bool { return t.CreatedByAdminUserID.Value != "" })
	if created < 0 {
		return n, nil
	}
	// All of them are tokens of one account.
	users, err := p.Inventory.AdminUsers.List(ctx, tokens[created].AccountID.Value)
	for _, u := range users {
		n.users[u.ID] = u
	}
	return n, err
}

// name gives a token its names. It works on no names as well, with nulls.
func (n *names) name(v viewModel) namedModel {
	m := namedModel{viewModel: v}
	if n == nil {
		return m
	}
	if user, ok := n.users[v.CreatedByAdminUserID.ValueString()]; ok {
		m.CreatedByEmail = tfkit.MergeString(types.StringNull(), user.Email)
		m.CreatedByName = tfkit.MergeString(types.StringNull(), user.Name)
	}
	agent, environment := cmp.Or(v.AgentID.ValueString(), v.AgentDeploymentID.ValueString(), "unknown agent"), v.EnvironmentID.ValueString()
	if found := n.Agents[v.AgentID.ValueString()]; found != "" {
		agent, m.AgentName = found, types.StringValue(found)
	}
	if found := n.Environments[environment]; found != "" {
		environment, m.EnvironmentName = found, types.StringValue(found)
	}
	switch v.Scope.ValueString() {
	case prefactor.ScopeAccount:
		m.ScopeLabel = types.StringValue("Account")
	case prefactor.ScopeEnvironment:
		m.ScopeLabel = types.StringValue(fmt.Sprintf("Environment (%s)", environment))
	case prefactor.ScopeAgentDeployment:
		m.ScopeLabel = types.StringValue(fmt.Sprintf("Agent deployment (%s · %s)", agent, environment))
	default:
		m.ScopeLabel = v.Scope
	}
	return m
}
