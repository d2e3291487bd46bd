package tfkit_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

func TestMergeText(t *testing.T) {
	t.Parallel()
	null, missing := prefactor.Field[string]{Present: true, Null: true}, prefactor.Field[string]{}
	for _, c := range []struct {
		prior types.String
		says  prefactor.Field[string]
		want  types.String
	}{
		{types.StringValue("a"), prefactor.Some("b"), types.StringValue("b")},
		{types.StringValue("a"), null, types.StringNull()},
		{types.StringValue("a"), prefactor.Some(""), types.StringValue("")},
		{types.StringValue("a"), missing, types.StringValue("a")},
		{types.StringUnknown(), missing, types.StringNull()},
		{types.StringUnknown(), prefactor.Some("a"), types.StringValue("a")},
		{types.StringNull(), prefactor.Some("a"), types.StringValue("a")},
		// An empty text and none are the same.
		{types.StringNull(), prefactor.Some(""), types.StringNull()},
		{types.StringValue(""), null, types.StringValue("")},
		// Blanks around a text are no difference.
		{types.StringValue(" a\n"), prefactor.Some("a"), types.StringValue(" a\n")},
		{types.StringValue(" a\n"), prefactor.Some("a b"), types.StringValue("a b")},
	} {
		if got := tfkit.MergeText(c.prior, c.says); !got.Equal(c.want) {
			t.Errorf("%s, and the platform says %+v: %s, not %s", c.prior, c.says, got, c.want)
		}
	}
}
