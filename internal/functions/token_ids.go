package functions

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
)

// NewTokenIDs is provider::prefactor::token_ids.
func NewTokenIDs() function.Function { return tokenIDs{} }

type tokenIDs struct{}

func (tokenIDs) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "token_ids"
}

func (tokenIDs) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "The ids in a token value",
		MarkdownDescription: "The Prefactor ids (PFIDs) that a token value contains, sorted. A token value is a JWT. Its payload is decoded locally, and is not verified. " +
			"Which ids a payload contains is not documented: one of them may be the id of the token, others those of its account, agent or environment; `data.prefactor_api_token` determines which. " +
			"The list is empty if there are none, and if the value is not a JWT. No request is made, and the value is not stored. The list is sensitive or ephemeral if the value is. Needs Terraform 1.8 or OpenTofu 1.7.",
		Parameters: []function.Parameter{function.StringParameter{Name: "value", MarkdownDescription: "The value of any token, also an expired or revoked one."}},
		Return:     function.ListReturn{ElementType: types.StringType},
	}
}

func (tokenIDs) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var value string
	if resp.Error = req.Arguments.Get(ctx, &value); resp.Error == nil {
		resp.Error = resp.Result.Set(ctx, append([]string{}, pfid.InJWT(value)...))
	}
}
