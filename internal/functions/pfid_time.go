package functions

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
)

// NewPFIDTime is provider::prefactor::pfid_time.
func NewPFIDTime() function.Function { return pfidTime{} }

type pfidTime struct{}

func (pfidTime) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "pfid_time"
}

func (pfidTime) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "The creation time of an id",
		MarkdownDescription: "The time in a Prefactor id (PFID): when the token, agent, environment or other object was created. " +
			"In RFC 3339, UTC, to the millisecond, such as `2026-01-01T00:00:00Z`. No request is made. Needs Terraform 1.8 or OpenTofu 1.8.",
		Parameters: []function.Parameter{idParameter("id", "The id of any object.")},
		Return:     function.StringReturn{},
	}
}

func (pfidTime) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	id, err := argument(ctx, req, "id")
	if err != nil {
		resp.Error = err
		return
	}
	text, timeErr := id.Time().MarshalText()
	if timeErr != nil {
		// An id has room for times up to the year 10889.
		resp.Error = function.NewArgumentFuncError(0, "id contains a time after the year 9999, so it is not the id of an object; RFC 3339 has no such time")
		return
	}
	resp.Error = resp.Result.Set(ctx, string(text))
}
