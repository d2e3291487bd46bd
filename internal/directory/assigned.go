package directory

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// assignedKey is where the private state has the names of the assigned
// attributes that the last apply found in the configuration.
const assignedKey = "assigned"

// assignment is an optional id of another object, changed in place.
func assignment(description string) schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: description + " Changed in place. What is assigned elsewhere stays as long as this argument was never set; " +
			"removing the argument, or setting it to `null`, clears what an earlier apply has set.",
		Optional:   true,
		Computed:   true,
		Validators: []validator.String{tfkit.PFID()},
	}
}

// assigning is an assignment for a create or update: only a change is sent,
// and null clears.
func assigning(planned, current types.String) prefactor.Field[string] {
	switch {
	case planned.IsUnknown(), planned.Equal(current):
		return prefactor.Field[string]{}
	case planned.IsNull():
		return prefactor.Null[string]()
	default:
		return prefactor.Some(planned.ValueString())
	}
}

type (
	privateReader interface {
		GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	}
	privateWriter interface {
		SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
	}
)

// planAssigned plans the assigned attributes that are not configured: one that
// an apply has set is cleared, and any other stays as it is.
func (r *object[M, T]) planAssigned(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if len(r.kind.assigned) == 0 || req.State.Raw.IsNull() {
		return
	}
	set := assignedBefore(ctx, req.Private, &resp.Diagnostics)
	for _, name := range r.kind.assigned {
		var configured, current types.String
		resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root(name), &configured)...)
		resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root(name), &current)...)
		if !configured.IsNull() || resp.Diagnostics.HasError() {
			continue
		}
		if slices.Contains(set, name) {
			current = types.StringNull()
		}
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root(name), current)...)
	}
}

// noteAssigned notes which assigned attributes are configured.
func (r *object[M, T]) noteAssigned(ctx context.Context, config tfsdk.Config, private privateWriter, diags *diag.Diagnostics) {
	if len(r.kind.assigned) == 0 {
		return
	}
	r.writeAssigned(ctx, r.kind.assigned, config.GetAttribute, private, diags)
}

// dropAssigned forgets the attributes that the platform has cleared: they can
// be assigned elsewhere from then on, unless the configuration has them.
func (r *object[M, T]) dropAssigned(ctx context.Context, state tfsdk.State, before privateReader, private privateWriter, diags *diag.Diagnostics) {
	if set := assignedBefore(ctx, before, diags); len(set) > 0 {
		r.writeAssigned(ctx, set, state.GetAttribute, private, diags)
	}
}

// writeAssigned notes those of the names that have a value.
func (r *object[M, T]) writeAssigned(
	ctx context.Context, names []string, get func(context.Context, path.Path, any) diag.Diagnostics, private privateWriter, diags *diag.Diagnostics,
) {
	set := []string{}
	for _, name := range names {
		var value types.String
		diags.Append(get(ctx, path.Root(name), &value)...)
		if !value.IsNull() {
			set = append(set, name)
		}
	}
	raw, _ := json.Marshal(set) // Strings can always be encoded.
	diags.Append(private.SetKey(ctx, assignedKey, raw)...)
}

func assignedBefore(ctx context.Context, private privateReader, diags *diag.Diagnostics) (set []string) {
	raw, d := private.GetKey(ctx, assignedKey)
	diags.Append(d...)
	if len(raw) > 0 {
		_ = json.Unmarshal(raw, &set) // Nothing but writeAssigned writes it.
	}
	return set
}
