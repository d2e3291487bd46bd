package acctest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/prefactordev/terraform-provider-prefactor/internal/provider"
)

// Core does to one resource what Terraform's core does, by the plugin
// protocol and without a binary: hundreds of applies in the time of one. It
// also checks what core checks: that a plan keeps to the configuration, that a
// second planning decides as the first, and that an apply keeps to its plan.
//
// Acceptance tests with a binary come first; Core is for suites that need
// thousands of runs.
type Core struct {
	serve func() (tfprotov6.ProviderServer, error)
	block map[string]any
}

// NewCore speaks to the provider as configured for a world. block adds to, or
// replaces, attributes of the provider block.
func (w *World) NewCore(block map[string]any, options ...provider.Option) *Core {
	full := map[string]any{"api_url": w.URL, "api_token": w.AdminToken}
	maps.Copy(full, block)
	return &Core{serve: w.Factories(options...)["prefactor"], block: full}
}

// Session is one start of the provider: Terraform starts it anew for each
// plan and each apply.
type Session struct {
	tfprotov6.ProviderServer

	schema *tfprotov6.GetProviderSchemaResponse
}

// unconfigured starts the provider without configuring it.
func (c *Core) unconfigured() (*Session, error) {
	server, err := c.serve()
	if err != nil {
		return nil, err
	}
	schema, err := schemaOf(server)
	return &Session{ProviderServer: server, schema: schema}, err
}

// Start starts and configures the provider.
func (c *Core) Start(ctx context.Context) (*Session, error) {
	s, err := c.unconfigured()
	if err != nil {
		return nil, err
	}
	config, err := dynamic(s.schema.Provider.ValueType(), c.block)
	if err != nil {
		return nil, err
	}
	configured, err := s.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{Config: config, TerraformVersion: "1.14.0"})
	if err != nil {
		return nil, err
	}
	return s, failure(configured.Diagnostics)
}

// validateBlock validates the provider block.
func (c *Core) validateBlock(ctx context.Context) error {
	s, err := c.unconfigured()
	if err != nil {
		return err
	}
	config, err := dynamic(s.schema.Provider.ValueType(), c.block)
	if err != nil {
		return err
	}
	resp, err := s.ValidateProviderConfig(ctx, &tfprotov6.ValidateProviderConfigRequest{Config: config})
	if err != nil {
		return err
	}
	return failure(resp.Diagnostics)
}

// schemaOf gets the schema from the first server only. It is the same for all,
// and to build it takes longer than a plan.
var schemaOf = func() func(tfprotov6.ProviderServer) (*tfprotov6.GetProviderSchemaResponse, error) {
	var once sync.Once
	var schema *tfprotov6.GetProviderSchemaResponse
	var err error
	return func(server tfprotov6.ProviderServer) (*tfprotov6.GetProviderSchemaResponse, error) {
		once.Do(func() {
			schema, err = server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
		})
		return schema, err
	}
}()

// Instance is one resource with its state, as core keeps it.
type Instance struct {
	core     *Core
	typeName string
	schema   *tfprotov6.Schema

	// State is nil while there is no resource. Tainted tells that its creation
	// failed halfway.
	State   map[string]tftypes.Value
	Tainted bool
	private []byte
	// Warnings are the ones of the last run.
	Warnings []*tfprotov6.Diagnostic
}

// Resource is a resource of a type, not created yet.
func (c *Core) Resource(tb testing.TB, typeName string) *Instance {
	tb.Helper()
	i, err := c.instance(typeName)
	if err != nil {
		tb.Fatal(err)
	}
	return i
}

func (c *Core) instance(typeName string) (*Instance, error) {
	s, err := c.unconfigured()
	if err != nil {
		return nil, err
	}
	schema, ok := s.schema.ResourceSchemas[typeName]
	if !ok {
		return nil, fmt.Errorf("no resource %s", typeName)
	}
	return &Instance{core: c, typeName: typeName, schema: schema}, nil
}

// Use goes on with a provider that is configured in another way.
func (i *Instance) Use(c *Core) { i.core = c }

// Action is what a plan is about to do.
type Action string

// The actions of a plan.
const (
	NoOp    Action = "no-op"
	Create  Action = "create"
	Update  Action = "update"
	Replace Action = "replace"
	Delete  Action = "delete"
)

// Plan is a plan for one resource, to be applied later.
type Plan struct {
	Action  Action
	config  map[string]any
	planned tftypes.Value
	private []byte
}

// String is all that is in the plan.
func (p *Plan) String() string {
	return fmt.Sprintf("%s %s %s", p.Action, p.planned, p.private)
}

