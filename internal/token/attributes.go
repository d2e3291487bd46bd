package token

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/defaults"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/objectplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// attribute is the only definition of an attribute of a token: its name, its
// place in the model, and its schema. Reading, writing, copying and importing
// follow from it.
//
// The framework's way of filling a struct, by reflection and with a regular
// expression for each field, would take a fifth of the provider's time: each
// plan reads each token several times.
type attribute struct {
	name   string
	schema schema.Attribute
	typ    attr.Type
	// null is the value of an attribute that is not set.
	null attr.Value
	// initial is the value after an import: the default, else null.
	initial attr.Value
	get     func(*model) attr.Value
	set     func(*model, attr.Value)
}

func define[T attr.Value](name string, place func(*model) *T, s schema.Attribute) attribute {
	ctx := context.Background()
	a := attribute{
		name: name, schema: s, typ: s.GetType(),
		get: func(m *model) attr.Value { return *place(m) },
		set: func(m *model, v attr.Value) { *place(m) = v.(T) }, //nolint:forcetypeassert // As typ says; a test goes through all.
	}
	if _, isTime := any(*new(T)).(timetypes.RFC3339); isTime {
		// expires_at is a plain string in its schema, so that its plan modifier
		// compares the times, and not the type.
		a.typ = timetypes.RFC3339Type{}
	}
	null, err := a.typ.ValueFromTerraform(ctx, tftypes.NewValue(a.typ.TerraformType(ctx), nil))
	if err != nil {
		panic(err)
	}
	a.null, a.initial = null, null
	if s, ok := s.(interface{ StringDefaultValue() defaults.String }); ok && s.StringDefaultValue() != nil {
		var resp defaults.StringResponse
		s.StringDefaultValue().DefaultString(ctx, defaults.StringRequest{}, &resp)
		a.initial = resp.PlanValue
	}
	return a
}

// isArgument tells that only the configuration knows the value.
func (a attribute) isArgument() bool {
	return a.schema.IsOptional() && (!a.schema.IsComputed() || !a.initial.Equal(a.null))
}

// isOverridable tells that the configuration may set the value, and that the
// API has one otherwise.
func (a attribute) isOverridable() bool { return a.schema.IsOptional() && !a.isArgument() }

func (k kind) attributes() []attribute {
	if k.scope == prefactor.ScopeAgentDeployment {
		return deploymentAttributes
	}
	return baseAttributes
}

// schema is the schema of a kind of token. Which changes renew a token, and
// how, is decided by decide and not by the attributes: it depends on more than
// one of them.
func (k kind) schema() schema.Schema {
	attributes := map[string]schema.Attribute{}
	for _, a := range k.attributes() {
		attributes[a.name] = a.schema
	}
	return schema.Schema{MarkdownDescription: k.description, Attributes: attributes}
}

// load reads a plan, state or configuration of this kind of token.
func (k kind) load(ctx context.Context, raw tftypes.Value, diags *diag.Diagnostics) model {
	var m model
	var values map[string]tftypes.Value
	if err := raw.As(&values); err != nil {
		diags.AddError("Token not readable", fmt.Sprintf("%s. This is a bug in the provider; please report it.", err))
		return m
	}
	for _, a := range k.attributes() {
		v, err := a.typ.ValueFromTerraform(ctx, values[a.name])
		if err != nil {
			diags.AddAttributeError(path.Root(a.name), "Attribute not readable", fmt.Sprintf("%s. This is a bug in the provider; please report it.", err))
			continue
		}
		a.set(&m, v)
	}
	return m
}

// save writes a state of this kind of token.
func (k kind) save(ctx context.Context, raw *tftypes.Value, m model, diags *diag.Diagnostics) {
	values, typ := map[string]tftypes.Value{}, tftypes.Object{AttributeTypes: map[string]tftypes.Type{}}
	for _, a := range k.attributes() {
		v, err := a.get(&m).ToTerraformValue(ctx)
		if err != nil {
			diags.AddAttributeError(path.Root(a.name), "Attribute not writable", fmt.Sprintf("%s. This is a bug in the provider; please report it.", err))
			return
		}
		values[a.name], typ.AttributeTypes[a.name] = v, v.Type()
	}
	*raw = tftypes.NewValue(typ, values)
}

// initial is a token that no configuration was applied to.
func initial() model {
	var m model
	for _, a := range deploymentAttributes {
		a.set(&m, a.initial)
	}
	return m
}

