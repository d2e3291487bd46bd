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
		Summary: "When an id was made",
		MarkdownDescription: "The moment that a Prefactor id (PFID) carries, in RFC 3339, UTC and to the millisecond, such as `2026-01-01T00:00:00Z`: " +
			"when the token, agent, environment or whatever it names was created. No request is made. Needs Terraform 1.8 or OpenTofu 1.7.",
		Parameters: []function.Parameter{idParameter("id", "The id of anything at the platform.")},
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
		resp.Error = function.NewArgumentFuncError(0, "id carries a time after the year 9999, which RFC 3339 cannot write; no such thing can have been created yet")
		return
	}
	resp.Error = resp.Result.Set(ctx, string(text))
}
