package directory

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// What the platform says of an agent becomes one of the two states that a
// person can ask for.
func TestMerge_agentStatus(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		prior types.String
		says  prefactor.Field[string]
		want  string
	}{
		{types.StringValue("retired"), prefactor.Some("pending"), "active"},
		{types.StringValue("retired"), prefactor.Some("active"), "active"},
		{types.StringValue("retired"), prefactor.Some("dormant"), "active"},
		{types.StringValue("active"), prefactor.Some("retired"), "retired"},
		{types.StringNull(), prefactor.Some("retired"), "retired"},
		{types.StringNull(), prefactor.Some("dormant"), "active"},
		// What is not known or not said is no difference.
		{types.StringValue("retired"), prefactor.Some("archived"), "retired"},
		{types.StringValue("retired"), prefactor.Field[string]{}, "retired"},
		{types.StringValue("active"), prefactor.Field[string]{Present: true, Null: true}, "active"},
		{types.StringNull(), prefactor.Some("archived"), "active"},
		{types.StringUnknown(), prefactor.Field[string]{}, "active"},
	} {
		got := managedAgents.merge(values{"status": c.prior}, prefactor.Agent{Status: c.says}).text("status")
		if got != c.want {
			t.Errorf("%s, and the platform says %+v: %s, not %s", c.prior, c.says, got, c.want)
		}
	}
}

func TestClearing(t *testing.T) {
	t.Parallel()
	if clearing(types.StringNull()) != prefactor.Null[string]() || clearing(types.StringValue("")) != prefactor.Null[string]() || clearing(types.StringValue("x")) != prefactor.Some("x") {
		t.Error("null and an empty text clear, another text does not")
	}
}
