package token

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	data "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

var _ list.ListResourceWithConfigure = (*tokenList)(nil)

// NewAPITokenList is the list resource prefactor_api_token.
func NewAPITokenList() list.ListResource {
	return &tokenList{&tokenResource{kind: accountToken}}
}

// NewDeploymentTokenList is the list resource prefactor_deployment_token.
func NewDeploymentTokenList() list.ListResource {
	return &tokenList{&tokenResource{kind: deploymentToken}}
}

// tokenList finds the tokens at the platform that the managed resource of the
// same type can take over. Type name and configuration are the resource's.
type tokenList struct {
	*tokenResource
}

func (l *tokenList) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	attributes := map[string]schema.Attribute{}
	for name, a := range filterAttributes() {
		attributes[name] = listAttribute(a)
	}
	delete(attributes, "scope") // The resource's type says it.
	if l.kind.scope == prefactor.ScopeAccount {
		delete(attributes, "agent_id")
		delete(attributes, "environment_id")
	}
	attributes["status"] = schema.StringAttribute{
		MarkdownDescription: "Only tokens with this status: `active` or `suspended`. By default both.",
		Optional:            true,
		Validators:          []validator.String{stringvalidator.OneOf(prefactor.StatusActive, prefactor.StatusSuspended)},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: fmt.Sprintf("Lists the %ss of an account, oldest first, so that Terraform can manage them: `terraform query` shows them, and "+
			"`terraform query -generate-config-out=tokens.tf` writes `resource` and `import` blocks for them, which plan without a change.\n\n"+
			"An imported token keeps working. Its attribute `token` is null until the token is renewed, because the API returns a token value only once.\n\n"+
			"Revoked tokens are not listed, because they cannot be used again, and neither are legacy environment tokens, which no resource manages: "+
			"see [`data.prefactor_api_tokens`](../data-sources/api_tokens.md) for these.\n\n"+
			"Needs Terraform 1.14 or newer. For older versions and for OpenTofu, see [Adopt existing tokens](../guides/adopting.md).", l.kind.noun),
		Attributes: attributes,
	}
}

// listAttribute is an attribute of the data source for a list block.
func listAttribute(a data.Attribute) schema.Attribute {
	switch a := a.(type) {
	case data.StringAttribute:
		return schema.StringAttribute{CustomType: a.CustomType, MarkdownDescription: a.MarkdownDescription, Optional: true, Validators: a.Validators}
	case data.BoolAttribute:
		return schema.BoolAttribute{CustomType: a.CustomType, MarkdownDescription: a.MarkdownDescription, Optional: true, Validators: a.Validators}
	default:
		panic(fmt.Sprintf("a filter is a string or a boolean, not %T", a))
	}
}

// filter reads the configuration.
func (l *tokenList) filter(ctx context.Context, config tfsdk.Config, diags *diag.Diagnostics) filter {
	f := filter{Scope: types.StringValue(l.kind.scope)}
	if l.kind.scope == prefactor.ScopeAgentDeployment {
		diags.Append(config.Get(ctx, &f.deploymentFilter)...)
	} else {
		diags.Append(config.Get(ctx, &f.commonFilter)...)
	}
	return f
}

func (l *tokenList) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var diags diag.Diagnostics
	f := l.filter(ctx, req.Config, &diags)
	if diags.HasError() || !l.provider.Ready(&diags) {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	tokens, err := f.list(ctx, l.provider)
	tokens = slices.DeleteFunc(tokens, func(t prefactor.Token) bool { return t.Status.Value == prefactor.StatusRevoked })
	if req.Limit > 0 && int64(len(tokens)) > req.Limit {
		tokens = tokens[:req.Limit]
	}
	if err == nil && req.IncludeResource {
		err = addAgents(ctx, l.provider.Inventory, tokens)
	}
	if err != nil {
		l.provider.AddAPIError(&diags, "Cannot list the tokens", err, "account_id")
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	names := l.provider.Inventory.Describe(ctx, tokens, l.provider.API.Now())
	stream.Results = func(push func(list.ListResult) bool) {
		for i, t := range tokens {
			if !push(l.result(ctx, req, t, names[i])) {
				return
			}
		}
	}
}

// result is a token as a query shows it, and as an import would have it.
func (l *tokenList) result(ctx context.Context, req list.ListRequest, t prefactor.Token, name string) list.ListResult {
	result := req.NewListResult(ctx)
	result.DisplayName = name
	m := imported(t)
	l.identify(ctx, result.Identity, m, &result.Diagnostics)
	if req.IncludeResource {
		l.kind.save(ctx, &result.Resource.Raw, m, &result.Diagnostics)
	}
	return result
}
