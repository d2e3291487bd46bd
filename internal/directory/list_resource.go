package directory

import (
	"context"
	"errors"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// NewEnvironmentList is the list resource prefactor_environment.
func NewEnvironmentList() list.ListResource {
	return &objectList[managedEnvironment, prefactor.Environment]{
		object: object[managedEnvironment, prefactor.Environment]{kind: environmentKind()},
		filter: "account_id", filterText: "The account to list. By default the provider's `account_id`, else the only account that the provider's own token can see.",
		title: func(_ context.Context, _ *tfkit.Provider, e prefactor.Environment) string {
			return environments().entry(e).String()
		},
	}
}

// NewAgentList is the list resource prefactor_agent.
func NewAgentList() list.ListResource {
	return &objectList[managedAgent, prefactor.Agent]{
		object: object[managedAgent, prefactor.Agent]{kind: agentKind()},
		filter: "risk_profile_id", filterText: "List only the agents that use this risk profile.",
		title: func(_ context.Context, _ *tfkit.Provider, a prefactor.Agent) string {
			return agents().entry(a).String()
		},
	}
}

// NewAgentDeploymentList is the list resource prefactor_agent_deployment.
func NewAgentDeploymentList() list.ListResource {
	return &objectList[managedDeployment, prefactor.Deployment]{
		object: object[managedDeployment, prefactor.Deployment]{kind: deploymentKind()},
		filter: "agent_id", filterText: "List only the deployments of this agent. By default those of all agents, with one request for each agent.",
		title: deploymentTitle,
	}
}

// objectList lists the objects that the managed resource of the same type can
// manage. The type name is the resource's.
type objectList[M, T any] struct {
	object[M, T]

	// filter is the argument that selects objects, an id.
	filter, filterText string
	// title is the name of an object in the output of a query.
	title func(context.Context, *tfkit.Provider, T) string
}

func (l *objectList[M, T]) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists " + l.kind.noun + "s, oldest first, so that Terraform can manage them: `terraform query` shows them, and " +
			"`terraform query -generate-config-out=" + l.kind.name + "s.tf` writes `resource` and `import` blocks for them, which plan without a change.\n\n" +
			"Needs Terraform 1.14 or newer. For older versions and for OpenTofu, use the data source [`" + l.kind.typeName() + "s`](../data-sources/" + l.kind.name + "s.md).",
		Attributes: map[string]schema.Attribute{
			l.filter: schema.StringAttribute{MarkdownDescription: l.filterText, Optional: true, Validators: []validator.String{tfkit.PFID()}},
		},
	}
}

func (l *objectList[M, T]) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var diags diag.Diagnostics
	var selected types.String
	diags.Append(req.Config.GetAttribute(ctx, path.Root(l.filter), &selected)...)
	var rows []T
	if !diags.HasError() && l.provider.Ready(&diags) {
		rows = l.listed(ctx, &selected, &diags)
	}
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	if req.Limit > 0 && int64(len(rows)) > req.Limit {
		rows = rows[:req.Limit]
	}
	stream.Results = func(push func(list.ListResult) bool) {
		for _, row := range rows {
			if !push(l.result(ctx, req, row)) {
				return
			}
		}
	}
}

// listed are the objects that a filter selects; without an agent, the deployments of
// all agents.
func (l *objectList[M, T]) listed(ctx context.Context, filter *types.String, diags *diag.Diagnostics) []T {
	if l.kind.of != ofAgent || !filter.IsNull() {
		return l.kind.rows(ctx, l.provider, l.filter, filter, diags)
	}
	all, err := l.provider.Inventory.Agents.List(ctx, "")
	if err != nil {
		l.provider.AddAPIError(diags, "Cannot list the agents", err)
	}
	var rows []T
	for _, a := range all {
		of := types.StringValue(a.ID)
		rows = append(rows, l.kind.rows(ctx, l.provider, l.filter, &of, diags)...)
		if diags.HasError() {
			break
		}
	}
	return rows
}

// result is an object as a query shows it, and as an import would have it.
func (l *objectList[M, T]) result(ctx context.Context, req list.ListRequest, row T) list.ListResult {
	result := req.NewListResult(ctx)
	result.DisplayName = l.title(ctx, l.provider, row)
	var m M
	m = merge(m, row)
	if req.IncludeResource && l.kind.listed != nil {
		// Records of this list are not complete.
		found, err := l.kind.readListed(ctx, l.provider.API, m)
		if err != nil && !errors.Is(err, prefactor.ErrNotFound) {
			l.provider.AddAPIError(&result.Diagnostics, "Cannot read the "+l.kind.noun, err)
		}
		if err == nil {
			m = merge(m, found)
		}
	}
	l.identify(ctx, result.Identity, m, &result.Diagnostics)
	if req.IncludeResource {
		result.Diagnostics.Append(result.Resource.Set(ctx, &m)...)
	}
	return result
}

// deploymentTitle has the names of the agent and the environment, or their ids if the
// names are not available.
func deploymentTitle(ctx context.Context, p *tfkit.Provider, d prefactor.Deployment) string {
	agent, environment := d.AgentID.Value, d.EnvironmentID.Value
	all, _ := p.Inventory.Agents.List(ctx, "")
	for _, a := range all {
		if a.ID == agent && a.Name.Value != "" {
			agent = quoted(a.Name.Value)
		}
	}
	places, _ := p.Inventory.Environments.List(ctx, d.AccountID.Value)
	for _, e := range places {
		if e.ID == environment && e.Name.Value != "" {
			environment = quoted(e.Name.Value)
		}
	}
	return strings.Join([]string{agent, "in", environment, "(" + d.ID + ")"}, " ")
}
