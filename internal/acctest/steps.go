package acctest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// TestInProcess runs the steps of an acceptance test by Core, in a hundredth of
// the time that a binary takes. It is for tables: one of their cases is tested with
// a binary, by Test.
//
// The configurations have resources and data sources, and references between them,
// but no meta-arguments, functions, modules or outputs. Such a test fails.
func (w *World) TestInProcess(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	w.TestInProcessWith(t, resource.TestCase{Steps: steps})
}

// TestOneOf runs a case of a table: by a binary if it is the chosen one, or else by
// Core.
func (w *World) TestOneOf(t *testing.T, chosen bool, c resource.TestCase) {
	t.Helper()
	if chosen {
		w.TestWith(t, c)
		return
	}
	w.TestInProcessWith(t, c)
}

// TestInProcessWith is TestInProcess with what TestWith fills in. With
// PREFACTOR_BINARY=1 it is TestWith.
func (w *World) TestInProcessWith(t *testing.T, c resource.TestCase) {
	t.Helper()
	if os.Getenv("PREFACTOR_BINARY") == "1" {
		w.TestWith(t, c)
		return
	}
	if c.ProtoV6ProviderFactories == nil {
		c.ProtoV6ProviderFactories = w.Factories()
	}
	if c.CheckDestroy == nil {
		c.CheckDestroy = w.NothingLeft
	}
	r := w.inProcess(c.ProtoV6ProviderFactories)
	// Not that of the test, which ends before the cleanup.
	ctx := context.Background()
	for n, step := range c.Steps {
		if err := r.step(ctx, step); err != nil {
			t.Fatalf("step %d of %d: %v", n+1, len(c.Steps), err)
		}
	}
	last := r.oldState()
	if _, err := r.destroy(ctx); err != nil {
		t.Fatalf("destroying: %v", err)
	}
	if err := c.CheckDestroy(last); err != nil {
		t.Fatalf("after the destruction: %v", err)
	}
}

// inProcess is the configuration and the state of a test.
type inProcess struct {
	core      *Core
	blocks    []block
	instances map[string]*Instance
	// values are those of the last plan or apply, by address.
	values map[string]tftypes.Value
}

// block is a resource or a data source of the configuration.
type block struct {
	address, typeName, name string
	isData                  bool
	body                    *hclsyntax.Body
}

// change is what a plan does with one resource.
type change struct {
	block
	*Plan

	before map[string]tftypes.Value
}

func (w *World) inProcess(factories map[string]func() (tfprotov6.ProviderServer, error)) *inProcess {
	return &inProcess{
		core:      &Core{serve: factories["prefactor"], block: map[string]any{"api_url": w.URL, "api_token": w.AdminToken}},
		instances: map[string]*Instance{}, values: map[string]tftypes.Value{},
	}
}

func (r *inProcess) step(ctx context.Context, step resource.TestStep) error {
	if step.PreConfig != nil {
		step.PreConfig()
	}
	err := r.run(ctx, step)
	if step.ExpectError == nil {
		return err
	}
	if err == nil || !step.ExpectError.MatchString(err.Error()) {
		return fmt.Errorf("the error is %w, not %s", err, step.ExpectError)
	}
	return nil
}

