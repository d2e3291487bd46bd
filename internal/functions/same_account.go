package functions

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
)

// NewSameAccount is provider::prefactor::same_account.
func NewSameAccount() function.Function { return sameAccount{} }

type sameAccount struct{}

func (sameAccount) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "same_account"
}

func (sameAccount) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Whether two ids belong to the same account",
		MarkdownDescription: "Whether two Prefactor ids (PFIDs) belong to the same account, by their partitions. " +
			"For example, an agent can only run in an environment of its own account. No request is made. Needs Terraform 1.8 or OpenTofu 1.8.",
		Parameters: []function.Parameter{
			idParameter("a", "The id of any object."),
			idParameter("b", "The id to compare it with."),
		},
		Return: function.BoolReturn{},
	}
}

func (sameAccount) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var a, b string
	if resp.Error = req.Arguments.Get(ctx, &a, &b); resp.Error != nil {
		return
	}
	first, errA := parse(0, "a", a)
	second, errB := parse(1, "b", b)
	// A call returns one error; if both ids are wrong, it names both.
	if resp.Error = function.ConcatFuncErrors(errA, errB); resp.Error != nil {
		return
	}
	resp.Error = resp.Result.Set(ctx, first.Partition() == second.Partition())
}