// copyArguments takes what only the configuration knows from a plan.
func (m *model) copyArguments(plan model) {
	for _, a := range deploymentAttributes {
		if a.isArgument() {
			a.set(m, a.get(&plan))
		}
	}
}

// overridden are the overridable attributes that a configuration sets.
func overridden(config model) []string {
	var names []string
	for _, a := range deploymentAttributes {
		if a.isOverridable() && !a.get(&config).IsNull() {
			names = append(names, a.name)
		}
	}
	return names
}

// withOverridden is the configuration as the plan saw it. With ignore_changes
// the plan sees the values of the state as the configuration, and the apply
// does not.
func withOverridden(config, plan model, seen []string) model {
	for _, a := range deploymentAttributes {
		switch planned := slices.Contains(seen, a.name); {
		case !a.isOverridable() || planned != a.get(&config).IsNull():
		case planned:
			a.set(&config, a.get(&plan))
		default:
			a.set(&config, a.null)
		}
	}
	return config
}

// stable keeps the value of the state where a plan does not set another.
var stable = []planmodifier.String{stringplanmodifier.UseStateForUnknown()}

// The attributes of account tokens, and those of deployment tokens.
var baseAttributes = []attribute{
	define("id", func(m *model) *types.String { return &m.ID }, stableText("The id (PFID) of the token. It is not secret.")),
	define("token", func(m *model) *types.String { return &m.Token }, schema.StringAttribute{
		MarkdownDescription: "The token value. The API returns it once, at creation, and it is then stored in the state: protect the state like the token. " +
			"Null for an imported token, whose value the API does not return, and if the value is encrypted.",
		Computed:      true,
		Sensitive:     true,
		PlanModifiers: stable,
	}),
	define("recipients", func(m *model) *types.List { return &m.Recipients }, schema.ListAttribute{
		MarkdownDescription: "Encrypt the token value to these public keys, so that the state does not contain it: age (`age1...`, or `age1pq1...` for post-quantum keys, which cannot be combined with others) or SSH (`ssh-ed25519 ...`, `ssh-rsa ...`), each a single line. " +
			"`token` is then null, and `encrypted_token` has the value. A change renews the token, because the provider no longer knows its value and cannot encrypt it again.",
		ElementType: types.StringType,
		Optional:    true,
		Validators:  []validator.List{recipientsValidator{}},
	}),
	define("encrypted_token", func(m *model) *types.String { return &m.EncryptedToken }, stableText(
		"The token value, encrypted to `recipients`, as armored text for `age --decrypt -i key.txt`. Null without recipients.",
	)),
	define("github_public_key", func(m *model) *types.String { return &m.GitHubPublicKey }, schema.StringAttribute{
		MarkdownDescription: "Keep the token value out of the state, and encrypt it for GitHub Actions: the public key of a repository, `key` of the data source `github_actions_public_key` (or of the corresponding data source for environments, organizations, Codespaces or Dependabot). " +
			"`token` is then null, and `github_encrypted_token` has the value. This argument can be combined with `recipients`. A change renews the token, like a change of `recipients`.",
		Optional:   true,
		Validators: []validator.String{gitHubKeyValidator{}},
	}),
	define("github_encrypted_token", func(m *model) *types.String { return &m.GitHubEncryptedToken }, stableText(
		"The token value, encrypted to `github_public_key` as a libsodium sealed box, in base64: for `value_encrypted` of `github_actions_secret`, with the `key_id` of the same data source. Null without `github_public_key`.",
	)),
	define("status", func(m *model) *types.String { return &m.Status }, schema.StringAttribute{
		MarkdownDescription: "`active` or `suspended`. A suspended token does not work and can be activated again. Both are updates in place. " +
			"If set, each apply enforces it, for the previous token too: `suspended` also suspends a previous token during its overlap. " +
			"If not set, a new token is active, and the status of an existing token is not changed: a token that was suspended outside Terraform stays suspended, " +
			"each plan warns of it, and a renewal that is due because of time is postponed. " +
			"Null for a token that was revoked or deleted outside Terraform, which the next apply renews.",
		Optional: true,
		Computed: true,
		Validators: []validator.String{
			stringvalidator.OneOf(prefactor.StatusActive, prefactor.StatusSuspended),
		},
		PlanModifiers: stable,
	}),
	define("expires_at", func(m *model) *timetypes.RFC3339 { return &m.ExpiresAt }, schema.StringAttribute{
		MarkdownDescription: "When the token expires, in RFC 3339, such as `2027-06-30T00:00:00Z`. The platform sets a time if neither " +
			"this nor `lifetime` is set. Must be in the future at creation. A change renews the token: by a rotation if there is a `rotation` block, else by a replacement. Another notation of the same time is not a change.",
		Optional: true,
		Computed: true,
		Validators: []validator.String{
			tfkit.Timestamp(),
			stringvalidator.ConflictsWith(path.MatchRoot("lifetime")),
		},
		PlanModifiers: []planmodifier.String{
			stringplanmodifier.UseStateForUnknown(),
			tfkit.SameInstant(),
		},
	}),
	define("lifetime", func(m *model) *types.String { return &m.Lifetime }, schema.StringAttribute{
		MarkdownDescription: "How long the token lives, counted from its creation, as a duration such as `90d`, `2160h` or `45m`. The units are `s`, `m`, `h`, `d` (24 hours) and `w` (7 days); `90d` and `2160h` are the same. " +
			"Conflicts with `expires_at`. A change renews the token: by a rotation if there is a `rotation` block, else by a replacement. " +
			"So does the next apply after the token has expired.",
		Optional: true,
		Validators: []validator.String{
			tfkit.PositiveDuration(),
		},
		PlanModifiers: []planmodifier.String{
			tfkit.SameDuration(),
		},
	}),
	define("account_id", func(m *model) *types.String { return &m.AccountID }, tfkit.AccountAttribute("token", "the account of the provider's own token")),
	define("created_at", func(m *model) *timetypes.RFC3339 { return &m.CreatedAt }, schema.StringAttribute{
		MarkdownDescription: "When the token was created, in RFC 3339.",
		CustomType:          timetypes.RFC3339Type{},
		Computed:            true,
		PlanModifiers:       stable,
	}),
	define("rotation", func(m *model) *types.Object { return &m.Rotation }, rotationBlock),
	define("rotate_at", func(m *model) *timetypes.RFC3339 { return &m.RotateAt }, computedTime("The first apply after this time rotates the token because of `before_expiry`, in RFC 3339. "+
		"Null without `rotation`, without `before_expiry`, and if `expires_at` is configured.")),
	define("previous", func(m *model) *types.Object { return &m.Previous }, previousToken),
	define("version", func(m *model) *types.Int64 { return &m.Version }, schema.Int64Attribute{
		MarkdownDescription: "A number that increases with each token that is created, also by a replacement, and never repeats: when the current token was created, in seconds since 1970. It is lower only after the import of an older token. " +
			"It is for the `*_wo_version` argument beside a write-only argument that takes the token value.",
		Computed:      true,
		PlanModifiers: []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
	}),
	define("deletion_policy", func(m *model) *types.String { return &m.DeletionPolicy }, schema.StringAttribute{
		MarkdownDescription: "What destroying the resource does to the token and to a previous one: `delete` (the default) revokes and deletes it, `revoke` revokes it and keeps its record for audits, " +
			"`suspend` suspends it, `abandon` does not change it. A warning lists the tokens that stay on the platform.",
		Optional:   true,
		Computed:   true,
		Default:    stringdefault.StaticString(policyDelete),
		Validators: []validator.String{stringvalidator.OneOf(policyDelete, policyRevoke, policySuspend, policyAbandon)},
	}),
	define("require_unused_for", func(m *model) *types.String { return &m.RequireUnusedFor }, durationArgument("Do not destroy the token or remove a previous one if it was used within this time, such as `7d`. "+
		"Destroying the token fails then. The removal of a previous token is postponed, and each plan warns with the last use. Checked in the plan, and again in the apply.", tfkit.NonNegativeDuration())),
}

