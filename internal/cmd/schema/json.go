package main

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// The types of this file are Terraform's "providers schema representation",
// format 1.0: https://developer.hashicorp.com/terraform/cli/commands/providers/schema
//
// A type of a value is a tftypes.Type when it is written, and strings and lists of
// any when it is read.

type document struct {
	FormatVersion string                  `json:"format_version"`
	Providers     map[string]providerJSON `json:"provider_schemas"`
}

type providerJSON struct {
	Provider           schemaJSON              `json:"provider"`
	Resources          map[string]schemaJSON   `json:"resource_schemas,omitempty"`
	DataSources        map[string]schemaJSON   `json:"data_source_schemas,omitempty"`
	EphemeralResources map[string]schemaJSON   `json:"ephemeral_resource_schemas,omitempty"`
	ListResources      map[string]schemaJSON   `json:"list_resource_schemas,omitempty"`
	Functions          map[string]functionJSON `json:"functions,omitempty"`
	Actions            map[string]actionJSON   `json:"action_schemas,omitempty"`
	ResourceIdentities map[string]identityJSON `json:"resource_identity_schemas,omitempty"`
}

type schemaJSON struct {
	Version int64     `json:"version"`
	Block   blockJSON `json:"block"`
}

// actionJSON has no version: an action keeps no state.
type actionJSON struct {
	Block blockJSON `json:"block"`
}

type functionJSON struct {
	Description        string          `json:"description,omitempty"`
	Summary            string          `json:"summary,omitempty"`
	DeprecationMessage string          `json:"deprecation_message,omitempty"`
	ReturnType         any             `json:"return_type"`
	Parameters         []parameterJSON `json:"parameters,omitempty"`
	VariadicParameter  *parameterJSON  `json:"variadic_parameter,omitempty"`
}

type parameterJSON struct {
	Name        string `json:"name,omitempty"`
	Description string `json:"description,omitempty"`
	IsNullable  bool   `json:"is_nullable,omitempty"`
	Type        any    `json:"type"`
}

type blockJSON struct {
	Attributes map[string]attributeJSON   `json:"attributes,omitempty"`
	BlockTypes map[string]nestedBlockJSON `json:"block_types,omitempty"`
	describedJSON
}

type nestedBlockJSON struct {
	NestingMode string    `json:"nesting_mode"`
	Block       blockJSON `json:"block"`
	MinItems    int64     `json:"min_items,omitempty"`
	MaxItems    int64     `json:"max_items,omitempty"`
}

type attributeJSON struct {
	Type       any             `json:"type,omitempty"`
	NestedType *nestedTypeJSON `json:"nested_type,omitempty"`
	describedJSON
	Required  bool `json:"required,omitempty"`
	Optional  bool `json:"optional,omitempty"`
	Computed  bool `json:"computed,omitempty"`
	Sensitive bool `json:"sensitive,omitempty"`
	WriteOnly bool `json:"write_only,omitempty"`
}

type nestedTypeJSON struct {
	Attributes  map[string]attributeJSON `json:"attributes"`
	NestingMode string                   `json:"nesting_mode"`
}

type describedJSON struct {
	Description     string `json:"description,omitempty"`
	DescriptionKind string `json:"description_kind"`
	Deprecated      bool   `json:"deprecated,omitempty"`
}

type identityJSON struct {
	Version    int64                            `json:"version"`
	Attributes map[string]identityAttributeJSON `json:"attributes"`
}

type identityAttributeJSON struct {
	Type              any    `json:"type"`
	Description       string `json:"description,omitempty"`
	RequiredForImport bool   `json:"required_for_import,omitempty"`
	OptionalForImport bool   `json:"optional_for_import,omitempty"`
}

func describe(s *tfprotov6.GetProviderSchemaResponse, ids *tfprotov6.GetResourceIdentitySchemasResponse) providerJSON {
	return providerJSON{
		Provider:           schema(s.Provider),
		Resources:          each(s.ResourceSchemas, schema),
		DataSources:        each(s.DataSourceSchemas, schema),
		EphemeralResources: each(s.EphemeralResourceSchemas, schema),
		ListResources:      each(s.ListResourceSchemas, schema),
		Functions:          each(s.Functions, function),
		Actions: each(s.ActionSchemas, func(a *tfprotov6.ActionSchema) actionJSON {
			return actionJSON{Block: block(a.Schema.Block)}
		}),
		ResourceIdentities: each(ids.IdentitySchemas, identity),
	}
}

func each[In, Out any](in map[string]In, convert func(In) Out) map[string]Out {
	out := make(map[string]Out, len(in))
	for name, v := range in {
		out[name] = convert(v)
	}
	return out
}

func schema(s *tfprotov6.Schema) schemaJSON {
	return schemaJSON{Version: s.Version, Block: block(s.Block)}
}

func block(b *tfprotov6.SchemaBlock) blockJSON {
	out := blockJSON{
		Attributes:    attributes(b.Attributes),
		BlockTypes:    make(map[string]nestedBlockJSON, len(b.BlockTypes)),
		describedJSON: described(b.Description, b.DescriptionKind, b.Deprecated),
	}
	for _, n := range b.BlockTypes {
		out.BlockTypes[n.TypeName] = nestedBlockJSON{
			NestingMode: strings.ToLower(n.Nesting.String()),
			Block:       block(n.Block),
			MinItems:    n.MinItems,
			MaxItems:    n.MaxItems,
		}
	}
	return out
}

func attributes(in []*tfprotov6.SchemaAttribute) map[string]attributeJSON {
	out := make(map[string]attributeJSON, len(in))
	for _, a := range in {
		converted := attributeJSON{
			describedJSON: described(a.Description, a.DescriptionKind, a.Deprecated),
			Required:      a.Required,
			Optional:      a.Optional,
			Computed:      a.Computed,
			Sensitive:     a.Sensitive,
			WriteOnly:     a.WriteOnly,
		}
		if a.Type != nil {
			converted.Type = a.Type
		}
		if n := a.NestedType; n != nil {
			converted.NestedType = &nestedTypeJSON{
				Attributes:  attributes(n.Attributes),
				NestingMode: strings.ToLower(n.Nesting.String()),
			}
		}
		out[a.Name] = converted
	}
	return out
}

func identity(s *tfprotov6.ResourceIdentitySchema) identityJSON {
	out := identityJSON{Version: s.Version, Attributes: make(map[string]identityAttributeJSON, len(s.IdentityAttributes))}
	for _, a := range s.IdentityAttributes {
		out.Attributes[a.Name] = identityAttributeJSON{
			Type:              a.Type,
			Description:       a.Description,
			RequiredForImport: a.RequiredForImport,
			OptionalForImport: a.OptionalForImport,
		}
	}
	return out
}

func function(f *tfprotov6.Function) functionJSON {
	out := functionJSON{
		Description:        f.Description,
		Summary:            f.Summary,
		DeprecationMessage: f.DeprecationMessage,
		ReturnType:         f.Return.Type,
	}
	for _, p := range f.Parameters {
		out.Parameters = append(out.Parameters, parameter(p))
	}
	if f.VariadicParameter != nil {
		variadic := parameter(f.VariadicParameter)
		out.VariadicParameter = &variadic
	}
	return out
}

func parameter(p *tfprotov6.FunctionParameter) parameterJSON {
	return parameterJSON{Name: p.Name, Description: p.Description, IsNullable: p.AllowNullValue, Type: p.Type}
}

func described(text string, kind tfprotov6.StringKind, deprecated bool) describedJSON {
	return describedJSON{Description: text, DescriptionKind: strings.ToLower(kind.String()), Deprecated: deprecated}
}
