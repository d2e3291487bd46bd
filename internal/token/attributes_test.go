package token

import (
	"maps"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// The fields are the schema's attributes, and what is written is what was read:
// known, null and unknown.
func TestFields(t *testing.T) {
	t.Parallel()
	for _, k := range []kind{accountToken, deploymentToken} {
		s := k.schema()
		var names []string
		for _, f := range k.attributes() {
			names = append(names, f.name)
			if a, ok := s.Attributes[f.name]; !ok || !a.GetType().TerraformType(t.Context()).Equal(f.typ.TerraformType(t.Context())) {
				t.Errorf("%s: %s is a %s", k.name, f.name, f.typ)
			}
		}
		slices.Sort(names)
		if want := slices.Sorted(maps.Keys(s.Attributes)); !slices.Equal(names, want) {
			t.Errorf("%s has the attributes %v, and the fields %v", k.name, want, names)
		}
		typ, _ := s.Type().TerraformType(t.Context()).(tftypes.Object)
		for _, in := range []tftypes.Value{filled(typ), tftypes.NewValue(typ, empty(typ, nil)), tftypes.NewValue(typ, empty(typ, tftypes.UnknownValue))} {
			var diags diag.Diagnostics
			m := k.load(t.Context(), in, &diags)
			state := tfsdk.State{Schema: s}
			k.save(t.Context(), &state.Raw, m, &diags)
			if diags.HasError() || !state.Raw.Equal(in) || !state.Raw.Type().Equal(typ) {
				t.Errorf("%s: read %s\nwritten %s\n%v", k.name, in, state.Raw, diags)
			}
		}
	}
}

func empty(typ tftypes.Object, as any) map[string]tftypes.Value {
	values := map[string]tftypes.Value{}
	for name, t := range typ.AttributeTypes {
		values[name] = tftypes.NewValue(t, as)
	}
	return values
}

// filled is a value of a type with something in each place.
func filled(typ tftypes.Type) tftypes.Value {
	switch typ := typ.(type) {
	case tftypes.Object:
		values := map[string]tftypes.Value{}
		for name, t := range typ.AttributeTypes {
			values[name] = filled(t)
		}
		return tftypes.NewValue(typ, values)
	case tftypes.Map:
		return tftypes.NewValue(typ, map[string]tftypes.Value{"k": filled(typ.ElementType)})
	case tftypes.List:
		return tftypes.NewValue(typ, []tftypes.Value{filled(typ.ElementType)})
	}
	switch {
	case typ.Is(tftypes.Number):
		return tftypes.NewValue(typ, 7)
	case typ.Is(tftypes.Bool):
		return tftypes.NewValue(typ, true)
	default:
		return tftypes.NewValue(typ, "x")
	}
}