// With is the plan with what the values of its configuration turned out to be
// that were not known when it was made.
func (p *Plan) With(config map[string]any) *Plan {
	with := *p
	with.config = config
	return &with
}

// Refresh reads the resource.
func (i *Instance) Refresh(ctx context.Context) error {
	s, err := i.core.Start(ctx)
	if err != nil {
		return err
	}
	return i.RefreshIn(ctx, s)
}

// RefreshIn reads the resource in a session that others share, as in one plan.
func (i *Instance) RefreshIn(ctx context.Context, s *Session) error {
	return i.refresh(ctx, s)
}

// Copy is another instance of the same resource, with other values of some text
// attributes.
func (i *Instance) Copy(texts map[string]string) *Instance {
	other := *i
	other.State = maps.Clone(i.State)
	for name, text := range texts {
		other.State[name] = tftypes.NewValue(tftypes.String, text)
	}
	return &other
}

func (i *Instance) refresh(ctx context.Context, s *Session) error {
	if i.State == nil {
		return nil
	}
	current, err := i.dynamicState()
	if err != nil {
		return err
	}
	resp, err := s.ReadResource(ctx, &tfprotov6.ReadResourceRequest{TypeName: i.typeName, CurrentState: current, Private: i.private})
	if err != nil {
		return err
	}
	if err := i.note(resp.Diagnostics); err != nil {
		return err
	}
	return i.keep(resp.NewState, resp.Private)
}

// Plan refreshes and plans; a nil configuration plans the destruction.
func (i *Instance) Plan(ctx context.Context, config map[string]any) (*Plan, error) {
	i.Warnings = nil
	s, err := i.core.Start(ctx)
	if err != nil {
		return nil, err
	}
	if err := i.refresh(ctx, s); err != nil {
		return nil, err
	}
	return i.planIn(ctx, s, config)
}

// PlanWithoutRefresh plans from what the state knows.
func (i *Instance) PlanWithoutRefresh(ctx context.Context, config map[string]any) (*Plan, error) {
	s, err := i.core.Start(ctx)
	if err != nil {
		return nil, err
	}
	return i.planIn(ctx, s, config)
}

func (i *Instance) planIn(ctx context.Context, s *Session, config map[string]any) (*Plan, error) {
	if config == nil && i.State == nil {
		return &Plan{Action: NoOp}, nil
	}
	if config != nil {
		if err := i.validate(ctx, s, config); err != nil {
			return nil, err
		}
	}
	p := &Plan{config: config}
	if config == nil {
		p.Action = Delete
		p.planned = tftypes.NewValue(i.schema.ValueType(), nil)
		_, _, _, err := i.plan(ctx, s, nil, i.State, i.private)
		return p, err
	}
	planned, private, replace, err := i.plan(ctx, s, config, i.State, i.private)
	if err != nil {
		return nil, err
	}
	switch {
	case i.State == nil:
		p.Action = Create
	case replace || i.Tainted:
		p.Action = Replace
		// Core plans the second half of a replacement from nothing.
		if planned, private, _, err = i.plan(ctx, s, config, nil, nil); err != nil {
			return nil, err
		}
	default:
		p.Action = Update
		if planned.Equal(i.stateValue()) {
			p.Action = NoOp
		}
	}
	p.planned, p.private = planned, private
	return p, nil
}

// Apply carries out a plan in a fresh start of the provider, as core does:
// it plans again and compares, then applies.
func (i *Instance) Apply(ctx context.Context, p *Plan) error {
	if p.Action == NoOp {
		return nil
	}
	s, err := i.core.Start(ctx)
	if err != nil {
		return err
	}
	return i.applyIn(ctx, s, p)
}

func (i *Instance) applyIn(ctx context.Context, s *Session, p *Plan) error {
	switch p.Action {
	case NoOp:
		return nil
	case Delete:
		return i.destroy(ctx, s)
	case Replace:
		if err := i.destroy(ctx, s); err != nil {
			return err
		}
		i.State, i.private, i.Tainted = nil, nil, false
	case Create, Update:
	}
	planned, private, replace, err := i.plan(ctx, s, p.config, i.State, i.private)
	if err != nil {
		return err
	}
	if replace && i.State != nil {
		return errors.New("inconsistent final plan: the second planning wants a replacement")
	}
	if err := conforms(p.planned, planned); err != nil {
		return fmt.Errorf("inconsistent final plan: %w", err)
	}
	return i.apply(ctx, s, p.config, planned, private)
}

