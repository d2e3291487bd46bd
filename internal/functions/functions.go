// Package functions has the provider functions, which decode ids. They send no
// request.
package functions

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
)

// format describes an id.
const format = "A PFID is 32 characters of 0-9 and a-z without i, l, o and u, such as 01kdvdna0000001a88cvx6pv3pzgqzn6; " +
	"Copy it from Prefactor's pages; a name or a token value is not an id."

func idParameter(name, description string) function.StringParameter {
	return function.StringParameter{Name: name, MarkdownDescription: description}
}

// parse decodes the argument at a position. The error does not repeat the
// argument, which may be a token value.
func parse(position int64, name, text string) (pfid.ID, *function.FuncError) {
	id, err := pfid.Parse(text)
	if err != nil {
		return id, function.NewArgumentFuncError(position, fmt.Sprintf("%s must be a Prefactor id (PFID): %s. %s", name, err, format))
	}
	return id, nil
}

// argument reads and parses the only argument.
func argument(ctx context.Context, req function.RunRequest, name string) (pfid.ID, *function.FuncError) {
	var text string
	if err := req.Arguments.Get(ctx, &text); err != nil {
		return pfid.ID{}, err
	}
	return parse(0, name, text)
}
