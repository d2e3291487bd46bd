package directory

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// assignedKey is the key of the private state for the names of the assigned
// attributes that the last apply found in the configuration.
const assignedKey = "assigned"

type (
	privateReader interface {
		GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	}
	privateWriter interface {
		SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
	}
)

// planAssigned plans the assigned attributes that are not configured: an attribute
// that an apply has set is cleared, any other keeps its value.
func (all attributes) planAssigned(ctx context.Context, config, state, plan values, private privateReader, diags *diag.Diagnostics) {
	set := assignedBefore(ctx, private, diags)
	for _, name := range all.assigned() {
		switch {
		case !config[name].IsNull():
		case slices.Contains(set, name):
			plan[name] = types.StringNull()
		default:
			plan[name] = state[name]
		}
	}
}

// noteAssigned notes which of the assigned attributes have a value in a configuration.
func noteAssigned(ctx context.Context, names []string, config values, private privateWriter, diags *diag.Diagnostics) {
	if len(names) == 0 {
		return
	}
	set := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return config[name].IsNull() })
	raw, _ := json.Marshal(set) // Strings can always be encoded.
	diags.Append(private.SetKey(ctx, assignedKey, raw)...)
}

// dropAssigned forgets the attributes that the platform has cleared: they can
// be assigned elsewhere from then on, unless the configuration has them.
func dropAssigned(ctx context.Context, state values, before privateReader, private privateWriter, diags *diag.Diagnostics) {
	noteAssigned(ctx, assignedBefore(ctx, before, diags), state, private, diags)
}

func assignedBefore(ctx context.Context, private privateReader, diags *diag.Diagnostics) (set []string) {
	raw, d := private.GetKey(ctx, assignedKey)
	diags.Append(d...)
	if len(raw) > 0 {
		_ = json.Unmarshal(raw, &set) // Nothing but noteAssigned writes it.
	}
	return set
}