func (r *inProcess) run(ctx context.Context, step resource.TestStep) error {
	if step.RefreshState || step.ImportStateVerify || step.ConfigVariables != nil || step.ConfigFile != nil || step.ConfigDirectory != nil || step.SkipFunc != nil {
		return errors.New("the step needs a binary")
	}
	if err := r.parse(step.Config); err != nil {
		return err
	}
	if step.ImportState {
		return r.importState(ctx, step)
	}
	if step.Destroy {
		changes, err := r.destroy(ctx)
		return errors.Join(err, checkPlan(ctx, changes, step.ConfigPlanChecks.PreApply))
	}
	changes, err := r.plan(ctx, true)
	if err != nil {
		return err
	}
	if err := checkPlan(ctx, changes, step.ConfigPlanChecks.PreApply); err != nil {
		return err
	}
	if step.PlanOnly {
		return r.empty(changes, step.ExpectNonEmptyPlan)
	}
	if err := r.apply(ctx, changes); err != nil {
		return err
	}
	if step.Check != nil {
		if err := step.Check(r.oldState()); err != nil {
			return err
		}
	}
	for _, check := range step.ConfigStateChecks {
		var resp statecheck.CheckStateResponse
		if check.CheckState(ctx, statecheck.CheckStateRequest{State: r.state()}, &resp); resp.Error != nil {
			return resp.Error
		}
	}
	for _, refresh := range []bool{false, true} {
		if changes, err = r.plan(ctx, refresh); err != nil {
			return fmt.Errorf("the plan after the apply: %w", err)
		}
		checks := step.ConfigPlanChecks.PostApplyPreRefresh
		if refresh {
			checks = step.ConfigPlanChecks.PostApplyPostRefresh
		}
		if err := checkPlan(ctx, changes, checks); err != nil {
			return err
		}
		if err := r.empty(changes, step.ExpectNonEmptyPlan); err != nil {
			return fmt.Errorf("the plan after the apply: %w", err)
		}
	}
	return nil
}

func (r *inProcess) empty(changes []change, expectChanges bool) error {
	for _, c := range changes {
		if c.Action != NoOp && !expectChanges {
			return fmt.Errorf("%s is planned to be changed (%s): %s", c.address, c.Action, c.planned)
		}
	}
	return nil
}

func (r *inProcess) importState(ctx context.Context, step resource.TestStep) error {
	for _, b := range r.blocks {
		if b.address != step.ResourceName {
			continue
		}
		i, err := r.core.instance(b.typeName)
		if err != nil {
			return err
		}
		if err := i.Import(ctx, step.ImportStateId); err != nil {
			return err
		}
		if i.State == nil {
			return errors.New("cannot import non-existent remote object")
		}
		if step.ImportStatePersist {
			r.instances[b.address] = i
		}
		return nil
	}
	return fmt.Errorf("the configuration has no %s", step.ResourceName)
}

// parse replaces the configuration.
func (r *inProcess) parse(config string) error {
	file, diags := hclsyntax.ParseConfig([]byte(config), "main.tf", hcl.InitialPos)
	if diags.HasErrors() {
		return diags
	}
	r.blocks = nil
	for _, b := range file.Body.(*hclsyntax.Body).Blocks { //nolint:forcetypeassert // hclsyntax has no other.
		switch b.Type {
		case "terraform":
		case "provider":
			s, err := r.core.unconfigured()
			if err != nil {
				return err
			}
			if r.core.block, err = r.arguments(b.Body, s.schema.Provider.ValueType()); err != nil {
				return err
			}
		case "resource", "data":
			added := block{typeName: b.Labels[0], name: b.Labels[1], isData: b.Type == "data", body: b.Body}
			if added.address = added.typeName + "." + added.name; added.isData {
				added.address = "data." + added.address
			}
			r.blocks = append(r.blocks, added)
		default:
			return fmt.Errorf("a block %s needs a binary", b.Type)
		}
	}
	return r.order()
}

// order puts what is referred to before what refers to it.
func (r *inProcess) order() error {
	var ordered []block
	done := map[string]bool{}
	for len(ordered) < len(r.blocks) {
		before := len(ordered)
		for _, b := range r.blocks {
			ready := !done[b.address]
			for _, attribute := range b.body.Attributes {
				for _, traversal := range attribute.Expr.Variables() {
					ready = ready && done[addressOf(traversal)]
				}
			}
			if ready {
				ordered, done[b.address] = append(ordered, b), true
			}
		}
		if len(ordered) == before {
			return errors.New("the configuration refers to what it does not have")
		}
	}
	r.blocks = ordered
	return nil
}

// addressOf is the address of what an expression refers to.
func addressOf(traversal hcl.Traversal) string {
	parts := 2
	if traversal.RootName() == "data" {
		parts = 3
	}
	names := []string{traversal.RootName()}
	for _, part := range traversal[1:min(parts, len(traversal))] {
		if attribute, ok := part.(hcl.TraverseAttr); ok {
			names = append(names, attribute.Name)
		}
	}
	return strings.Join(names, ".")
}