// Run refreshes, plans and applies.
func (i *Instance) Run(ctx context.Context, config map[string]any) (Action, error) {
	p, err := i.Plan(ctx, config)
	if err != nil {
		return "", err
	}
	return p.Action, i.Apply(ctx, p)
}

// Import imports a token that exists.
func (i *Instance) Import(ctx context.Context, id string) error {
	s, err := i.core.Start(ctx)
	if err != nil {
		return err
	}
	return i.ImportIn(ctx, s, id)
}

// ImportIn imports in a session that others share.
func (i *Instance) ImportIn(ctx context.Context, s *Session, id string) error {
	resp, err := s.ImportResourceState(ctx, &tfprotov6.ImportResourceStateRequest{TypeName: i.typeName, ID: id})
	if err != nil {
		return err
	}
	if err := i.note(resp.Diagnostics); err != nil {
		return err
	}
	imported := resp.ImportedResources[0]
	if err := i.keep(imported.State, imported.Private); err != nil {
		return err
	}
	return i.refresh(ctx, s)
}

// Private is what the provider has noted beside the state.
func (i *Instance) Private() string { return string(i.private) }

// Text is a string attribute of the state; null is "".
func (i *Instance) Text(name string) string {
	var s string
	if v, ok := i.State[name]; ok && !v.IsNull() && v.IsKnown() {
		_ = v.As(&s)
	}
	return s
}

// Nested is a string attribute of an object attribute; null is "".
func (i *Instance) Nested(object, name string) string {
	v, ok := i.State[object]
	if !ok || v.IsNull() {
		return ""
	}
	fields := map[string]tftypes.Value{}
	if err := v.As(&fields); err != nil || fields[name].IsNull() {
		return ""
	}
	var s string
	_ = fields[name].As(&s)
	return s
}

// Warned tells whether a warning of the last run has a phrase in it.
func (i *Instance) Warned(phrase string) bool {
	for _, w := range i.Warnings {
		if strings.Contains(w.Summary+"\n"+w.Detail, phrase) {
			return true
		}
	}
	return false
}

// PlanAgain is a refresh and a plan within one session and without a change, call
// by call as Terraform makes them: for benchmarks.
func (i *Instance) PlanAgain(ctx context.Context, s *Session, config map[string]any) error {
	if err := i.validate(ctx, s, config); err != nil {
		return err
	}
	current, err := i.dynamicState()
	if err != nil {
		return err
	}
	read, err := s.ReadResource(ctx, &tfprotov6.ReadResourceRequest{TypeName: i.typeName, CurrentState: current, Private: i.private})
	if err == nil {
		err = failure(read.Diagnostics)
	}
	if err != nil {
		return err
	}
	planned, _, _, err := i.plan(ctx, s, config, i.State, i.private)
	if err == nil && !planned.Equal(i.stateValue()) {
		err = fmt.Errorf("the plan has changes: %s", planned)
	}
	return err
}

func (i *Instance) validate(ctx context.Context, s *Session, config map[string]any) error {
	value, err := dynamic(i.schema.ValueType(), config)
	if err != nil {
		return err
	}
	resp, err := s.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{TypeName: i.typeName, Config: value})
	if err != nil {
		return err
	}
	return i.note(resp.Diagnostics)
}

func (i *Instance) plan(ctx context.Context, s *Session, config map[string]any, prior map[string]tftypes.Value, private []byte) (tftypes.Value, []byte, bool, error) {
	var none tftypes.Value
	typ := i.schema.ValueType()
	priorValue := objectOrNull(typ, prior)
	configValue := tftypes.NewValue(typ, nil)
	proposed := configValue
	if config != nil {
		var err error
		if configValue, err = valueOf(typ, config); err != nil {
			return none, nil, false, err
		}
		if proposed, err = i.proposed(configValue, prior); err != nil {
			return none, nil, false, err
		}
	}
	req := &tfprotov6.PlanResourceChangeRequest{TypeName: i.typeName, PriorPrivate: private}
	for _, v := range []struct {
		into  **tfprotov6.DynamicValue
		value tftypes.Value
	}{{&req.PriorState, priorValue}, {&req.ProposedNewState, proposed}, {&req.Config, configValue}} {
		d, err := tfprotov6.NewDynamicValue(typ, v.value)
		if err != nil {
			return none, nil, false, err
		}
		*v.into = &d
	}
	resp, err := s.PlanResourceChange(ctx, req)
	if err != nil {
		return none, nil, false, err
	}
	if err := i.note(resp.Diagnostics); err != nil {
		return none, nil, false, err
	}
	planned, err := resp.PlannedState.Unmarshal(typ)
	if err != nil {
		return none, nil, false, err
	}
	if config != nil {
		if err := i.keepsToConfig(configValue, planned, prior); err != nil {
			return none, nil, false, fmt.Errorf("invalid plan: %w", err)
		}
	}
	return planned, resp.PlannedPrivate, len(resp.RequiresReplace) > 0, nil
}

