package tfkit

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
)

// CheckSameAccount adds an error if agent and environment belong to different
// accounts, by their ids. rule explains why that is an error.
func CheckSameAccount(agentID, environmentID types.String, rule string, diags *diag.Diagnostics) {
	if same, known := samePartition(agentID.ValueString(), environmentID.ValueString()); known && !same {
		diags.AddAttributeError(path.Root("environment_id"), "Agent and environment of different accounts",
			"The agent and the environment belong to different accounts: the partitions in their ids differ. "+rule)
	}
}

// AccountAttribute is the account in which a resource creates its object, with the
// account by default.
func AccountAttribute(noun, byDefault string) schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: "The account that the " + noun + " is created in. By default the provider's `account_id`, else " + byDefault + ". " +
			"A change forces a replacement; a change of the provider's default does not affect existing " + noun + "s.",
		Optional:   true,
		Computed:   true,
		Validators: []validator.String{PFID()},
		PlanModifiers: []planmodifier.String{
			stringplanmodifier.UseStateForUnknown(),
			stringplanmodifier.RequiresReplaceIfConfigured(),
		},
	}
}

// samePartition tells whether two ids have the same partition, as all ids of an
// account have. It is not known of a text that is not an id.
func samePartition(a, b string) (same, known bool) {
	first, errFirst := pfid.Parse(a)
	second, errSecond := pfid.Parse(b)
	if errFirst != nil || errSecond != nil {
		return false, false
	}
	return first.Partition() == second.Partition(), true
}
