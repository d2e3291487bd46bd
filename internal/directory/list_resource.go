package directory

import (
	"context"
	"errors"

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
	return listOf(environmentKind(), "account_id", "The account to list. By default the provider's `account_id`, else the only account that the provider's own token can see.")
}

// NewAgentList is the list resource prefactor_agent.
func NewAgentList() list.ListResource {
	return listOf(agentKind(), "risk_profile_id", "List only the agents that use this risk profile.")
}

// NewAgentDeploymentList is the list resource prefactor_agent_deployment.
func NewAgentDeploymentList() list.ListResource {
	l := listOf(deploymentKind(), "agent_id", "List only the deployments of this agent. By default those of all agents, with one request for each agent.")
	l.titles = deploymentTitles
	return l
}

// objectList lists the objects that the managed resource of the same type can
// manage. The type name is the resource's.
type objectList[M, T any] struct {
	object[M, T]

	// filter is the argument that selects objects, an id.
	filter, filterText string
	// titles are the names of objects in the output of a query.
	titles func(context.Context, *tfkit.Provider, []T) []string
}

// listOf is a list of objects with their names as titles.
func listOf[M, T any](k kind[M, T], filter, filterText string) *objectList[M, T] {
	return &objectList[M, T]{
		object: object[M, T]{kind: k}, filter: filter, filterText: filterText,
		titles: func(_ context.Context, _ *tfkit.Provider, rows []T) []string {
			titles := make([]string, 0, len(rows))
			for _, row := range rows {
				titles = append(titles, k.entry(row).String())
			}
			return titles
		},
	}
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
	titles := l.titles(ctx, l.provider, rows)
	stream.Results = func(push func(list.ListResult) bool) {
		for i, row := range rows {
			if !push(l.result(ctx, req, row, titles[i])) {
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
func (l *objectList[M, T]) result(ctx context.Context, req list.ListRequest, row T, title string) list.ListResult {
	result := req.NewListResult(ctx)
	result.DisplayName = title
	var m M
	m = merge(m, row)
	if req.IncludeResource && l.kind.listed != nil {
		// Records of this list are not complete.
		found, err := l.kind.readListed(ctx, l.provider.Inventory, m)
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

// deploymentTitles have the names of the agents and the environments, or their ids
// if the names are not available.
func deploymentTitles(ctx context.Context, p *tfkit.Provider, rows []prefactor.Deployment) []string {
	scopes := make([]prefactor.Token, 0, len(rows))
	for _, d := range rows {
		scopes = append(scopes, prefactor.Token{AgentID: d.AgentID, EnvironmentID: d.EnvironmentID, AccountID: d.AccountID})
	}
	names, _ := p.Inventory.Names(ctx, scopes)
	titled := func(name, id string) string {
		if name == "" {
			return id
		}
		return quoted(name)
	}
	titles := make([]string, 0, len(rows))
	for _, d := range rows {
		agent, environment := d.AgentID.Value, d.EnvironmentID.Value
		titles = append(titles, titled(names.Agents[agent], agent)+" in "+titled(names.Environments[environment], environment)+" ("+d.ID+")")
	}
	return titles
}