func (i *Instance) apply(ctx context.Context, s *Session, config map[string]any, planned tftypes.Value, private []byte) error {
	typ := i.schema.ValueType()
	creating := i.State == nil
	prior, err := i.dynamicState()
	if err != nil {
		return err
	}
	configValue, err := dynamic(typ, config)
	if err != nil {
		return err
	}
	plannedValue, err := tfprotov6.NewDynamicValue(typ, planned)
	if err != nil {
		return err
	}
	resp, err := s.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: i.typeName, PriorState: prior, PlannedState: &plannedValue, Config: configValue, PlannedPrivate: private,
	})
	if err != nil {
		return err
	}
	failed := i.note(resp.Diagnostics)
	if err := i.keep(resp.NewState, resp.Private); err != nil {
		return err
	}
	i.Tainted = failed != nil && creating && i.State != nil
	if failed != nil {
		return failed
	}
	if err := conforms(planned, i.stateValue()); err != nil {
		return fmt.Errorf("inconsistent result after apply: %w", err)
	}
	return nil
}

func (i *Instance) destroy(ctx context.Context, s *Session) error {
	if i.State == nil {
		return nil
	}
	typ := i.schema.ValueType()
	prior, err := i.dynamicState()
	if err != nil {
		return err
	}
	null, err := tfprotov6.NewDynamicValue(typ, tftypes.NewValue(typ, nil))
	if err != nil {
		return err
	}
	private := i.private
	if i.Tainted {
		// Core plans as if there was nothing, and so nothing was noted either.
		private = nil
	}
	resp, err := s.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: i.typeName, PriorState: prior, PlannedState: &null, Config: &null, PlannedPrivate: private,
	})
	if err != nil {
		return err
	}
	failed := i.note(resp.Diagnostics)
	if err := i.keep(resp.NewState, resp.Private); err != nil {
		return err
	}
	return failed
}

// proposed is the configuration with the prior values of what is computed and
// not configured.
func (i *Instance) proposed(config tftypes.Value, prior map[string]tftypes.Value) (tftypes.Value, error) {
	fields := map[string]tftypes.Value{}
	if err := config.As(&fields); err != nil {
		return config, err
	}
	// As gives the value's own map.
	fields = maps.Clone(fields)
	for _, a := range i.schema.Block.Attributes {
		if a.Computed && fields[a.Name].IsNull() && prior != nil {
			fields[a.Name] = prior[a.Name]
		}
	}
	return tftypes.NewValue(i.schema.ValueType(), fields), nil
}

// keepsToConfig is core's rule for a plan: what is configured is planned as
// configured, or as it was before where the provider calls that the same.
func (i *Instance) keepsToConfig(config, planned tftypes.Value, prior map[string]tftypes.Value) error {
	want, got := map[string]tftypes.Value{}, map[string]tftypes.Value{}
	if err := config.As(&want); err != nil {
		return err
	}
	if err := planned.As(&got); err != nil {
		return err
	}
	for _, a := range i.schema.Block.Attributes {
		w, g := want[a.Name], got[a.Name]
		if g.Equal(w) || (a.Computed && w.IsNull()) || (prior != nil && g.Equal(prior[a.Name]) && !w.IsNull()) || a.WriteOnly {
			continue
		}
		return fmt.Errorf("%s is planned as %s but configured as %s", a.Name, g, w)
	}
	return nil
}