var deploymentAttributes = append(slices.Clip(baseAttributes),
	define("agent_id", func(m *model) *types.String { return &m.AgentID }, fixedID("The agent that the token is issued for. A change forces a replacement.")),
	define("environment_id", func(m *model) *types.String { return &m.EnvironmentID }, fixedID("The environment that the agent runs in. A change forces a replacement.")),
	define("agent_deployment_id", func(m *model) *types.String { return &m.AgentDeploymentID }, stableText("The agent deployment that the token belongs to: the one of the agent in the environment.")),
)

var previousTypes = previousToken.GetType().(attr.TypeWithAttributeTypes).AttributeTypes() //nolint:forcetypeassert // It is an object.

var rotationBlock = schema.SingleNestedAttribute{
	MarkdownDescription: "Renews the token in place, at the same address. The old token works for the overlap, is then suspended, which can be undone, " +
		"and later revoked and deleted. Without this block, a renewal is a replacement. " +
		"Each step takes place in the first apply after it is due. The apply that adds the block to an existing token does not renew the token.",
	Optional: true,
	Attributes: map[string]schema.Attribute{
		"before_expiry": durationArgument("Rotate in the first apply in which the token expires within this time, such as `14d`. Must be shorter than `lifetime`. A new or changed value takes effect with the next refresh.",
			tfkit.PositiveDuration()),
		"spread": durationArgument("Rotate up to this much earlier than `before_expiry`, such as `72h`. The id of the token determines how much earlier, so tokens that were created in one apply are not all rotated in one apply. "+
			"`rotate_at` shows the result. `before_expiry` and `spread` together must be shorter than `lifetime`.",
			tfkit.PositiveDuration()),
		"triggers": schema.MapAttribute{
			MarkdownDescription: "Any change of these values rotates the token. The first value that is not empty rotates an imported token, whose value is not known.",
			ElementType:         types.StringType,
			Optional:            true,
		},
		"overlap": durationArgument("How long the previous token stays active after a rotation. Default `"+tfkit.FormatDuration(defaultOverlap)+"`, or `before_expiry` if that is shorter. Must not be longer than `before_expiry`.",
			tfkit.NonNegativeDuration()),
		"retire_when_unused_for": durationArgument("At the end of the overlap, suspend the previous token only if it was not used for this time, such as `24h`. Until then the suspension is postponed, and each plan warns with the last use. "+
			"The suspension is not postponed beyond the expiry of the previous token. No effect if `overlap` is `0s`. By default the use of the previous token is not considered.",
			tfkit.PositiveDuration()),
		"max_overlap": durationArgument("With `retire_when_unused_for`: suspend the previous token at most this long after the rotation, even if it is still in use. By default, there is no limit other than its expiry.",
			tfkit.PositiveDuration()),
		"suspend_for": durationArgument("How long the previous token stays suspended after its overlap, before it is revoked and deleted. Default `"+tfkit.FormatDuration(defaultSuspendFor)+"`; `0s` skips the suspension.",
			tfkit.NonNegativeDuration()),
		"keep_previous": schema.BoolAttribute{
			MarkdownDescription: "For a rollback: while true, the previous token is kept, and activated if the rotation had suspended it. When this is no longer true, overlap and suspension start again.",
			Optional:            true,
		},
	},
}

