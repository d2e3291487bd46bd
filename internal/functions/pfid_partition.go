package functions

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
)

// NewPFIDPartition is provider::prefactor::pfid_partition.
func NewPFIDPartition() function.Function { return pfidPartition{} }

type pfidPartition struct{}

func (pfidPartition) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "pfid_partition"
}

func (pfidPartition) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "The partition of an id",
		MarkdownDescription: "The partition of a Prefactor id (PFID), a number from 0 to 1073741823. All ids of an account have the same partition, " +
			"so it groups ids by account. No request is made. Needs Terraform 1.8 or OpenTofu 1.8.",
		Parameters: []function.Parameter{idParameter("id", "The id of any object.")},
		Return:     function.Int64Return{},
	}
}

func (pfidPartition) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	id, err := argument(ctx, req, "id")
	if err != nil {
		resp.Error = err
		return
	}
	resp.Error = resp.Result.Set(ctx, int64(id.Partition()))
}
