package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"
)

// incompatible lists what a configuration, a state or an import that works with
// the old provider loses with the new one. What is only new is not listed.
func incompatible(old, current providerJSON) []string {
	var c comparison
	c.block("provider", old.Provider.Block, current.Provider.Block)
	schemas(&c, "resource", old.Resources, current.Resources)
	schemas(&c, "data source", old.DataSources, current.DataSources)
	schemas(&c, "ephemeral resource", old.EphemeralResources, current.EphemeralResources)
	schemas(&c, "list resource", old.ListResources, current.ListResources)
	inBoth(&c, "action", old.Actions, current.Actions, func(where string, old, current actionJSON) {
		c.block(where, old.Block, current.Block)
	})
	inBoth(&c, "function", old.Functions, current.Functions, c.function)
	inBoth(&c, "identity", old.ResourceIdentities, current.ResourceIdentities, c.identity)
	return c.problems
}

type comparison struct{ problems []string }

func (c *comparison) addf(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

// inBoth compares what has the same name in both, and reports what was removed.
func inBoth[T any](c *comparison, what string, old, current map[string]T, compare func(where string, old, current T)) {
	for _, name := range slices.Sorted(maps.Keys(old)) {
		where := what + " " + name
		if _, ok := current[name]; !ok {
			c.addf("%s: removed", where)
			continue
		}
		compare(where, old[name], current[name])
	}
}

func schemas(c *comparison, what string, old, current map[string]schemaJSON) {
	inBoth(c, what, old, current, func(where string, old, current schemaJSON) {
		if current.Version < old.Version {
			c.addf("%s: the schema version went from %d to %d", where, old.Version, current.Version)
		}
		c.block(where, old.Block, current.Block)
	})
}

func (c *comparison) block(where string, old, current blockJSON) {
	c.attributes(where, old.Attributes, current.Attributes)
	inBoth(c, where+": block", old.BlockTypes, current.BlockTypes, func(where string, old, current nestedBlockJSON) {
		if old.NestingMode != current.NestingMode {
			c.addf("%s: the nesting changed from %s to %s", where, old.NestingMode, current.NestingMode)
		}
		if current.MinItems > old.MinItems || (current.MaxItems != 0 && (old.MaxItems == 0 || current.MaxItems < old.MaxItems)) {
			c.addf("%s: fewer numbers of blocks are accepted", where)
		}
		c.block(where, old.Block, current.Block)
	})
	for _, name := range slices.Sorted(maps.Keys(current.BlockTypes)) {
		if _, ok := old.BlockTypes[name]; !ok && current.BlockTypes[name].MinItems > 0 {
			c.addf("%s: block %s: a new block is required", where, name)
		}
	}
}

func (c *comparison) attributes(where string, old, current map[string]attributeJSON) {
	inBoth(c, where+": attribute", old, current, c.attribute)
	for _, name := range slices.Sorted(maps.Keys(current)) {
		if _, ok := old[name]; !ok && current[name].Required {
			c.addf("%s: attribute %s: a new attribute is required", where, name)
		}
	}
}

func (c *comparison) attribute(where string, old, current attributeJSON) {
	switch {
	case !reflect.DeepEqual(old.Type, current.Type) || (old.NestedType == nil) != (current.NestedType == nil):
		c.addf("%s: the type changed", where)
	case old.NestedType != nil && old.NestedType.NestingMode != current.NestedType.NestingMode:
		c.addf("%s: the nesting changed from %s to %s", where, old.NestedType.NestingMode, current.NestedType.NestingMode)
	case old.NestedType != nil:
		c.attributes(where, old.NestedType.Attributes, current.NestedType.Attributes)
	}
	if current.Required && !old.Required {
		c.addf("%s: it became required", where)
	}
	if (old.Required || old.Optional) && !current.Required && !current.Optional {
		c.addf("%s: it cannot be configured anymore", where)
	}
	if old.Computed && !current.Computed {
		c.addf("%s: it is not computed anymore", where)
	}
	if old.Sensitive != current.Sensitive {
		// Lost, it shows a secret; gained, outputs and for_each that use it fail.
		c.addf("%s: sensitive changed to %t", where, current.Sensitive)
	}
	if old.WriteOnly != current.WriteOnly {
		c.addf("%s: write-only changed to %t", where, current.WriteOnly)
	}
}

func (c *comparison) function(where string, old, current functionJSON) {
	if !reflect.DeepEqual(old.ReturnType, current.ReturnType) {
		c.addf("%s: the type of the result changed", where)
	}
	if len(old.Parameters) != len(current.Parameters) {
		c.addf("%s: it had %d parameters and has %d", where, len(old.Parameters), len(current.Parameters))
		return
	}
	for i, p := range old.Parameters {
		c.parameter(fmt.Sprintf("%s: parameter %d", where, i+1), p, current.Parameters[i])
	}
	switch {
	case old.VariadicParameter != nil && current.VariadicParameter == nil:
		c.addf("%s: it takes no variadic parameter anymore", where)
	case old.VariadicParameter != nil:
		c.parameter(where+": variadic parameter", *old.VariadicParameter, *current.VariadicParameter)
	}
}

func (c *comparison) parameter(where string, old, current parameterJSON) {
	if !reflect.DeepEqual(old.Type, current.Type) {
		c.addf("%s: the type changed", where)
	}
	if old.IsNullable && !current.IsNullable {
		c.addf("%s: null is not accepted anymore", where)
	}
}

func (c *comparison) identity(where string, old, current identityJSON) {
	if current.Version < old.Version {
		c.addf("%s: the schema version went from %d to %d", where, old.Version, current.Version)
	}
	inBoth(c, where+": attribute", old.Attributes, current.Attributes, func(where string, old, current identityAttributeJSON) {
		if !reflect.DeepEqual(old.Type, current.Type) {
			c.addf("%s: the type changed", where)
		}
		if current.RequiredForImport && !old.RequiredForImport {
			c.addf("%s: an import requires it now", where)
		}
		if (old.RequiredForImport || old.OptionalForImport) && !current.RequiredForImport && !current.OptionalForImport {
			c.addf("%s: an import does not accept it anymore", where)
		}
	})
	for _, name := range slices.Sorted(maps.Keys(current.Attributes)) {
		if _, ok := old.Attributes[name]; !ok && current.Attributes[name].RequiredForImport {
			c.addf("%s: attribute %s: a new attribute is required for an import", where, name)
		}
	}
}

// Each kind of incompatibility is found, and found alone; additions are none.
func TestIncompatible(t *testing.T) {
	t.Parallel()
	const (
		text     = `"type":"string"`
		optional = `{"type":"string","optional":true}`
		both     = `{"type":"string","optional":true,"computed":true}`
		required = `{"type":"string","required":true}`
		computed = `{"type":"string","computed":true}`
	)
	attributes := func(list string) string { return `{"resource_schemas":{"x":{"block":{"attributes":{` + list + `}}}}}` }
	nested := func(mode, list string) string {
		return attributes(`"n":{"optional":true,"nested_type":{"nesting_mode":"` + mode + `","attributes":{` + list + `}}}`)
	}
	blocks := func(list string) string { return `{"resource_schemas":{"x":{"block":{"block_types":{` + list + `}}}}}` }
	function := func(rest string) string { return `{"functions":{"f":{` + rest + `}}}` }
	identity := func(list string) string {
		return `{"resource_identity_schemas":{"x":{"version":1,"attributes":{` + list + `}}}}`
	}
	schemaOf := func(kind string) string { return `{"` + kind + `":{"x":{"block":{}}}}` }
	for name, c := range map[string]struct{ old, current, problem string }{
		"resource removed":           {schemaOf("resource_schemas"), `{}`, "resource x: removed"},
		"data source removed":        {schemaOf("data_source_schemas"), `{}`, "data source x: removed"},
		"ephemeral resource removed": {schemaOf("ephemeral_resource_schemas"), `{}`, "ephemeral resource x: removed"},
		"list resource removed":      {schemaOf("list_resource_schemas"), `{}`, "list resource x: removed"},
		"action removed":             {schemaOf("action_schemas"), `{}`, "action x: removed"},
		"function removed":           {function(`"return_type":"string"`), `{}`, "function f: removed"},
		"identity removed":           {identity(``), `{}`, "identity x: removed"},
		"data source changed":        {`{"data_source_schemas":{"x":{"block":{"attributes":{"a":` + computed + `}}}}}`, schemaOf("data_source_schemas"), "data source x: attribute a: removed"},
		"ephemeral resource changed": {`{"ephemeral_resource_schemas":{"x":{"block":{"attributes":{"a":` + computed + `}}}}}`, schemaOf("ephemeral_resource_schemas"), "ephemeral resource x: attribute a: removed"},
		"list resource changed":      {`{"list_resource_schemas":{"x":{"block":{"attributes":{"a":` + optional + `}}}}}`, schemaOf("list_resource_schemas"), "list resource x: attribute a: removed"},
		"action changed":             {`{"action_schemas":{"x":{"block":{"attributes":{"a":` + optional + `}}}}}`, schemaOf("action_schemas"), "action x: attribute a: removed"},
		"provider changed":           {`{"provider":{"block":{"attributes":{"a":` + optional + `}}}}`, `{}`, "provider: attribute a: removed"},
		"version went back":          {`{"resource_schemas":{"x":{"version":2,"block":{}}}}`, `{"resource_schemas":{"x":{"version":1,"block":{}}}}`, "resource x: the schema version went from 2 to 1"},

		"attribute removed":        {attributes(`"a":` + optional), attributes(``), "resource x: attribute a: removed"},
		"attribute became a block": {attributes(`"a":` + optional), blocks(`"a":{"nesting_mode":"list","block":{}}`), "resource x: attribute a: removed"},
		"optional to required":     {attributes(`"a":` + optional), attributes(`"a":` + required), "resource x: attribute a: it became required"},
		"new and required":         {attributes(``), attributes(`"a":` + required), "resource x: attribute a: a new attribute is required"},
		"optional to computed":     {attributes(`"a":` + both), attributes(`"a":` + computed), "resource x: attribute a: it cannot be configured anymore"},
		"required to computed":     {attributes(`"a":` + required), attributes(`"a":` + computed), "resource x: attribute a: it cannot be configured anymore"},
		"lost computed":            {attributes(`"a":` + both), attributes(`"a":` + optional), "resource x: attribute a: it is not computed anymore"},
		"changed type":             {attributes(`"a":{"type":"string","optional":true}`), attributes(`"a":{"type":"number","optional":true}`), "resource x: attribute a: the type changed"},
		"changed element":          {attributes(`"a":{"type":["list","string"],"optional":true}`), attributes(`"a":{"type":["list","number"],"optional":true}`), "resource x: attribute a: the type changed"},
		"nested to plain":          {nested("single", ``), attributes(`"n":{"type":["object",{}],"optional":true}`), "resource x: attribute n: the type changed"},
		"sensitive lost":           {attributes(`"a":{"type":"string","computed":true,"sensitive":true}`), attributes(`"a":` + computed), "resource x: attribute a: sensitive changed to false"},
		"sensitive gained":         {attributes(`"a":` + computed), attributes(`"a":{"type":"string","computed":true,"sensitive":true}`), "resource x: attribute a: sensitive changed to true"},
		"write-only gained":        {attributes(`"a":` + optional), attributes(`"a":{"type":"string","optional":true,"write_only":true}`), "resource x: attribute a: write-only changed to true"},
		"nested removed":           {nested("single", `"a":`+optional), nested("single", ``), "resource x: attribute n: attribute a: removed"},
		"nested new and required":  {nested("single", ``), nested("single", `"a":`+required), "resource x: attribute n: attribute a: a new attribute is required"},
		"nesting changed":          {nested("single", ``), nested("list", ``), "resource x: attribute n: the nesting changed from single to list"},
		"block removed":            {blocks(`"b":{"nesting_mode":"list","block":{}}`), blocks(``), "resource x: block b: removed"},
		"block changed nesting":    {blocks(`"b":{"nesting_mode":"list","block":{}}`), blocks(`"b":{"nesting_mode":"set","block":{}}`), "resource x: block b: the nesting changed from list to set"},
		"block became required":    {blocks(`"b":{"nesting_mode":"list","block":{}}`), blocks(`"b":{"nesting_mode":"list","min_items":1,"block":{}}`), "resource x: block b: fewer numbers of blocks are accepted"},
		"block became limited":     {blocks(`"b":{"nesting_mode":"list","block":{}}`), blocks(`"b":{"nesting_mode":"list","max_items":1,"block":{}}`), "resource x: block b: fewer numbers of blocks are accepted"},
		"block new and required":   {blocks(``), blocks(`"b":{"nesting_mode":"list","min_items":1,"block":{}}`), "resource x: block b: a new block is required"},
		"in a block":               {blocks(`"b":{"nesting_mode":"list","block":{"attributes":{"a":` + optional + `}}}`), blocks(`"b":{"nesting_mode":"list","block":{}}`), "resource x: block b: attribute a: removed"},

		"result":             {function(`"return_type":"string"`), function(`"return_type":"number"`), "function f: the type of the result changed"},
		"more parameters":    {function(`"return_type":"string"`), function(`"return_type":"string","parameters":[{` + text + `}]`), "function f: it had 0 parameters and has 1"},
		"parameter's type":   {function(`"parameters":[{` + text + `}]`), function(`"parameters":[{"type":"number"}]`), "function f: parameter 1: the type changed"},
		"parameter not null": {function(`"parameters":[{` + text + `,"is_nullable":true}]`), function(`"parameters":[{` + text + `}]`), "function f: parameter 1: null is not accepted anymore"},
		"variadic removed":   {function(`"variadic_parameter":{` + text + `}`), function(``), "function f: it takes no variadic parameter anymore"},
		"variadic's type":    {function(`"variadic_parameter":{` + text + `}`), function(`"variadic_parameter":{"type":"number"}`), "function f: variadic parameter: the type changed"},

		"identity attribute removed":   {identity(`"id":{` + text + `,"required_for_import":true}`), identity(``), "identity x: attribute id: removed"},
		"identity type":                {identity(`"id":{` + text + `}`), identity(`"id":{"type":"number"}`), "identity x: attribute id: the type changed"},
		"identity more required":       {identity(`"id":{` + text + `,"optional_for_import":true}`), identity(`"id":{` + text + `,"required_for_import":true}`), "identity x: attribute id: an import requires it now"},
		"identity not for import":      {identity(`"id":{` + text + `,"optional_for_import":true}`), identity(`"id":{` + text + `}`), "identity x: attribute id: an import does not accept it anymore"},
		"identity new and required":    {identity(``), identity(`"id":{` + text + `,"required_for_import":true}`), "identity x: attribute id: a new attribute is required for an import"},
		"identity's version went back": {identity(``), `{"resource_identity_schemas":{"x":{"version":0}}}`, "identity x: the schema version went from 1 to 0"},

		"nothing":              {attributes(`"a":` + both), attributes(`"a":` + both), ""},
		"new resource":         {`{}`, attributes(`"a":` + required), ""},
		"new attribute":        {attributes(``), attributes(`"a":` + optional + `,"b":` + both + `,"c":` + computed), ""},
		"new nested attribute": {nested("single", ``), nested("single", `"a":`+optional), ""},
		"new block":            {blocks(``), blocks(`"b":{"nesting_mode":"list","block":{"attributes":{"a":` + required + `}}}`), ""},
		"required to optional": {attributes(`"a":` + required), attributes(`"a":` + optional), ""},
		"also computed":        {attributes(`"a":` + optional), attributes(`"a":` + both), ""},
		"also configurable":    {attributes(`"a":` + computed), attributes(`"a":` + both), ""},
		"description":          {attributes(`"a":{"type":"string","optional":true,"description":"x"}`), attributes(`"a":{"type":"string","optional":true,"description":"y","deprecated":true}`), ""},
		"version went up":      {`{"resource_schemas":{"x":{"version":1,"block":{}}}}`, `{"resource_schemas":{"x":{"version":2,"block":{}}}}`, ""},
		"new function":         {`{}`, function(`"return_type":"string"`), ""},
		"variadic added":       {function(`"return_type":"string"`), function(`"return_type":"string","variadic_parameter":{` + text + `}`), ""},
		"new in an identity":   {identity(``), identity(`"id":{` + text + `,"optional_for_import":true}`), ""},
		"less required":        {identity(`"id":{` + text + `,"required_for_import":true}`), identity(`"id":{` + text + `,"optional_for_import":true}`), ""},
		"fewer blocks needed":  {blocks(`"b":{"nesting_mode":"list","min_items":1,"max_items":1,"block":{}}`), blocks(`"b":{"nesting_mode":"list","block":{}}`), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var old, current providerJSON
			for text, into := range map[string]*providerJSON{c.old: &old, c.current: &current} {
				if err := json.Unmarshal([]byte(text), into); err != nil {
					t.Fatal(err)
				}
			}
			if c.old == c.current {
				current = old
			}
			var want []string
			if c.problem != "" {
				want = []string{c.problem}
			}
			if got := incompatible(old, current); !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}
