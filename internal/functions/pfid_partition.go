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
		MarkdownDescription: "The partition that a Prefactor id (PFID) carries, a number from 0 to 1073741823. All ids of one account have the same one, " +
			"so it groups ids by account. No request is made. Needs Terraform 1.8 or OpenTofu 1.7.",
		Parameters: []function.Parameter{idParameter("id", "The id of anything at the platform.")},
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
