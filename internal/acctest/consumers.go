package acctest

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	datasourceschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// Consumer is the shape of a resource of another provider, such as a secret
// manager's, that is given a token value.
type Consumer struct {
	// Arguments are plain texts; Metadata those of a metadata block.
	Arguments, Metadata []string
	// Secret is the argument with the value: write-only if there is a Version,
	// the argument whose change has the value sent again.
	Secret, Version string
	// SecretIsMap tells that the argument is a map of texts.
	SecretIsMap bool
	// Replaces tells that a change of the version replaces the resource.
	Replaces bool
	// OnlyIncreases tells that the value is sent only if the version increases.
	OnlyIncreases bool
	// SavesFailed tells that a failed update has the new version in the state all
	// the same, as with the old plugin SDK.
	SavesFailed bool
}

// Consumers stands in for the providers of other vendors: one server in this
// process, with what it was given. No registry and no other process is needed.
type Consumers struct {
	types map[string]Consumer
	// key is that of the data source github_actions_public_key.
	key string

	mu        sync.Mutex
	delivered map[string][]string
	failing   map[string]bool
}

// NewConsumers serves the resources to a CLI, for the length of a test. key is
// the key of the data source github_actions_public_key.
func NewConsumers(t *testing.T, c *CLI, key string, types map[string]Consumer) *Consumers {
	t.Helper()
	s := &Consumers{types: types, key: key, delivered: map[string][]string{}, failing: map[string]bool{}}
	sources := map[string]bool{}
	for name := range types {
		vendor, _, _ := strings.Cut(name, "_")
		sources["hashicorp/"+vendor] = true
	}
	c.attach(t, unconfigured{providerserver.NewProtocol6(s)()}, slices.Collect(maps.Keys(sources))...)
	return s
}

// unconfigured is a server without a configuration. Terraform starts it as several
// providers, which the framework would configure at the same time.
type unconfigured struct{ tfprotov6.ProviderServer }

func (unconfigured) ConfigureProvider(context.Context, *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	return &tfprotov6.ConfigureProviderResponse{}, nil
}

// Delivered are the values that a type of resource was given, the oldest first.
func (s *Consumers) Delivered(typeName string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.delivered[typeName])
}

// FailNext makes the next delivery to a type of resource fail.
func (s *Consumers) FailNext(typeName string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failing[typeName] = true
}

// Metadata and the methods after it make Consumers a provider.
func (s *Consumers) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "consumers"
}

// Schema has nothing to configure.
func (s *Consumers) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

// Configure has nothing to do.
func (s *Consumers) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

// DataSources are those that the recipes use.
func (s *Consumers) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{func() datasource.DataSource { return publicKey{s.key} }}
}

// Resources are the types that the server was given.
func (s *Consumers) Resources(context.Context) []func() resource.Resource {
	var all []func() resource.Resource
	for name, shape := range maps.All(s.types) {
		all = append(all, func() resource.Resource { return &consumer{s, name, shape} })
	}
	return all
}

type consumer struct {
	all   *Consumers
	name  string
	shape Consumer
}

func (c *consumer) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = c.name
}

func (c *consumer) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	text := func(names []string) map[string]schema.Attribute {
		attributes := map[string]schema.Attribute{}
		for _, name := range names {
			attributes[name] = schema.StringAttribute{Required: true}
		}
		return attributes
	}
	attributes := text(c.shape.Arguments)
	attributes["id"] = schema.StringAttribute{Computed: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()}}
	writeOnly := c.shape.Version != ""
	if c.shape.SecretIsMap {
		attributes[c.shape.Secret] = schema.MapAttribute{ElementType: types.StringType, Required: true, WriteOnly: writeOnly}
	} else {
		attributes[c.shape.Secret] = schema.StringAttribute{Required: true, WriteOnly: writeOnly, Sensitive: true}
	}
	if writeOnly {
		version := schema.Int64Attribute{Required: true}
		if c.shape.Replaces {
			version.PlanModifiers = []planmodifier.Int64{int64planmodifier.RequiresReplace()}
		}
		attributes[c.shape.Version] = version
	}
	resp.Schema = schema.Schema{Attributes: attributes}
	if len(c.shape.Metadata) > 0 {
		resp.Schema.Blocks = map[string]schema.Block{"metadata": schema.ListNestedBlock{NestedObject: schema.NestedBlockObject{Attributes: text(c.shape.Metadata)}}}
	}
}

func (c *consumer) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	if !c.take(ctx, req.Config, &resp.Diagnostics) {
		return
	}
	resp.State.Raw = req.Plan.Raw
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), c.name)...)
}

func (c *consumer) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	if c.shape.OnlyIncreases {
		var before, after int64
		resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root(c.shape.Version), &before)...)
		resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, path.Root(c.shape.Version), &after)...)
		if after <= before {
			resp.State.Raw = req.Plan.Raw
			return
		}
	}
	if c.take(ctx, req.Config, &resp.Diagnostics) || c.shape.SavesFailed {
		resp.State.Raw = req.Plan.Raw
	}
}

// take keeps what it is given, as the other vendor's service does, unless it
// is to fail.
func (c *consumer) take(ctx context.Context, config tfsdk.Config, diags *diag.Diagnostics) bool {
	var values map[string]string
	if c.shape.SecretIsMap {
		diags.Append(config.GetAttribute(ctx, path.Root(c.shape.Secret), &values)...)
	} else {
		var value string
		diags.Append(config.GetAttribute(ctx, path.Root(c.shape.Secret), &value)...)
		values = map[string]string{"": value}
	}
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	if c.all.failing[c.name] {
		delete(c.all.failing, c.name)
		diags.AddError("Service unavailable", "The stand-in was told to fail.")
		return false
	}
	for _, value := range values {
		c.all.delivered[c.name] = append(c.all.delivered[c.name], value)
	}
	return true
}

func (c *consumer) Read(context.Context, resource.ReadRequest, *resource.ReadResponse)       {}
func (c *consumer) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

// publicKey is the data source github_actions_public_key.
type publicKey struct{ key string }

func (publicKey) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "github_actions_public_key"
}

func (publicKey) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = datasourceschema.Schema{Attributes: map[string]datasourceschema.Attribute{
		"repository": datasourceschema.StringAttribute{Required: true},
		"key":        datasourceschema.StringAttribute{Computed: true},
		"key_id":     datasourceschema.StringAttribute{Computed: true},
	}}
}

func (k publicKey) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	resp.State.Raw = req.Config.Raw
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("key"), k.key)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("key_id"), "1")...)
}
