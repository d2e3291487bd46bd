package directory

import (
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// stable is for what the platform decides once.
func stable() []planmodifier.String {
	return []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
}

// clearing is a text for an update, which null clears.
func clearing(s types.String) prefactor.Field[string] {
	if s.ValueString() == "" {
		return prefactor.Null[string]()
	}
	return prefactor.Some(s.ValueString())
}

// idAttribute is the id of every managed object.
func idAttribute(noun string) schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: "The id (PFID) of the " + noun + ".",
		Computed:            true,
		PlanModifiers:       stable(),
	}
}

// ownAccount is the account of an object that is created in that of the credentials.
func ownAccount(noun string) schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: "The account that the " + noun + " belongs to: that of the provider's own token. Null where the platform does not say.",
		Computed:            true,
		PlanModifiers:       stable(),
	}
}

// creation is when an object was created.
func creation(noun string) schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: "When the " + noun + " was created, in RFC 3339.",
		CustomType:          timetypes.RFC3339Type{},
		Computed:            true,
		PlanModifiers:       stable(),
	}
}

// name is a required name, changed in place.
func name(description string) schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: description,
		Required:            true,
		Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
	}
}

// text is an optional text, changed in place.
func text(description string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, Optional: true}
}

// reference is a required id of another object; a change replaces.
func reference(description string) schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: description + " A change forces a replacement.",
		Required:            true,
		Validators:          []validator.String{tfkit.PFID()},
		PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
	}
}
