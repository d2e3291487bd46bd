package emulator_test

import (
	"fmt"
	"net/http"
	"reflect"
	"testing"

	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

// Each variant has its own name and is another platform than all others.
func TestVariantsAreDistinct(t *testing.T) {
	t.Parallel()
	names, platforms := map[string]bool{}, map[string]string{}
	for _, v := range emulator.Variants(false) {
		if v.Name == "" || names[v.Name] {
			t.Errorf("two variants have the name %q", v.Name)
		}
		names[v.Name] = true
		platform := fmt.Sprintf("%+v", v.Variant)
		if twin := platforms[platform]; twin != "" {
			t.Errorf("%q and %q are the same platform", twin, v.Name)
		}
		platforms[platform] = v.Name
	}
	if few := len(emulator.Variants(true)); few != 5 {
		t.Errorf("%d of the few variants have a name that none has", 5-few)
	}
	if first := emulator.Variants(false)[0]; !reflect.DeepEqual(first.Variant, emulator.Variant{}) {
		t.Errorf("the first variant, %q, is not the plausible one", first.Name)
	}
}

// Every switch is thrown in one of the variants at least.
func TestVariantsAreComplete(t *testing.T) {
	t.Parallel()
	kind := reflect.TypeFor[emulator.Variant]()
	for i := range kind.NumField() {
		thrown := false
		for _, v := range emulator.Variants(false) {
			thrown = thrown || !reflect.ValueOf(v.Variant).Field(i).IsZero()
		}
		if name := kind.Field(i).Name; !thrown {
			t.Errorf("no variant sets %s", name)
		}
	}
}

// A token lives through all its states on each of them.
func TestLifeOnEachVariant(t *testing.T) {
	t.Parallel()
	for _, v := range emulator.Variants(false) {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, v.Variant)
			a := s.createToken(object{"token_scope": "agent_deployment", "agent_id": s.agent.ID, "environment_id": s.environment.ID})
			if a.status != max(200, v.Variant.CreateStatus) {
				t.Fatalf("%d %s", a.status, a.raw)
			}
			path := "/api_token/" + a.text("id")
			for _, action := range []string{"suspend", "activate", "revoke"} {
				s.want(s.call(http.MethodPost, path+"/"+action, object{}), 200, "")
			}
			if refused := s.call(http.MethodPost, path+"/activate", object{}); refused.status < 400 || refused.status > 422 {
				t.Errorf("%d %s", refused.status, refused.raw)
			}
			if gone := s.delete(path); gone.status != 200 && gone.status != 204 {
				t.Errorf("%d %s", gone.status, gone.raw)
			}
			s.want(s.get(path), 404, "not_found")
		})
	}
}
