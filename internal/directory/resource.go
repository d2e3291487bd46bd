package directory

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// managedResource is the resource of any kind.
type managedResource[T any] struct {
	kind     kind[T]
	provider *tfkit.Provider
}

func (r *managedResource[T]) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + r.kind.name()
}

func (r *managedResource[T]) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"id": identityschema.StringAttribute{Description: "The id (PFID) of the " + r.kind.noun + ".", RequiredForImport: true},
		},
	}
}

func (r *managedResource[T]) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{MarkdownDescription: r.kind.description, Attributes: r.kind.attributes.resource()}
}

func (r *managedResource[T]) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.provider = tfkit.ProviderFrom(req.ProviderData, &resp.Diagnostics)
}

// ModifyPlan validates the plan, and shows the provider's default account in the plan
// of a create.
func (r *managedResource[T]) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() {
		r.planDestroy(ctx, req, &resp.Diagnostics)
		return
	}
	config, plan := load(ctx, req.Config, &resp.Diagnostics), load(ctx, req.Plan, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if r.kind.check != nil {
		r.kind.check(plan, &resp.Diagnostics)
	}
	switch isNew := req.State.Raw.IsNull(); {
	case !isNew:
		r.kind.attributes.planAssigned(ctx, config, load(ctx, req.State, &resp.Diagnostics), plan, req.Private, &resp.Diagnostics)
	case r.kind.of == ofAccount && config[ofAccount].IsNull() && r.provider != nil && r.provider.AccountID != "":
		plan[ofAccount] = types.StringValue(r.provider.AccountID)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan.asObject(ctx))...)
}

func (r *managedResource[T]) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	plan := load(ctx, req.Plan, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !r.provider.Ready(&resp.Diagnostics) {
		return
	}
	if given, ok := plan[r.kind.of].(types.String); ok && r.kind.of == ofAccount {
		account, ok := accountFor(ctx, r.provider, given, &resp.Diagnostics)
		if !ok {
			return
		}
		plan[ofAccount] = types.StringValue(account)
	}
	defer r.kind.forget(r.provider.Inventory)
	created, err := r.create(ctx, plan, &resp.Diagnostics)
	if found, ok := r.adopt(ctx, plan, err); ok {
		created, err = found, nil
	}
	if err != nil {
		r.addCreateError(ctx, plan, err, &resp.Diagnostics)
		return
	}
	prior := plan
	if r.kind.finalized != "" {
		// A create does not set it.
		prior = plan.with(r.kind.finalized, types.StringNull())
	}
	m := r.kind.afterWrite(r.kind.merge(prior, created), plan)
	// The state knows the object before anything else can fail.
	noteAssigned(ctx, r.kind.attributes.assigned(), load(ctx, req.Config, &resp.Diagnostics), resp.Private, &resp.Diagnostics)
	r.save(ctx, &resp.State, resp.Identity, m, &resp.Diagnostics)
	r.finalize(ctx, plan, m, &resp.State, resp.Identity, fmt.Sprintf("the %s was created and is in the state. "+
		"The next apply replaces it, unless you run terraform untaint on its address first, so that the next apply continues", r.kind.noun), &resp.Diagnostics)
}

func (r *managedResource[T]) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	state := load(ctx, req.State, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	r.identify(ctx, resp.Identity, state, &resp.Diagnostics)
	if r.provider != nil && r.provider.API == nil {
		// The provider block is not known before an apply. The state stays as it is: an
		// error would prevent that apply.
		return
	}
	if !r.provider.Ready(&resp.Diagnostics) {
		return
	}
	found, deleted, err := r.get(ctx, state, false)
	switch {
	case err != nil:
		r.provider.AddAPIError(&resp.Diagnostics, "Cannot read the "+r.kind.noun, err)
	case deleted:
		resp.State.RemoveResource(ctx)
	default:
		m := r.kind.merge(state, found)
		r.save(ctx, &resp.State, resp.Identity, m, &resp.Diagnostics)
		dropAssigned(ctx, m, req.Private, resp.Private, &resp.Diagnostics)
	}
}

func (r *managedResource[T]) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	plan, state := load(ctx, req.Plan, &resp.Diagnostics), load(ctx, req.State, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !r.provider.Ready(&resp.Diagnostics) {
		return
	}
	defer r.kind.forget(r.provider.Inventory)
	m := r.kind.afterWrite(state, plan)
	if r.kind.changed(plan, state) {
		updated, err := r.update(ctx, plan, state)
		if err != nil {
			r.provider.AddAPIError(&resp.Diagnostics, "Cannot update the "+r.kind.noun, err, r.kind.attributes.configurable()...)
			return
		}
		m = r.kind.afterWrite(r.kind.merge(state, updated), plan)
		noteAssigned(ctx, r.kind.attributes.assigned(), load(ctx, req.Config, &resp.Diagnostics), resp.Private, &resp.Diagnostics)
	}
	r.save(ctx, &resp.State, resp.Identity, m, &resp.Diagnostics)
	r.finalize(ctx, plan, m, &resp.State, resp.Identity, "the next apply continues", &resp.Diagnostics)
}

