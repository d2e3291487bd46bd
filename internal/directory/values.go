package directory

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// values are the attributes of an object in a configuration, plan or state, by name.
type values map[string]attr.Value

// getter is a configuration, plan or state.
type getter interface {
	Get(ctx context.Context, target any) diag.Diagnostics
}

func load(ctx context.Context, from getter, diags *diag.Diagnostics) values {
	var all types.Object
	diags.Append(from.Get(ctx, &all)...)
	return all.Attributes()
}

// asObject has the values in one, such as for a state.
func (v values) asObject(ctx context.Context) types.Object {
	attributeTypes := map[string]attr.Type{}
	for name, value := range v {
		attributeTypes[name] = value.Type(ctx)
	}
	return types.ObjectValueMust(attributeTypes, v)
}

// text is a string; empty if there is none.
func (v values) text(name string) string {
	s, _ := v[name].(types.String)
	return s.ValueString()
}

// with replaces a value.
func (v values) with(name string, value attr.Value) values {
	changed := maps.Clone(v)
	changed[name] = value
	return changed
}

// null are attributes without values.
func (all attributes) null(ctx context.Context) values {
	v := values{}
	for name, a := range all {
		null, err := a.GetType().ValueFromTerraform(ctx, tftypes.NewValue(a.GetType().TerraformType(ctx), nil))
		if err != nil {
			panic(err)
		}
		v[name] = null
	}
	return v
}

// merge is the conversion from an object of the API to values, for resources and data
// sources. What the API does not return keeps its prior value, or is null if that is
// unknown.
func merge[T any](prior values, object T) values {
	merged, fields := values{}, map[string]any{}
	of := reflect.ValueOf(object)
	for i := range of.NumField() {
		fields[fieldName(of.Type().Field(i))] = of.Field(i).Interface()
	}
	for name, was := range prior {
		merged[name] = mergeField(was, fields[name])
	}
	if was, ok := prior["created_at"].(timetypes.RFC3339); ok {
		id, _ := fields["id"].(string)
		inserted, _ := fields["inserted_at"].(prefactor.Field[prefactor.Timestamp])
		merged["created_at"] = tfkit.MergeCreatedAt(was, inserted, prefactor.CreatedAt(id, inserted))
	}
	return merged
}

// mergeField converts a field of an object; it is nil if the API has no such field.
func mergeField(prior attr.Value, field any) attr.Value {
	switch was := prior.(type) {
	case types.String:
		if id, ok := field.(string); ok {
			return types.StringValue(id)
		}
		said, _ := field.(prefactor.Field[string])
		return tfkit.MergeText(was, said)
	case timetypes.RFC3339:
		said, _ := field.(prefactor.Field[prefactor.Timestamp])
		return tfkit.MergeTime(was, said)
	case types.Set:
		if said, _ := field.(prefactor.Field[[]string]); said.Present {
			return textSet(said.Value)
		}
	case types.Object:
		if said, _ := field.(prefactor.Field[prefactor.Ruleset]); said.Known() {
			return mergeRuleset(was, said.Value)
		}
	}
	return prior
}

// fieldName is the name of a field in the JSON of the API.
func fieldName(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	return name
}

// fieldNames are the names of the fields of a request.
func fieldNames[R any]() (names []string) {
	for field := range reflect.TypeFor[R]().Fields() {
		names = append(names, fieldName(field))
	}
	return names
}

// requestOf is the conversion from planned values to a request of the API. A ruleset and
// the assigned attributes are sent only if they differ from the state, so that an
// assignment from elsewhere is not overwritten.
func requestOf[R any](all attributes, plan, state values) R {
	var request R
	of := reflect.ValueOf(&request).Elem()
	for i := range of.NumField() {
		name := fieldName(of.Type().Field(i))
		text, _ := plan[name].(types.String)
		isChanged := differs(plan, state, name)
		switch field := of.Field(i).Addr().Interface().(type) {
		case *string:
			*field = text.ValueString()
		case *prefactor.Field[string]:
			if isChanged || !all[name].isAssigned {
				*field = clearing(text)
			}
		case *[]string:
			*field = texts(plan[name])
		case *prefactor.Field[[]string]:
			*field = prefactor.Some(texts(plan[name]))
		case *prefactor.Ruleset:
			*field = rulesetOf(plan[name])
		case *prefactor.Field[prefactor.Ruleset]:
			if isChanged {
				*field = prefactor.Some(rulesetOf(plan[name]))
			}
		default:
			panic(fmt.Sprintf("%s: requests cannot have a %T yet", name, field))
		}
	}
	return request
}

// clearing is a text for an update, which null clears.
func clearing(s types.String) prefactor.Field[string] {
	if s.ValueString() == "" {
		return prefactor.Null[string]()
	}
	return prefactor.Some(s.ValueString())
}

// texts are the strings of a known set.
func texts(v attr.Value) []string {
	all := []string{}
	set, _ := v.(types.Set)
	for _, element := range set.Elements() {
		if text, ok := element.(types.String); ok {
			all = append(all, text.ValueString())
		}
	}
	return all
}

// textSet is the set of some strings.
func textSet(all []string) types.Set {
	elements := make([]attr.Value, len(all))
	for i, text := range all {
		elements[i] = types.StringValue(text)
	}
	return types.SetValueMust(types.StringType, elements)
}

// afterWrite is the state after a write: the planned values, and those that the API
// returned where the plan has unknown ones. Other differences appear in the next
// refresh. except is an attribute that the write did not set.
func afterWrite(returned, plan values, except string) values {
	after := maps.Clone(returned)
	for name, planned := range plan {
		if !planned.IsUnknown() && name != except {
			after[name] = planned
		}
	}
	return after
}

// differs tells whether a plan changes one of the attributes.
func differs(plan, state values, names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		planned, current := plan[name], state[name]
		if _, isRuleset := planned.(types.Object); isRuleset {
			return !sameRuleset(planned, current)
		}
		return !planned.IsUnknown() && !planned.Equal(current)
	})
}