// conforms checks that a later value keeps to an earlier one wherever the
// earlier one was known.
func conforms(earlier, later tftypes.Value) error {
	if !earlier.IsKnown() || earlier.Equal(later) {
		return nil
	}
	isMap, isList := earlier.Type().Is(tftypes.Map{}), earlier.Type().Is(tftypes.List{})
	if isList && !earlier.IsNull() && !later.IsNull() {
		return listConforms(earlier, later)
	}
	if earlier.IsNull() || later.IsNull() || (!isMap && !earlier.Type().Is(tftypes.Object{})) {
		return fmt.Errorf("it was %s and is %s", earlier, later)
	}
	was, is := map[string]tftypes.Value{}, map[string]tftypes.Value{}
	if err := earlier.As(&was); err != nil {
		return err
	}
	if err := later.As(&is); err != nil {
		return err
	}
	if len(was) != len(is) {
		return fmt.Errorf("it was %s and is %s", earlier, later)
	}
	for name := range was {
		if err := conforms(was[name], is[name]); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func listConforms(earlier, later tftypes.Value) error {
	var was, is []tftypes.Value
	if err := errors.Join(earlier.As(&was), later.As(&is)); err != nil {
		return err
	}
	if len(was) != len(is) {
		return fmt.Errorf("it was %s and is %s", earlier, later)
	}
	for n := range was {
		if err := conforms(was[n], is[n]); err != nil {
			return fmt.Errorf("%d: %w", n, err)
		}
	}
	return nil
}

func (i *Instance) keep(state *tfprotov6.DynamicValue, private []byte) error {
	i.private = private
	if state == nil {
		i.State = nil
		return nil
	}
	value, err := state.Unmarshal(i.schema.ValueType())
	if err != nil {
		return err
	}
	if value.IsNull() {
		i.State, i.Tainted = nil, false
		return nil
	}
	if !value.IsFullyKnown() {
		return fmt.Errorf("the state has unknown values: %s", value)
	}
	fields := map[string]tftypes.Value{}
	if err := value.As(&fields); err != nil {
		return err
	}
	i.State = fields
	return nil
}

func (i *Instance) stateValue() tftypes.Value {
	return objectOrNull(i.schema.ValueType(), i.State)
}

func (i *Instance) dynamicState() (*tfprotov6.DynamicValue, error) {
	typ := i.schema.ValueType()
	d, err := tfprotov6.NewDynamicValue(typ, i.stateValue())
	return &d, err
}

// note keeps the warnings and gives the first error.
func (i *Instance) note(diagnostics []*tfprotov6.Diagnostic) error {
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityWarning {
			i.Warnings = append(i.Warnings, d)
		}
	}
	return failure(diagnostics)
}

func failure(diagnostics []*tfprotov6.Diagnostic) error {
	var all []string
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			all = append(all, d.Summary+": "+d.Detail)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return fmt.Errorf("%s", strings.Join(all, "\n"))
}

func objectOrNull(typ tftypes.Type, fields map[string]tftypes.Value) tftypes.Value {
	if fields == nil {
		return tftypes.NewValue(typ, nil)
	}
	return tftypes.NewValue(typ, fields)
}

func dynamic(typ tftypes.Type, v any) (*tfprotov6.DynamicValue, error) {
	value, err := valueOf(typ, v)
	if err != nil {
		return nil, err
	}
	d, err := tfprotov6.NewDynamicValue(typ, value)
	return &d, err
}

// valueOf turns maps, lists, strings, numbers and booleans of Go into a value
// of a type; what an object leaves out is null.
func valueOf(typ tftypes.Type, v any) (tftypes.Value, error) {
	if v == nil {
		return tftypes.NewValue(typ, nil), nil
	}
	if v, ok := v.(tftypes.Value); ok {
		return v, nil
	}
	switch typ := typ.(type) {
	case tftypes.Object:
		given, ok := v.(map[string]any)
		if !ok {
			return tftypes.Value{}, fmt.Errorf("an object is a map[string]any, not %T", v)
		}
		fields := map[string]tftypes.Value{}
		for name, t := range typ.AttributeTypes {
			field, err := valueOf(t, given[name])
			if err != nil {
				return tftypes.Value{}, fmt.Errorf("%s: %w", name, err)
			}
			fields[name] = field
		}
		for name := range given {
			if _, ok := typ.AttributeTypes[name]; !ok {
				return tftypes.Value{}, fmt.Errorf("there is no attribute %s", name)
			}
		}
		return tftypes.NewValue(typ, fields), nil
	case tftypes.Map:
		given, ok := v.(map[string]any)
		if !ok {
			return tftypes.Value{}, fmt.Errorf("a map is a map[string]any, not %T", v)
		}
		elements := map[string]tftypes.Value{}
		for name, e := range given {
			element, err := valueOf(typ.ElementType, e)
			if err != nil {
				return tftypes.Value{}, err
			}
			elements[name] = element
		}
		return tftypes.NewValue(typ, elements), nil
	case tftypes.List:
		given, ok := v.([]any)
		if !ok {
			return tftypes.Value{}, fmt.Errorf("a list is a []any, not %T", v)
		}
		elements := make([]tftypes.Value, len(given))
		for n, e := range given {
			element, err := valueOf(typ.ElementType, e)
			if err != nil {
				return tftypes.Value{}, err
			}
			elements[n] = element
		}
		return tftypes.NewValue(typ, elements), nil
	}
	return tftypes.NewValue(typ, v), nil
}