// update changes the object in place. A lost response is no error if the object is
// as planned.
func (r *managedResource[T]) update(ctx context.Context, plan, state values) (T, error) {
	updated, err := r.kind.update.send(ctx, r.provider.API, r.kind.attributes, plan, state)
	if e, ok := errors.AsType[*prefactor.Error](err); ok && e.Ambiguous && tfkit.Verifiable(err) {
		if found, readErr := r.kind.read(ctx, r.provider.Inventory, plan.text("id")); readErr == nil && !r.kind.changed(plan, r.kind.merge(plan, found)) {
			return found, nil
		}
	}
	return updated, err
}

func (r *managedResource[T]) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	state := load(ctx, req.State, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !r.provider.Ready(&resp.Diagnostics) {
		return
	}
	var consequences diag.Diagnostics
	if r.kind.beforeDelete != nil {
		r.kind.beforeDelete(ctx, r.provider, state, &consequences)
		if consequences.HasError() {
			resp.Diagnostics.Append(consequences...)
			return
		}
	}
	defer r.kind.forget(r.provider.Inventory)
	switch err := r.remove(ctx, state); {
	case err == nil:
		resp.Diagnostics.Append(consequences...)
	case errors.Is(err, prefactor.ErrRejected):
		resp.Diagnostics.AddError("The platform keeps the "+r.kind.noun, fmt.Sprintf("%s\n\n%s", tfkit.Sentence(tfkit.UpperFirst(err.Error())), r.kind.inUse))
	default:
		r.provider.AddAPIError(&resp.Diagnostics, "Cannot delete the "+r.kind.noun, err)
	}
}

// remove deletes the object. A lost response and an object that was deleted already
// are no errors.
func (r *managedResource[T]) remove(ctx context.Context, state values) error {
	err := r.kind.remove(r.provider.API, ctx, state.text("id"))
	if err == nil || !tfkit.Verifiable(err) {
		return err
	}
	e, ok := errors.AsType[*prefactor.Error](err)
	_, deleted, getErr := r.get(ctx, state, ok && e.Ambiguous)
	switch {
	case deleted:
		return nil
	case getErr != nil:
		return fmt.Errorf("%w; afterwards %w", err, getErr)
	default:
		return err
	}
}

// planDestroy warns of the consequences of a planned deletion.
func (r *managedResource[T]) planDestroy(ctx context.Context, req resource.ModifyPlanRequest, diags *diag.Diagnostics) {
	if r.kind.onDestroyPlan == nil || r.provider == nil || r.provider.API == nil {
		return
	}
	state := load(ctx, req.State, diags)
	if !diags.HasError() {
		r.kind.onDestroyPlan(ctx, r.provider, state, diags)
	}
}

func (r *managedResource[T]) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	id := types.StringValue(req.ID)
	if req.ID == "" && req.Identity != nil {
		resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root("id"), &id)...)
	}
	if _, err := pfid.Parse(id.ValueString()); err != nil {
		// What was given is not repeated: it may be a secret that was pasted by mistake.
		resp.Diagnostics.AddError("Invalid Prefactor id", fmt.Sprintf(
			"Import takes the id (PFID) of the %s: %s. A name is not an id: data.%s finds the id by name.", r.kind.noun, err, r.kind.typeName()))
		return
	}
	if !r.provider.Ready(&resp.Diagnostics) {
		return
	}
	// Read sets the other attributes, and fails if there is no such object.
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), id)...)
	if resp.Identity != nil {
		resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root("id"), id)...)
	}
}

// get reads the object, and confirms that it is deleted where it is not found.
func (r *managedResource[T]) get(ctx context.Context, m values, deleteSent bool) (found T, deleted bool, err error) {
	o := r.kind.confirmable(r.provider.Inventory, m)
	o.DeleteSent = deleteSent
	return tfkit.Get(ctx, r.provider.API, o, func(ctx context.Context) (T, error) { return r.kind.readListed(ctx, r.provider.Inventory, m) })
}

// finalize sends the further call after a create or update, if there is one, and saves
// the result. after says how to continue after a failure.
func (r *managedResource[T]) finalize(ctx context.Context, plan, m values, state *tfsdk.State, identity *tfsdk.ResourceIdentity, after string, diags *diag.Diagnostics) {
	if r.kind.finalize == nil || diags.HasError() {
		return
	}
	m, err := r.kind.finalize(ctx, r.provider.API, plan, m)
	if err != nil {
		r.provider.AddAPIError(diags, fmt.Sprintf("Changes to the %s are incomplete", r.kind.noun), fmt.Errorf("%w; %s", err, after))
	}
	r.save(ctx, state, identity, m, diags)
}

func (r *managedResource[T]) save(ctx context.Context, state *tfsdk.State, identity *tfsdk.ResourceIdentity, m values, diags *diag.Diagnostics) {
	diags.Append(state.Set(ctx, m.asObject(ctx))...)
	r.identify(ctx, identity, m, diags)
}

// identify sets the identity, which older Terraform and OpenTofu do not know.
func (r *managedResource[T]) identify(ctx context.Context, identity *tfsdk.ResourceIdentity, m values, diags *diag.Diagnostics) {
	if identity != nil {
		diags.Append(identity.SetAttribute(ctx, path.Root("id"), m.text("id"))...)
	}
}
