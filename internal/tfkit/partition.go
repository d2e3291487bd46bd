package tfkit

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
)

// CheckSameAccount adds an error if agent and environment belong to different
// accounts, by their ids. rule explains why that is an error.
func CheckSameAccount(agentID, environmentID types.String, rule string, diags *diag.Diagnostics) {
	if !sameAccount(agentID.ValueString(), environmentID.ValueString()) {
		diags.AddAttributeError(path.Root("environment_id"), "Agent and environment of different accounts",
			"The agent and the environment belong to different accounts: the partitions in their ids differ. "+rule)
	}
}

// sameAccount tells whether two objects can be of the same account. All ids of
// an account share a partition. A text that is not an id may be of any account.
func sameAccount(a, b string) bool {
	first, err := pfid.Parse(a)
	if err != nil {
		return true
	}
	second, err := pfid.Parse(b)
	return err != nil || first.Partition() == second.Partition()
}
