package functions

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
)

// NewIsPFID is provider::prefactor::is_pfid.
func NewIsPFID() function.Function { return isPFID{} }

type isPFID struct{}

func (isPFID) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "is_pfid"
}

func (isPFID) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Whether a value is an id",
		MarkdownDescription: "Whether a value is a Prefactor id (PFID): 32 characters of lower-case Crockford base 32, the first one 0 to 7. " +
			"False for null and for values of other types. It is not checked whether the id exists; no request is made. Needs Terraform 1.8 or OpenTofu 1.8.\n\n" +
			"OpenTofu (1.8 to 1.11) does not pass null to provider functions and fails instead: write `try(provider::prefactor::is_pfid(value), false)` for a value that may be null.",
		Parameters: []function.Parameter{function.DynamicParameter{
			Name:                "value",
			MarkdownDescription: "Any value.",
			AllowNullValue:      true,
		}},
		Return: function.BoolReturn{},
	}
}

func (isPFID) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var value types.Dynamic
	if resp.Error = req.Arguments.Get(ctx, &value); resp.Error != nil {
		return
	}
	text, ok := value.UnderlyingValue().(types.String)
	resp.Error = resp.Result.Set(ctx, ok && pfid.Valid(text.ValueString()))
}
