package token

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// namedModel is a token with the names that the platform's own pages show.
type namedModel struct {
	viewModel

	AgentName       types.String `tfsdk:"agent_name"`
	EnvironmentName types.String `tfsdk:"environment_name"`
	ScopeLabel      types.String `tfsdk:"scope_label"`
}

// namedAttributes describes the fields of namedModel.
func namedAttributes() map[string]schema.Attribute {
	attributes := viewAttributes()
	for name, description := range map[string]string{
		"agent_name":       "The name of the agent; null without `resolve_names`, and where there is no such agent any more.",
		"environment_name": "The name of the environment; null without `resolve_names`, and where there is no such environment any more.",
		"scope_label": "The scope as the platform's pages show it: `Account`, `Environment (production)`, `Agent deployment (support-bot · production)`. " +
			"What is not there any more stands with its id. Null without `resolve_names`.",
	} {
		attributes[name] = schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	return attributes
}

// names are those of agents and environments, by id.
type names struct{ agents, environments map[string]string }

// lookUpNames gives the names of what the tokens refer to.
func lookUpNames(ctx context.Context, there *inventory.Inventory, tokens []prefactor.Token) (names, error) {
	n := names{agents: map[string]string{}, environments: map[string]string{}}
	accounts, anyAgent := map[string]bool{}, false
	for _, t := range tokens {
		anyAgent = anyAgent || t.AgentID.Value != ""
		if t.EnvironmentID.Value != "" && t.AccountID.Value != "" {
			accounts[t.AccountID.Value] = true
		}
	}
	if anyAgent {
		agents, err := there.Agents(ctx)
		if err != nil {
			return n, err
		}
		for _, a := range agents {
			n.agents[a.ID] = a.Name.Value
		}
	}
	for account := range accounts {
		environments, err := there.Environments(ctx, account)
		if err != nil {
			return n, err
		}
		for _, e := range environments {
			n.environments[e.ID] = e.Name.Value
		}
	}
	return n, nil
}

// name gives a token its names. It works on no names as well, with nulls.
func (n *names) name(v viewModel) namedModel {
	m := namedModel{viewModel: v, AgentName: types.StringNull(), EnvironmentName: types.StringNull(), ScopeLabel: types.StringNull()}
	if n == nil {
		return m
	}
	agent, environment := v.AgentID.ValueString(), v.EnvironmentID.ValueString()
	if found := n.agents[agent]; found != "" {
		agent, m.AgentName = found, types.StringValue(found)
	}
	if found := n.environments[environment]; found != "" {
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
