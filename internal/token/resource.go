package token

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

var (
	_ resource.ResourceWithConfigure      = (*tokenResource)(nil)
	_ resource.ResourceWithIdentity       = (*tokenResource)(nil)
	_ resource.ResourceWithImportState    = (*tokenResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*tokenResource)(nil)
	_ resource.ResourceWithValidateConfig = (*tokenResource)(nil)
)

// tokenResource is the managed token of either kind.
type tokenResource struct {
	kind     kind
	provider *tfkit.Provider
}

func (r *tokenResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + r.kind.name
	// A rotation puts another token at the same address.
	resp.ResourceBehavior.MutableIdentity = true
}

func (r *tokenResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"id": identityschema.StringAttribute{Description: "The token's id (PFID).", RequiredForImport: true},
		},
	}
}

// identify sets the identity, which older Terraform and OpenTofu do not know.
func (r *tokenResource) identify(ctx context.Context, identity *tfsdk.ResourceIdentity, m model, diags *diag.Diagnostics) {
	if identity != nil {
		diags.Append(identity.SetAttribute(ctx, path.Root("id"), m.ID)...)
	}
}

func (r *tokenResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = r.kind.schema()
}

func (r *tokenResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.provider = tfkit.ProviderFrom(req.ProviderData, &resp.Diagnostics)
}

func (r *tokenResource) lifecycleOf(m model) lifecycle {
	return lifecycle{api: r.provider.API, id: m.ID.ValueString(), accountID: m.AccountID.ValueString()}
}

