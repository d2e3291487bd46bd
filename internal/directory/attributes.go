package directory

import (
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	datasource "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// attributes are the attributes of a type of objects, by name. The names are those of
// the API, so the conversions need nothing else.
type attributes map[string]attribute

// attribute is the only definition of an attribute. The schemas of the resource and of
// the data sources derive from it, and so do the conversions from and to the API.
type attribute struct {
	// Attribute is the attribute of the resource. An object that has no resource has
	// only its type and description.
	schema.Attribute

	// inData is the description in data sources; empty if it is the same.
	inData string
	// isAssigned tells that the attribute is not changed before it is configured, and
	// cleared when it is removed from the configuration.
	isAssigned bool
	// isUnlisted tells that the objects in the API's lists do not have it.
	isUnlisted bool
	// isManagement tells that only the resource has it.
	isManagement bool
}

// resource are the attributes of the resource.
func (all attributes) resource() map[string]schema.Attribute {
	result := map[string]schema.Attribute{}
	for name, a := range all {
		result[name] = a.Attribute
	}
	return result
}

// data are the attributes of a data source, as the platform fills them in.
func (all attributes) data() map[string]datasource.Attribute {
	result := map[string]datasource.Attribute{}
	for name, a := range all {
		if !a.isManagement {
			result[name] = computedAs(a.Attribute, a.inData)
		}
	}
	return result
}

// inLists are the attributes of an object in a list.
func (all attributes) inLists() attributes {
	result := attributes{}
	for name, a := range all {
		if !a.isManagement && !a.isUnlisted {
			result[name] = a
		}
	}
	return result
}

// haveUnlisted tells that only a single read returns all attributes.
func (all attributes) haveUnlisted() bool {
	return len(all.where(func(a attribute) bool { return a.isUnlisted })) > 0
}

// configurable are the names of the attributes that a configuration can set.
func (all attributes) configurable() []string {
	return all.where(func(a attribute) bool { return a.IsRequired() || a.IsOptional() })
}

// assigned are the names of the assigned attributes.
func (all attributes) assigned() []string {
	return all.where(func(a attribute) bool { return a.isAssigned })
}

func (all attributes) where(is func(attribute) bool) []string {
	names := slices.DeleteFunc(slices.Collect(maps.Keys(all)), func(name string) bool { return !is(all[name]) })
	slices.Sort(names)
	return names
}

// computedAs is an attribute of a resource as a data source has it. An empty
// description is that of the resource.
func computedAs(a schema.Attribute, description string) datasource.Attribute {
	if description == "" {
		description = a.GetMarkdownDescription()
	}
	switch a := a.(type) {
	case schema.SingleNestedAttribute:
		nested := map[string]datasource.Attribute{}
		for name, attribute := range a.Attributes {
			nested[name] = computedAs(attribute, "")
		}
		return datasource.SingleNestedAttribute{MarkdownDescription: description, Computed: true, Attributes: nested}
	case schema.MapAttribute:
		return datasource.MapAttribute{MarkdownDescription: description, Computed: true, ElementType: a.ElementType}
	case schema.SetAttribute:
		return datasource.SetAttribute{MarkdownDescription: description, Computed: true, ElementType: a.ElementType}
	case schema.NumberAttribute:
		return datasource.NumberAttribute{MarkdownDescription: description, Computed: true}
	case schema.StringAttribute:
		return datasource.StringAttribute{MarkdownDescription: description, Computed: true, CustomType: a.CustomType}
	default:
		panic("a data source cannot have such an attribute yet: " + description)
	}
}

// stable keeps a value that the platform sets once.
var stable = []planmodifier.String{stringplanmodifier.UseStateForUnknown()}

// notEmpty is a text with at least one character.
var notEmpty = stringvalidator.LengthAtLeast(1)

// computed is an attribute that the platform fills in.
func computed(description string) attribute {
	return attribute{Attribute: schema.StringAttribute{MarkdownDescription: description, Computed: true, PlanModifiers: stable}}
}

// computedTime is a time that the platform fills in.
func computedTime(description string) attribute {
	return attribute{Attribute: schema.StringAttribute{
		MarkdownDescription: description, CustomType: timetypes.RFC3339Type{}, Computed: true, PlanModifiers: stable,
	}}
}

// idOf is the id of every object.
func idOf(noun string) attribute { return computed("The id (PFID) of the " + noun + ".") }

// accountOf is the account of an object, which is created in that of the credentials.
func accountOf(noun string) attribute {
	return computed("The account that the " + noun + " belongs to: that of the provider's own token. Null if the API does not return it.")
}

// creationOf is when an object was created.
func creationOf(noun string) attribute {
	return computedTime("When the " + noun + " was created, in RFC 3339.")
}

// required is a required text, changed in place.
func required(description string, valid validator.String) attribute {
	return attribute{inData: description, Attribute: schema.StringAttribute{
		MarkdownDescription: description + " Changed in place.",
		Required:            true,
		Validators:          []validator.String{valid},
	}}
}

// optional is an optional text, changed in place. Its description has no full stop.
func optional(description string) attribute {
	return attribute{inData: description + ", or null.", Attribute: schema.StringAttribute{
		MarkdownDescription: description + ". Changed in place; omitting it clears it.",
		Optional:            true,
	}}
}

// reference is a required id of another object; a change replaces.
func reference(description string) attribute {
	return attribute{inData: description, Attribute: schema.StringAttribute{
		MarkdownDescription: description + " A change forces a replacement.",
		Required:            true,
		Validators:          []validator.String{tfkit.PFID()},
		PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
	}}
}

// assignment is an optional id of another object, changed in place. Its description
// has no full stop.
func assignment(description string) attribute {
	return attribute{isAssigned: true, inData: description + ", or null.", Attribute: schema.StringAttribute{
		MarkdownDescription: description + ". Changed in place. If this argument was never set, an assignment that was made outside Terraform is kept; " +
			"removing the argument, or setting it to `null`, clears what an earlier apply set.",
		Optional:   true,
		Computed:   true,
		Validators: []validator.String{tfkit.PFID()},
	}}
}

// unlisted is an attribute that the objects in the API's lists do not have.
func unlisted(a attribute) attribute {
	a.isUnlisted = true
	return a
}

// selector is an argument by which a data source finds an object. It is computed if
// the object is found by another one.
func selector(name, description string) datasource.StringAttribute {
	var valid validator.String = notEmpty
	if isID(name) {
		valid = tfkit.PFID()
	}
	return datasource.StringAttribute{MarkdownDescription: description, Optional: true, Computed: true, Validators: []validator.String{valid}}
}
