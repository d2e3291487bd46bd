package tfkit

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
)

// CheckSameAccount finds an agent and an environment of different accounts:
// their ids say so. rule is why that cannot be.
func CheckSameAccount(agentID, environmentID types.String, rule string, diags *diag.Diagnostics) {
	if !sameAccount(agentID.ValueString(), environmentID.ValueString()) {
		diags.AddAttributeError(path.Root("environment_id"), "Agent and environment of different accounts",
			"The agent and the environment belong to different accounts: the partitions in their ids differ. "+rule)
	}
}

// sameAccount tells whether two objects can be of the same account. All ids of
// an account share a partition; of what is no id, nothing can be told.
func sameAccount(a, b string) bool {
	first, err := pfid.Parse(a)
	if err != nil {
		return true
	}
	second, err := pfid.Parse(b)
	return err != nil || first.Partition() == second.Partition()
}
