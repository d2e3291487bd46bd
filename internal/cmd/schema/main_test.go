package main

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/prefactordev/terraform-provider-prefactor/internal/provider"
)

// fake answers with schemas; nothing else of it is ever called.
type fake struct {
	tfprotov6.ProviderServer
	schemas    tfprotov6.GetProviderSchemaResponse
	identities tfprotov6.GetResourceIdentitySchemasResponse
}

func (f *fake) GetProviderSchema(context.Context, *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	return &f.schemas, nil
}

func (f *fake) GetResourceIdentitySchemas(context.Context, *tfprotov6.GetResourceIdentitySchemasRequest) (*tfprotov6.GetResourceIdentitySchemasResponse, error) {
	return &f.identities, nil
}

func TestWriteHasTerraformsFormat(t *testing.T) {
	t.Parallel()
	thing := &tfprotov6.Schema{
		Version: 2,
		Block: &tfprotov6.SchemaBlock{
			Description:     "A *thing*.",
			DescriptionKind: tfprotov6.StringKindMarkdown,
			Attributes: []*tfprotov6.SchemaAttribute{
				{Name: "id", Type: tftypes.String, Computed: true, Deprecated: true},
				{Name: "names", Type: tftypes.List{ElementType: tftypes.String}, Optional: true, Sensitive: true},
				{Name: "secret", Type: tftypes.String, Required: true, WriteOnly: true},
				{Name: "parts", Optional: true, NestedType: &tfprotov6.SchemaObject{
					Nesting:    tfprotov6.SchemaObjectNestingModeSet,
					Attributes: []*tfprotov6.SchemaAttribute{{Name: "size", Type: tftypes.Number, Required: true}},
				}},
			},
			BlockTypes: []*tfprotov6.SchemaNestedBlock{{
				TypeName: "timeouts",
				Nesting:  tfprotov6.SchemaNestedBlockNestingModeSingle,
				Block:    &tfprotov6.SchemaBlock{},
			}},
		},
	}
	const thingJSON = `{
		"version": 2,
		"block": {
			"description": "A *thing*.",
			"description_kind": "markdown",
			"attributes": {
				"id": {"type": "string", "description_kind": "plain", "deprecated": true, "computed": true},
				"names": {"type": ["list", "string"], "description_kind": "plain", "optional": true, "sensitive": true},
				"secret": {"type": "string", "description_kind": "plain", "required": true, "write_only": true},
				"parts": {"description_kind": "plain", "optional": true, "nested_type": {
					"nesting_mode": "set",
					"attributes": {"size": {"type": "number", "description_kind": "plain", "required": true}}
				}}
			},
			"block_types": {"timeouts": {"nesting_mode": "single", "block": {"description_kind": "plain"}}}
		}
	}`
	things := map[string]*tfprotov6.Schema{"prefactor_thing": thing}
	server := &fake{
		schemas: tfprotov6.GetProviderSchemaResponse{
			Provider:                 &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{}},
			ResourceSchemas:          things,
			DataSourceSchemas:        things,
			EphemeralResourceSchemas: things,
			ListResourceSchemas:      things,
			ActionSchemas:            map[string]*tfprotov6.ActionSchema{"prefactor_thing": {Schema: &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{}}}},
			Functions: map[string]*tfprotov6.Function{"join": {
				Summary:            "Joins.",
				Description:        "Joins *things*.",
				DeprecationMessage: "Use another.",
				Return:             &tfprotov6.FunctionReturn{Type: tftypes.String},
				Parameters: []*tfprotov6.FunctionParameter{
					{Name: "by", Description: "What to put between.", Type: tftypes.String},
					{Name: "any", Type: tftypes.DynamicPseudoType, AllowNullValue: true},
				},
				VariadicParameter: &tfprotov6.FunctionParameter{Name: "things", Type: tftypes.List{ElementType: tftypes.String}},
			}},
		},
		identities: tfprotov6.GetResourceIdentitySchemasResponse{
			IdentitySchemas: map[string]*tfprotov6.ResourceIdentitySchema{"prefactor_thing": {
				Version: 1,
				IdentityAttributes: []*tfprotov6.ResourceIdentitySchemaAttribute{
					{Name: "id", Type: tftypes.String, Description: "The id.", RequiredForImport: true},
					{Name: "account_id", Type: tftypes.String, OptionalForImport: true},
				},
			}},
		},
	}
	want := `{"format_version": "1.0", "provider_schemas": {"prefactor": {
		"provider": {"version": 0, "block": {"description_kind": "plain"}},
		"resource_schemas": {"prefactor_thing": ` + thingJSON + `},
		"data_source_schemas": {"prefactor_thing": ` + thingJSON + `},
		"ephemeral_resource_schemas": {"prefactor_thing": ` + thingJSON + `},
		"list_resource_schemas": {"prefactor_thing": ` + thingJSON + `},
		"action_schemas": {"prefactor_thing": {"block": {"description_kind": "plain"}}},
		"functions": {"join": {
			"summary": "Joins.", "description": "Joins *things*.", "deprecation_message": "Use another.", "return_type": "string",
			"parameters": [
				{"name": "by", "description": "What to put between.", "type": "string"},
				{"name": "any", "is_nullable": true, "type": "dynamic"}
			],
			"variadic_parameter": {"name": "things", "type": ["list", "string"]}
		}},
		"resource_identity_schemas": {"prefactor_thing": {"version": 1, "attributes": {
			"id": {"type": "string", "description": "The id.", "required_for_import": true},
			"account_id": {"type": "string", "optional_for_import": true}
		}}}
	}}}`

	var out bytes.Buffer
	if err := write(t.Context(), &out, server); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(decode(t, out.Bytes()), decode(t, []byte(want))) {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

func TestWriteFailsOnErrors(t *testing.T) {
	t.Parallel()
	server := &fake{schemas: tfprotov6.GetProviderSchemaResponse{Diagnostics: []*tfprotov6.Diagnostic{
		{Severity: tfprotov6.DiagnosticSeverityError, Summary: "Bad schema", Detail: "no type"},
	}}}
	err := write(t.Context(), &bytes.Buffer{}, server)
	if err == nil || !strings.Contains(err.Error(), "Bad schema: no type") {
		t.Errorf("got error %v, want the diagnostic", err)
	}
}

func TestWriteTheProvider(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := write(t.Context(), &out, provider.NewServer("test")()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{`"prefactor_api_token"`, `"prefactor_deployment_token"`, `"prefactor_revoke_token"`, `"pfid_time"`, `"list_resource_schemas"`} {
		if !strings.Contains(out.String(), name) {
			t.Errorf("%s is not in the output", name)
		}
	}
}

func decode(t *testing.T, raw []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	return v
}