// plan plans all resources and reads the data sources in one start of the provider.
func (r *inProcess) plan(ctx context.Context, refresh bool) ([]change, error) {
	if err := r.core.validateBlock(ctx); err != nil {
		return nil, err
	}
	s, err := r.core.Start(ctx)
	if err != nil {
		return nil, err
	}
	var changes []change
	r.values = map[string]tftypes.Value{}
	for address, i := range r.instances {
		isConfigured := slices.ContainsFunc(r.blocks, func(b block) bool { return b.address == address })
		if isConfigured || i.State == nil {
			continue
		}
		removed, err := r.planDestroy(ctx, s, address)
		if err != nil {
			return nil, err
		}
		changes = append(changes, removed)
	}
	for _, b := range r.blocks {
		if b.isData {
			err = r.readData(ctx, s, b)
		} else {
			var c change
			c, err = r.planOne(ctx, s, b, refresh)
			changes = append(changes, c)
		}
		if err != nil {
			return nil, err
		}
	}
	return changes, nil
}

func (r *inProcess) planOne(ctx context.Context, s *Session, b block, refresh bool) (change, error) {
	i := r.instances[b.address]
	if i == nil {
		var err error
		if i, err = r.core.instance(b.typeName); err != nil {
			return change{}, err
		}
		r.instances[b.address] = i
	}
	i.core = r.core
	config, err := r.arguments(b.body, i.schema.ValueType())
	// A configuration is checked before anything is read.
	if err == nil {
		err = i.validate(ctx, s, config)
	}
	if err == nil && refresh {
		err = i.refresh(ctx, s)
	}
	if err != nil {
		return change{}, err
	}
	p, err := i.planIn(ctx, s, config)
	if err != nil {
		return change{}, err
	}
	r.values[b.address] = p.planned
	return change{b, p, i.State}, nil
}

func (r *inProcess) planDestroy(ctx context.Context, s *Session, address string) (change, error) {
	i := r.instances[address]
	i.core = r.core
	if err := i.refresh(ctx, s); err != nil {
		return change{}, err
	}
	p, err := i.planIn(ctx, s, nil)
	return change{block{address: address, typeName: i.typeName}, p, i.State}, err
}

