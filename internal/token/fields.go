package token

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// field ties an attribute to its place in a model. Each plan of each token is
// read several times; the framework's way of filling a struct, by reflection and
// with a regular expression for each field, would be a fifth of the provider's
// time.
type field struct {
	name string
	typ  attr.Type
	get  func(*model) attr.Value
	set  func(*model, attr.Value)
}

func fieldOf[T attr.Value](name string, typ attr.Type, place func(*model) *T) field {
	return field{
		name: name, typ: typ,
		get: func(m *model) attr.Value { return *place(m) },
		set: func(m *model, v attr.Value) { *place(m) = v.(T) }, //nolint:forcetypeassert // As typ says; a test goes through all.
	}
}

var (
	baseFields = []field{
		fieldOf("id", types.StringType, func(m *model) *types.String { return &m.ID }),
		fieldOf("token", types.StringType, func(m *model) *types.String { return &m.Token }),
		fieldOf("encrypted_token", types.StringType, func(m *model) *types.String { return &m.EncryptedToken }),
		fieldOf("recipients", types.ListType{ElemType: types.StringType}, func(m *model) *types.List { return &m.Recipients }),
		fieldOf("github_public_key", types.StringType, func(m *model) *types.String { return &m.GitHubPublicKey }),
		fieldOf("github_encrypted_token", types.StringType, func(m *model) *types.String { return &m.GitHubEncryptedToken }),
		fieldOf("status", types.StringType, func(m *model) *types.String { return &m.Status }),
		fieldOf("expires_at", timetypes.RFC3339Type{}, func(m *model) *timetypes.RFC3339 { return &m.ExpiresAt }),
		fieldOf("lifetime", types.StringType, func(m *model) *types.String { return &m.Lifetime }),
		fieldOf("account_id", types.StringType, func(m *model) *types.String { return &m.AccountID }),
		fieldOf("created_at", timetypes.RFC3339Type{}, func(m *model) *timetypes.RFC3339 { return &m.CreatedAt }),
		fieldOf("rotation", types.ObjectType{AttrTypes: rotationTypes}, func(m *model) *types.Object { return &m.Rotation }),
		fieldOf("previous", types.ObjectType{AttrTypes: previousTypes}, func(m *model) *types.Object { return &m.Previous }),
		fieldOf("version", types.Int64Type, func(m *model) *types.Int64 { return &m.Version }),
		fieldOf("leftovers", types.ListType{ElemType: types.StringType}, func(m *model) *types.List { return &m.Leftovers }),
		fieldOf("deletion_policy", types.StringType, func(m *model) *types.String { return &m.DeletionPolicy }),
		fieldOf("require_unused_for", types.StringType, func(m *model) *types.String { return &m.RequireUnusedFor }),
	}
	deploymentFields = append(slices.Clip(baseFields),
		fieldOf("agent_id", types.StringType, func(m *model) *types.String { return &m.AgentID }),
		fieldOf("environment_id", types.StringType, func(m *model) *types.String { return &m.EnvironmentID }),
		fieldOf("agent_deployment_id", types.StringType, func(m *model) *types.String { return &m.AgentDeploymentID }),
	)
)

func (k kind) fields() []field {
	if k.scope == prefactor.ScopeAgentDeployment {
		return deploymentFields
	}
	return baseFields
}

// load reads a plan, state or configuration of this kind of token.
func (k kind) load(ctx context.Context, raw tftypes.Value, diags *diag.Diagnostics) model {
	var m model
	var values map[string]tftypes.Value
	if err := raw.As(&values); err != nil {
		diags.AddError("Token not readable", fmt.Sprintf("%s. This is a bug in the provider; please report it.", err))
		return m
	}
	for _, f := range k.fields() {
		v, err := f.typ.ValueFromTerraform(ctx, values[f.name])
		if err != nil {
			diags.AddAttributeError(path.Root(f.name), "Attribute not readable", fmt.Sprintf("%s. This is a bug in the provider; please report it.", err))
			continue
		}
		f.set(&m, v)
	}
	return m
}

// save writes a state of this kind of token.
func (k kind) save(ctx context.Context, raw *tftypes.Value, m model, diags *diag.Diagnostics) {
	values, typ := map[string]tftypes.Value{}, tftypes.Object{AttributeTypes: map[string]tftypes.Type{}}
	for _, f := range k.fields() {
		v, err := f.get(&m).ToTerraformValue(ctx)
		if err != nil {
			diags.AddAttributeError(path.Root(f.name), "Attribute not writable", fmt.Sprintf("%s. This is a bug in the provider; please report it.", err))
			return
		}
		values[f.name], typ.AttributeTypes[f.name] = v, v.Type()
	}
	*raw = tftypes.NewValue(typ, values)
}