var previousToken = schema.SingleNestedAttribute{
	MarkdownDescription: "The token that the last rotation replaced. Null if it has been deleted, or if there was no rotation.",
	Computed:            true,
	PlanModifiers:       []planmodifier.Object{objectplanmodifier.UseStateForUnknown()},
	Attributes: map[string]schema.Attribute{
		"id":         schema.StringAttribute{MarkdownDescription: "The previous token's id.", Computed: true},
		"status":     schema.StringAttribute{MarkdownDescription: "`active`, `suspended` or, if someone revoked it, `revoked`.", Computed: true},
		"expires_at": computedTime("When it expires, in RFC 3339."),
		"suspend_at": computedTime("The first apply after this time suspends it, in RFC 3339. Null if it is not going to be suspended, or is kept."),
		"remove_at":  computedTime("The first apply after this time revokes and deletes it, in RFC 3339. Null while it is kept."),
		"version":    schema.Int64Attribute{MarkdownDescription: "Its `version`, for the `*_wo_version` argument of a consumer that gets this value again.", Computed: true},
		"encrypted_token": schema.StringAttribute{
			MarkdownDescription: "The token value, encrypted to the `recipients` from before the rotation; null if there were none. Use it with `keep_previous` to deliver this value again.",
			Computed:            true,
		},
		"github_encrypted_token": schema.StringAttribute{
			MarkdownDescription: "The token value, encrypted to the `github_public_key` from before the rotation; null if there was none.",
			Computed:            true,
		},
	},
}

// stableText is what the platform decides once for a token.
func stableText(description string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, Computed: true, PlanModifiers: stable}
}

// fixedID is the id of what a token is issued for.
func fixedID(description string) schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: description,
		Required:            true,
		Validators:          []validator.String{tfkit.PFID()},
		PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
	}
}

func durationArgument(description string, validators ...validator.String) schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: description,
		Optional:            true,
		Validators:          validators,
		PlanModifiers:       []planmodifier.String{tfkit.SameDuration()},
	}
}

func computedTime(description string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, CustomType: timetypes.RFC3339Type{}, Computed: true}
}