// apply carries out a plan in another start of the provider. Data sources that the
// plan has read are not read again.
func (r *inProcess) apply(ctx context.Context, changes []change) error {
	s, err := r.core.Start(ctx)
	if err != nil {
		return err
	}
	byAddress := map[string]change{}
	for _, c := range changes {
		byAddress[c.address] = c
		if c.Action == Delete {
			if err := r.instances[c.address].applyIn(ctx, s, c.Plan); err != nil {
				return err
			}
		}
	}
	for _, b := range r.blocks {
		if b.isData {
			if !r.values[b.address].IsKnown() {
				err = r.readData(ctx, s, b)
			}
		} else {
			i := r.instances[b.address]
			var config map[string]any
			if config, err = r.arguments(b.body, i.schema.ValueType()); err == nil {
				err = i.applyIn(ctx, s, byAddress[b.address].With(config))
			}
			r.values[b.address] = i.stateValue()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// destroy destroys everything, what was created last first.
func (r *inProcess) destroy(ctx context.Context) ([]change, error) {
	if !slices.ContainsFunc(slices.Collect(maps.Values(r.instances)), func(i *Instance) bool { return i.State != nil }) {
		return nil, nil
	}
	s, err := r.core.Start(ctx)
	if err != nil {
		return nil, err
	}
	var changes []change
	addresses := slices.Sorted(maps.Keys(r.instances))
	position := map[string]int{}
	for n, b := range r.blocks {
		position[b.address] = n
	}
	slices.SortStableFunc(addresses, func(a, b string) int { return position[b] - position[a] })
	for _, address := range addresses {
		if r.instances[address].State == nil {
			continue
		}
		c, err := r.planDestroy(ctx, s, address)
		if err != nil {
			return nil, err
		}
		changes = append(changes, c)
	}
	r.values = map[string]tftypes.Value{}
	for _, c := range changes {
		if err := r.instances[c.address].applyIn(ctx, s, c.Plan); err != nil {
			return changes, err
		}
	}
	return changes, nil
}

// readData reads a data source. Terraform reads it when its arguments are known.
func (r *inProcess) readData(ctx context.Context, s *Session, b block) error {
	schema, ok := s.schema.DataSourceSchemas[b.typeName]
	if !ok {
		return fmt.Errorf("no data source %s", b.typeName)
	}
	typ := schema.ValueType()
	config, err := r.arguments(b.body, typ)
	if err != nil {
		return err
	}
	arguments, err := valueOf(typ, config)
	if err != nil {
		return err
	}
	value, err := dynamic(typ, arguments)
	if err != nil {
		return err
	}
	valid, err := s.ValidateDataResourceConfig(ctx, &tfprotov6.ValidateDataResourceConfigRequest{TypeName: b.typeName, Config: value})
	if err == nil {
		err = failure(valid.Diagnostics)
	}
	if err != nil {
		return err
	}
	if !arguments.IsFullyKnown() {
		r.values[b.address] = tftypes.NewValue(typ, tftypes.UnknownValue)
		return nil
	}
	resp, err := s.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{TypeName: b.typeName, Config: value})
	if err == nil {
		err = failure(resp.Diagnostics)
	}
	if err == nil {
		r.values[b.address], err = resp.State.Unmarshal(typ)
	}
	return err
}

// arguments evaluates the arguments of a block.
func (r *inProcess) arguments(body *hclsyntax.Body, typ tftypes.Type) (map[string]any, error) {
	if len(body.Blocks) > 0 {
		return nil, fmt.Errorf("a block %s in a block needs a binary", body.Blocks[0].Type)
	}
	resources, data := map[string]map[string]cty.Value{}, map[string]map[string]cty.Value{}
	for _, b := range r.blocks {
		into := resources
		if b.isData {
			into = data
		}
		if value, ok := r.values[b.address]; ok {
			if into[b.typeName] == nil {
				into[b.typeName] = map[string]cty.Value{}
			}
			into[b.typeName][b.name] = toCty(value)
		}
	}
	scope := &hcl.EvalContext{Variables: objects(resources)}
	scope.Variables["data"] = cty.ObjectVal(objects(data))
	attributes := typ.(tftypes.Object).AttributeTypes //nolint:forcetypeassert // Blocks are objects.
	fields := map[string]any{}
	for name, attribute := range body.Attributes {
		of, ok := attributes[name]
		if !ok {
			return nil, fmt.Errorf("unsupported argument: an argument named %q is not expected here", name)
		}
		value, diags := attribute.Expr.Value(scope)
		if diags.HasErrors() {
			return nil, diags
		}
		field, err := fromCty(value, of)
		if err != nil {
			return nil, fmt.Errorf("incorrect attribute value type: %s: %w", name, err)
		}
		fields[name] = field
	}
	return fields, nil
}

func objects(of map[string]map[string]cty.Value) map[string]cty.Value {
	all := map[string]cty.Value{}
	for typeName, named := range of {
		all[typeName] = cty.ObjectVal(named)
	}
	return all
}

// contentOf is what a known value has: a string, a *big.Float, a bool, a list of
// values, or values by name.
func contentOf(v tftypes.Value) any {
	var text string
	var number *big.Float
	var is bool
	var list []tftypes.Value
	fields := map[string]tftypes.Value{}
	switch {
	case v.As(&text) == nil:
		return text
	case v.As(&number) == nil:
		return number
	case v.As(&is) == nil:
		return is
	case v.As(&list) == nil:
		return list
	}
	_ = v.As(&fields) // There is no other type.
	return fields
}

// toCty is a value of the protocol as expressions have it.
func toCty(v tftypes.Value) cty.Value {
	switch {
	case !v.IsKnown():
		return cty.DynamicVal
	case v.IsNull():
		return cty.NullVal(cty.DynamicPseudoType)
	}
	switch content := contentOf(v).(type) {
	case string:
		return cty.StringVal(content)
	case *big.Float:
		return cty.NumberVal(content)
	case bool:
		return cty.BoolVal(content)
	case []tftypes.Value:
		all := []cty.Value{}
		for _, e := range content {
			all = append(all, toCty(e))
		}
		return cty.TupleVal(all)
	case map[string]tftypes.Value:
		all := map[string]cty.Value{}
		for name, field := range content {
			all[name] = toCty(field)
		}
		return cty.ObjectVal(all)
	}
	panic("contentOf has no other types")
}

// fromCty converts what an expression gives to a type of the protocol.
func fromCty(v cty.Value, typ tftypes.Type) (tftypes.Value, error) {
	none := tftypes.Value{}
	primitive := func(want cty.Type, get func(cty.Value) any) (tftypes.Value, error) {
		converted, err := convert.Convert(v, want)
		if err != nil {
			return none, err
		}
		return tftypes.NewValue(typ, get(converted)), nil
	}
	switch {
	case !v.IsKnown():
		return tftypes.NewValue(typ, tftypes.UnknownValue), nil
	case v.IsNull():
		return tftypes.NewValue(typ, nil), nil
	case typ.Is(tftypes.String):
		return primitive(cty.String, func(v cty.Value) any { return v.AsString() })
	case typ.Is(tftypes.Number):
		return primitive(cty.Number, func(v cty.Value) any { return v.AsBigFloat() })
	case typ.Is(tftypes.Bool):
		return primitive(cty.Bool, func(v cty.Value) any { return v.True() })
	}
	switch typ := typ.(type) {
	case tftypes.Object:
		if !v.Type().IsObjectType() {
			return none, errors.New("object required")
		}
		fields := map[string]tftypes.Value{}
		for name, of := range typ.AttributeTypes {
			field := cty.NullVal(cty.DynamicPseudoType)
			if v.Type().HasAttribute(name) {
				field = v.GetAttr(name)
			}
			var err error
			if fields[name], err = fromCty(field, of); err != nil {
				return none, fmt.Errorf("attribute %q: %w", name, err)
			}
		}
		return tftypes.NewValue(typ, fields), nil
	case tftypes.Map:
		if !v.Type().IsObjectType() {
			return none, errors.New("map required")
		}
		elements := map[string]tftypes.Value{}
		for name, e := range v.AsValueMap() {
			var err error
			if elements[name], err = fromCty(e, typ.ElementType); err != nil {
				return none, err
			}
		}
		return tftypes.NewValue(typ, elements), nil
	case tftypes.List, tftypes.Set:
		if !v.Type().IsTupleType() {
			return none, errors.New("list required")
		}
		element := elementType(typ)
		elements := []tftypes.Value{}
		for _, e := range v.AsValueSlice() {
			value, err := fromCty(e, element)
			if err != nil {
				return none, err
			}
			elements = append(elements, value)
		}
		return tftypes.NewValue(typ, elements), nil
	}
	return none, fmt.Errorf("%s needs a binary", typ)
}

func elementType(typ tftypes.Type) tftypes.Type {
	if set, ok := typ.(tftypes.Set); ok {
		return set.ElementType
	}
	return typ.(tftypes.List).ElementType //nolint:forcetypeassert // The caller has checked it.
}

func checkPlan(ctx context.Context, changes []change, checks []plancheck.PlanCheck) error {
	plan := &tfjson.Plan{}
	for _, c := range changes {
		actions := map[Action]tfjson.Actions{
			NoOp: {tfjson.ActionNoop}, Create: {tfjson.ActionCreate}, Update: {tfjson.ActionUpdate}, Delete: {tfjson.ActionDelete},
			Replace: {tfjson.ActionDelete, tfjson.ActionCreate},
		}[c.Action]
		after, unknown := toJSON(c.planned)
		before := any(nil)
		if c.before != nil {
			before, _ = toJSON(tftypes.NewValue(c.planned.Type(), c.before))
		}
		plan.ResourceChanges = append(plan.ResourceChanges, &tfjson.ResourceChange{
			Address: c.address, Mode: tfjson.ManagedResourceMode, Type: c.typeName, Name: c.name,
			Change: &tfjson.Change{Actions: actions, Before: before, After: after, AfterUnknown: unknown},
		})
	}
	for _, check := range checks {
		var resp plancheck.CheckPlanResponse
		if check.CheckPlan(ctx, plancheck.CheckPlanRequest{Plan: plan}, &resp); resp.Error != nil {
			return resp.Error
		}
	}
	return nil
}

// toJSON is a value as `terraform show -json` has it, and what of it is unknown.
func toJSON(v tftypes.Value) (value, unknown any) {
	switch {
	case !v.IsKnown():
		return nil, true
	case v.IsNull():
		return nil, false
	}
	switch content := contentOf(v).(type) {
	case *big.Float:
		return json.Number(content.Text('f', -1)), false
	case []tftypes.Value:
		values, unknowns := []any{}, []any{}
		for _, e := range content {
			value, unknown := toJSON(e)
			values, unknowns = append(values, value), append(unknowns, unknown)
		}
		return values, unknowns
	case map[string]tftypes.Value:
		values, unknowns := map[string]any{}, map[string]any{}
		for name, field := range content {
			value, unknown := toJSON(field)
			if values[name] = value; unknown == true {
				delete(values, name)
			}
			if unknown != false {
				unknowns[name] = unknown
			}
		}
		return values, unknowns
	default:
		return content, false
	}
}

// stateValues are what is in the state, by address.
func (r *inProcess) stateValues() map[string]block {
	all := map[string]block{}
	for address, i := range r.instances {
		if i.State != nil {
			_, name, _ := strings.Cut(address, ".")
			all[address] = block{address: address, typeName: i.typeName, name: name}
			r.values[address] = i.stateValue()
		}
	}
	for _, b := range r.blocks {
		if _, ok := r.values[b.address]; ok && b.isData {
			all[b.address] = b
		}
	}
	return all
}

// state is the state as `terraform show -json` gives it.
func (r *inProcess) state() *tfjson.State {
	module := &tfjson.StateModule{}
	for address, b := range r.stateValues() {
		values, _ := toJSON(r.values[address])
		mode := tfjson.ManagedResourceMode
		if b.isData {
			mode = tfjson.DataResourceMode
		}
		fields, _ := values.(map[string]any)
		module.Resources = append(module.Resources, &tfjson.StateResource{
			Address: address, Mode: mode, Type: b.typeName, Name: b.name, AttributeValues: fields,
		})
	}
	return &tfjson.State{Values: &tfjson.StateValues{RootModule: module}}
}

// oldState is the state in the form that TestCheckFunc has.
func (r *inProcess) oldState() *terraform.State {
	root := &terraform.ModuleState{Path: []string{"root"}, Resources: map[string]*terraform.ResourceState{}}
	for address, b := range r.stateValues() {
		attributes := map[string]string{}
		values, _ := toJSON(r.values[address])
		flatten(attributes, "", values)
		root.Resources[address] = &terraform.ResourceState{
			Type: b.typeName, Primary: &terraform.InstanceState{ID: attributes["id"], Attributes: attributes},
		}
	}
	return &terraform.State{Modules: []*terraform.ModuleState{root}}
}

func flatten(into map[string]string, name string, value any) {
	prefix := name + "."
	if name == "" {
		prefix = ""
	}
	switch value := value.(type) {
	case nil:
	case map[string]any:
		for field, v := range value {
			flatten(into, prefix+field, v)
		}
	case []any:
		into[prefix+"#"] = strconv.Itoa(len(value))
		for n, v := range value {
			flatten(into, prefix+strconv.Itoa(n), v)
		}
	default:
		into[name] = fmt.Sprint(value)
	}
}