func (r *tokenResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	plan := r.kind.load(ctx, req.Plan.Raw, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !r.provider.Ready(&resp.Diagnostics) {
		return
	}
	created, ok := r.create(ctx, plan, nil, &resp.Diagnostics)
	if !ok {
		return
	}
	m := merge(plan, created.Token)
	m.Version = versionAfter(r.provider.DestroyedVersion.Load(), created.Token)
	m.Status = types.StringValue(prefactor.StatusActive)
	hidden := m.keepValue(created.Value)
	config := r.kind.load(ctx, req.Config.Raw, &resp.Diagnostics)
	rotation := m.rotationOf()
	m.RotateAt = rotation.shownRotateAt(m, !config.ExpiresAt.IsNull())
	// The state knows the token before anything else can fail: its value is
	// never shown again.
	r.kind.save(ctx, &resp.State.Raw, m, &resp.Diagnostics)
	r.identify(ctx, resp.Identity, m, &resp.Diagnostics)
	var p private
	p.granted(m, config)
	p.Digests.Token = tfkit.Digest(created.Value)
	p.observe(m, rotation, nil, present(r.provider.API))
	p.save(ctx, resp.Private, &resp.Diagnostics)
	if wrong := checkCreated(plan, created, hidden); wrong != nil {
		resp.Diagnostics.AddAttributeError(wrong.at, wrong.summary, wrong.detail+" The token is in the state; the next apply replaces it.")
	}
	if resp.Diagnostics.HasError() || plan.Status.ValueString() != prefactor.StatusSuspended {
		return
	}
	if _, err := r.lifecycleOf(m).moveTo(ctx, prefactor.StatusActive, goalSuspended); err != nil {
		r.provider.AddAPIError(&resp.Diagnostics, "Token created but not suspended", err)
		resp.Diagnostics.AddAttributeError(path.Root("status"), "Token created but not suspended", fmt.Sprintf(
			"Token %s was created and is in the state, but it is still active: the API did not suspend it. "+
				"The next apply replaces the token, unless you run terraform untaint on its address first: the next apply then suspends this token instead.", m.ID.ValueString()))
		return
	}
	m.Status = types.StringValue(prefactor.StatusSuspended)
	r.kind.save(ctx, &resp.State.Raw, m, &resp.Diagnostics)
}

// create asks the platform for a token as planned. known are the tokens that
// the state has already.
func (r *tokenResource) create(ctx context.Context, plan model, known []string, diags *diag.Diagnostics) (prefactor.CreatedToken, bool) {
	account, err := r.provider.Account(plan.AccountID.ValueString())
	if err != nil {
		r.provider.AddAPIError(diags, "Account not known yet", err)
		return prefactor.CreatedToken{}, false
	}
	if !r.checkExpiry(plan, diags) {
		return prefactor.CreatedToken{}, false
	}
	expires := timeOf(plan.ExpiresAt)
	m := minter{provider: r.provider, known: known}
	if expires.IsZero() {
		m.lifetime = tfkit.DurationOr(plan.Lifetime, 0)
	}
	n := prefactor.NewToken{
		Scope:         r.kind.scope,
		AccountID:     account,
		AgentID:       plan.AgentID.ValueString(),
		EnvironmentID: plan.EnvironmentID.ValueString(),
		ExpiresAt:     expires,
	}
	created, err := m.mint(ctx, n, diags)
	if n.Scope == prefactor.ScopeAgentDeployment {
		// The platform may have deployed the agent for it.
		r.provider.Inventory.Deployments.Forget()
	}
	if err != nil {
		addCreateError(ctx, r.provider, "Cannot create the "+r.kind.noun, n, err, diags)
		return prefactor.CreatedToken{}, false
	}
	if lacksAgent(created.Token) {
		created.AgentID = prefactor.Some(n.AgentID)
	}
	if created.CreatedAt().IsZero() {
		created.InsertedAt = prefactor.Some(prefactor.Timestamp{Time: r.provider.API.Now()})
	}
	return created, true
}

// checkExpiry tells whether a token can be created with the planned expiry, which may
// not be in the past.
func (r *tokenResource) checkExpiry(plan model, diags *diag.Diagnostics) bool {
	if !r.hasAPI() || plan.ExpiresAt.ValueString() == "" {
		return true
	}
	expires, now := timeOf(plan.ExpiresAt), r.provider.API.Now()
	if expires.After(now) {
		return true
	}
	diags.AddAttributeError(path.Root("expires_at"), "Expiry in the past", fmt.Sprintf(
		"A token cannot be created with an expiry in the past: expires_at is %s, and it is now %s. Choose a later time, or set lifetime, which counts from the creation.",
		formatTime(expires), now.UTC().Format(time.RFC3339)))
	return false
}

// checkCreated compares what was created with what was asked for. hidden is why the
// value could not be encrypted.
func checkCreated(plan model, created prefactor.CreatedToken, hidden error) *note {
	want := plan.ExpiresAt.ValueString()
	switch {
	case hidden != nil:
		return &note{path.Empty(), "Token value not encrypted", fmt.Sprintf(
			"Token %s was created, but its value could not be encrypted and is lost: %s.", created.ID, hidden)}
	case created.Value == "":
		return &note{path.Root("token"), "Token created without a value", fmt.Sprintf(
			"The API created token %s, but its response did not contain the token value, which the API returns only once.", created.ID)}
	case want != "" && created.ExpiresAt.Known() && !tfkit.SameMoment(want, formatTime(created.ExpiresAt.Value.Time)):
		return &note{path.Root("expires_at"), "Expiry differs from the requested one", fmt.Sprintf(
			"The API created token %s with the expiry %s instead of %s. Set expires_at to a time that the platform allows.",
			created.ID, formatTime(created.ExpiresAt.Value.Time), want)}
	}
	return nil
}

func (r *tokenResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	state := r.kind.load(ctx, req.State.Raw, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	r.identify(ctx, resp.Identity, state, &resp.Diagnostics)
	if r.provider != nil && r.provider.API == nil {
		// The provider block is not known before an apply. What the state
		// knows is the best there is; to fail would be a false alarm.
		return
	}
	if !r.provider.Ready(&resp.Diagnostics) {
		return
	}
	t, status, err := r.lifecycleOf(state).get(ctx)
	if err == nil && status != statusDeleted {
		err = addAgent(ctx, r.provider.Inventory, state, &t)
	}
	if err != nil {
		r.provider.AddAPIError(&resp.Diagnostics, "Cannot read the "+r.kind.noun, err)
		return
	}
	m := state
	if status == statusDeleted {
		m.Status = stateStatus(status)
	} else {
		m = merge(state, t)
	}
	previous := state.previousOf()
	var old prefactor.Token
	if previous != nil {
		if previous, old, err = r.readPrevious(ctx, *previous, m.AccountID.ValueString()); err != nil {
			r.provider.AddAPIError(&resp.Diagnostics, "Cannot read the previous "+r.kind.noun, err)
			return
		}
		m.setPrevious(ctx, previous, &resp.Diagnostics)
	}
	if status == statusDeleted && previous == nil {
		resp.State.RemoveResource(ctx)
		return
	}
	before := loadPrivate(ctx, req.Private, &resp.Diagnostics)
	now, rotation := before, m.rotationOf()
	m.RotateAt = rotation.shownRotateAt(m, before.ExpirySet)
	r.kind.save(ctx, &resp.State.Raw, m, &resp.Diagnostics)
	now.observe(m, rotation, previous, present(r.provider.API))
	now.PreviousUse = previousUse{}
	if previous != nil {
		now.noteUse(m, rotation, previous, old, r.provider.API.Now())
		r.warnOfUnusedValue(m, rotation, previous, t, old, &resp.Diagnostics)
	}
	now.Digests.Held = r.provider.Uses(now.Digests.Previous)
	if !reflect.DeepEqual(now, before) {
		now.save(ctx, resp.Private, &resp.Diagnostics)
	}
	r.warnOfExpiry(ctx, m.AccountID.ValueString(), &resp.Diagnostics)
	r.warnOfOwnExpiry(m, now.Digests.of(m), &resp.Diagnostics)
}

// readPrevious reads the previous token. It is nil if it was deleted.
func (r *tokenResource) readPrevious(ctx context.Context, p previousModel, accountID string) (*previousModel, prefactor.Token, error) {
	t, status, err := lifecycle{api: r.provider.API, id: p.ID.ValueString(), accountID: accountID}.get(ctx)
	if err != nil || status == statusDeleted {
		return nil, t, err
	}
	if t.Status.Known() {
		p.Status = types.StringValue(t.Status.Value)
	}
	return &p, t, nil
}

func (r *tokenResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	in, ok := r.inputs(ctx, req.Config, r.kind.load(ctx, req.Plan.Raw, &resp.Diagnostics), req.State, req.Private, &resp.Diagnostics)
	if !ok || !r.provider.Ready(&resp.Diagnostics) {
		return
	}
	in.config = withOverridden(in.config, in.plan, in.Configured)
	d := decide(in)
	c := &change{
		r:       r,
		state:   in.state,
		private: in.private,
		diags:   &resp.Diagnostics,
	}
	c.save = func() {
		r.kind.save(ctx, &resp.State.Raw, c.state, c.diags)
		r.identify(ctx, resp.Identity, c.state, c.diags)
		c.private.save(ctx, resp.Private, c.diags)
	}
	switch {
	case d.renew:
		ok = c.rotate(ctx, in)
	case d.step != retireNot:
		ok = c.retireDue(ctx, in, d.step)
	}
	if !ok {
		return
	}
	// A status that is not configured is left as it is.
	if !in.config.Status.IsNull() {
		status := "" // After a rotation the token is known to be active.
		if d.renew {
			status = prefactor.StatusActive
		}
		if !c.setStatus(ctx, status, in.plan.Status) {
			return
		}
	}
	if in.plan.ExpiresAt.ValueString() != "" {
		c.state.ExpiresAt = in.plan.ExpiresAt // The planned notation.
	}
	c.state.copyArguments(in.plan)
	c.ExpirySet = !in.config.ExpiresAt.IsNull()
	if c.state.RotateAt = in.plan.RotateAt; c.state.RotateAt.IsUnknown() {
		c.state.RotateAt = in.rotation.shownRotateAt(c.state, c.ExpirySet)
	}
	c.observe(c.state, in.rotation, c.state.previousOf(), present(r.provider.API))
	c.save()
}

func (r *tokenResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	state := r.kind.load(ctx, req.State.Raw, &resp.Diagnostics)
	if resp.Diagnostics.HasError() || !r.provider.Ready(&resp.Diagnostics) {
		return
	}
	noteDestroyed(r.provider, state.Version.ValueInt64())
	state, done := r.destroy(ctx, state, loadPrivate(ctx, req.Private, &resp.Diagnostics).Digests, &resp.Diagnostics)
	if !done {
		r.kind.save(ctx, &resp.State.Raw, state, &resp.Diagnostics)
	}
}

func (r *tokenResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	id := req.ID
	if id == "" && req.Identity != nil {
		var given types.String
		resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root("id"), &given)...)
		id = given.ValueString()
	}
	if _, err := pfid.Parse(id); err != nil {
		// The id is not repeated: a token's value pasted by mistake is one.
		resp.Diagnostics.AddError("Invalid token id", fmt.Sprintf(
			"Import requires the id of the token: %s. The id is shown on the platform's API tokens page and in data.prefactor_api_tokens. Do not use the token value.", err))
		return
	}
	if !r.provider.Ready(&resp.Diagnostics) {
		return
	}
	t, err := r.provider.API.Token(ctx, id)
	if err != nil {
		if errors.Is(err, prefactor.ErrNotFound) {
			resp.Diagnostics.AddError("No such token", noSuchToken(r.provider, id))
			return
		}
		r.provider.AddAPIError(&resp.Diagnostics, "Cannot import the "+r.kind.noun, err)
		return
	}
	if wrong := r.kind.otherScope(t); wrong != "" {
		resp.Diagnostics.AddError("Wrong type of token", wrong)
		return
	}
	if err := addAgent(ctx, r.provider.Inventory, model{}, &t); err != nil {
		r.provider.AddAPIError(&resp.Diagnostics, "Cannot import the "+r.kind.noun, err)
		return
	}
	m := imported(t)
	r.kind.save(ctx, &resp.State.Raw, m, &resp.Diagnostics)
	r.identify(ctx, resp.Identity, m, &resp.Diagnostics)
	// Once in a plan: it is true of each token.
	r.provider.Once("import warning", func() {
		resp.Diagnostics.AddWarning("Tokens are imported without their values", "The API returns the token value only once, when the token is created. "+
			"The attribute token of an imported token is null until the token is renewed. To renew it immediately, add a rotation block, apply, and change one of its triggers.")
	})
}

// imported is the state of a token that someone else has made.
func imported(t prefactor.Token) model {
	m := merge(initial(), t)
	m.Version = versionAfter(0, t)
	return m
}
