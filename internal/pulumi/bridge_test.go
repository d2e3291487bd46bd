// Package pulumi tests that Pulumi's bridge can serve the provider. It is a module
// of its own, since the bridge has hundreds of dependencies.
package pulumi

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	pf "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfgen"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	bridgetokens "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/provider"
)

const (
	urn   = "urn:pulumi:test::test::prefactor:index/apiToken:ApiToken::ci"
	token = "prefactor:index/apiToken:ApiToken"
)

// bridged is what somebody writes who bridges the provider.
func bridged() tfbridge.ProviderInfo {
	info := tfbridge.ProviderInfo{
		P:            pf.ShimProvider(provider.New("1.2.3")),
		Name:         "prefactor",
		Version:      "1.2.3",
		MetadataInfo: tfbridge.NewProviderMetadata([]byte(`{}`)),
	}
	info.MustComputeTokens(bridgetokens.SingleModule("prefactor_", "index", bridgetokens.MakeStandard("prefactor")))
	return info
}

func generate(t *testing.T, info tfbridge.ProviderInfo) (pf.ProviderMetadata, schema.PackageSpec) {
	t.Helper()
	var complaints strings.Builder
	generated, err := tfgen.GenerateSchema(t.Context(), tfgen.GenerateSchemaOptions{
		ProviderInfo:    info,
		DiagnosticsSink: diag.DefaultSink(&complaints, &complaints, diag.FormatOptions{Color: colors.Never}),
		XInMemoryDocs:   true,
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, complaints.String())
	}
	for line := range strings.Lines(complaints.String()) {
		if strings.HasPrefix(line, "error") {
			t.Error(line)
		}
	}
	var spec schema.PackageSpec
	if err := json.Unmarshal(generated.ProviderMetadata.PackageSchema, &spec); err != nil {
		t.Fatal(err)
	}
	return generated.ProviderMetadata, spec
}

// All resources and data sources are there, secrets are secrets, and nested
// attributes are typed.
func TestSchema(t *testing.T) {
	t.Parallel()
	info := bridged()
	_, spec := generate(t, info)
	if len(info.Resources) == 0 || len(info.Resources) != info.P.ResourcesMap().Len() {
		t.Errorf("%d of %d resources are bridged", len(info.Resources), info.P.ResourcesMap().Len())
	}
	for name, r := range info.Resources {
		if _, ok := spec.Resources[string(r.Tok)]; !ok {
			t.Errorf("resource %s is not in the schema", name)
		}
	}
	if len(info.DataSources) == 0 || len(info.DataSources) != info.P.DataSourcesMap().Len() {
		t.Errorf("%d of %d data sources are bridged", len(info.DataSources), info.P.DataSourcesMap().Len())
	}
	for name, d := range info.DataSources {
		if _, ok := spec.Functions[string(d.Tok)]; !ok {
			t.Errorf("data source %s is not in the schema", name)
		}
	}
	r := spec.Resources[token]
	if !r.Properties["token"].Secret {
		t.Error("the value of a token is not a secret")
	}
	if !spec.Config.Variables["apiToken"].Secret {
		t.Error("the provider's own token is not a secret")
	}
	if _, ok := r.InputProperties["id"]; ok {
		t.Error("id is an input")
	}
	rotation := spec.Types[strings.TrimPrefix(r.InputProperties["rotation"].Ref, "#/types/")]
	if got := rotation.Properties["beforeExpiry"].Type; got != "string" {
		t.Errorf("rotation.beforeExpiry is %q: %+v", got, r.InputProperties["rotation"])
	}
	if got := rotation.Properties["triggers"].Type; got != "object" {
		t.Errorf("rotation.triggers is %q", got)
	}
}

// A token is created, rotated, refreshed, imported and deleted by the calls that
// Pulumi's engine makes. A rotation gives the resource another id: the test says
// which id each call sees.
func TestLifecycle(t *testing.T) {
	t.Parallel()
	p := emulator.New(emulator.Options{Now: time.Now})
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	account := p.AddAccount("Acme")
	_, admin := p.AddToken(emulator.TokenSpec{Scope: "account", AccountID: account.ID, ExpiresAt: time.Now().AddDate(1, 0, 0), CreatedBy: p.AddAdminUser(account.ID, "Admin", "admin@example.com").ID})
	e := newEngine(t, bridged(), server.URL, admin)

	inputs := func(round string) map[string]any {
		return map[string]any{
			"lifetime": "2160h",
			"rotation": map[string]any{"overlap": "24h", "triggers": map[string]any{"round": round}},
		}
	}
	first := e.check(inputs("1"), nil)
	created, err := e.server.Create(t.Context(), &pulumirpc.CreateRequest{Urn: urn, Properties: first})
	if err != nil {
		t.Fatal(err)
	}
	state := e.unmarshal(created.Properties)
	if got := state["id"].StringValue(); got != created.Id || got == "" {
		t.Errorf("the id is %q and the output %q", created.Id, got)
	}
	if value := state["token"]; !value.IsSecret() || !p.Authenticates(value.SecretValue().Element.StringValue()) {
		t.Error("the value is not a secret that authenticates")
	}
	if changed := e.diff(created.Id, created.Properties, first, first); len(changed) > 0 {
		t.Errorf("there are changes without a change: %v", changed)
	}

	second := e.check(inputs("2"), first)
	if changed := e.diff(created.Id, created.Properties, first, second); len(changed) == 0 {
		t.Error("a changed trigger is no change")
	}
	updated, err := e.server.Update(t.Context(), &pulumirpc.UpdateRequest{Id: created.Id, Urn: urn, Olds: created.Properties, OldInputs: first, News: second})
	if err != nil {
		t.Fatal(err)
	}
	state = e.unmarshal(updated.Properties)
	current := state["id"].StringValue()
	if current == created.Id {
		t.Error("the rotation has not changed the id")
	}
	if got := state["previous"].ObjectValue()["id"].StringValue(); got != created.Id {
		t.Errorf("the previous token is %s, not %s", got, created.Id)
	}
	if changed := e.diff(created.Id, updated.Properties, second, second); len(changed) > 0 {
		t.Errorf("there are changes after the rotation: %v", changed)
	}

	// The engine keeps the id of the creation until a refresh returns another one.
	read, err := e.server.Read(t.Context(), &pulumirpc.ReadRequest{Id: created.Id, Urn: urn, Properties: updated.Properties, Inputs: second})
	if err != nil {
		t.Fatal(err)
	}
	if read.Id != current {
		t.Errorf("the refresh returns the id %s, not %s", read.Id, current)
	}
	imported, err := e.server.Read(t.Context(), &pulumirpc.ReadRequest{Id: current, Urn: urn})
	if err != nil || imported.Id != current {
		t.Errorf("the import returns %v, %v", imported, err)
	}

	// The deletion goes by the outputs and not by the id, so both tokens are deleted.
	if _, err := e.server.Delete(t.Context(), &pulumirpc.DeleteRequest{Id: created.Id, Urn: urn, Properties: updated.Properties, OldInputs: second}); err != nil {
		t.Fatal(err)
	}
	if left := p.Tokens(); len(left) != 1 {
		t.Errorf("tokens are left: %+v", left)
	}
}

// A bridge that wants the current id without a refresh gives the attribute another
// name, for which the provider needs no attribute of its own.
func TestLifecycle_tokenID(t *testing.T) {
	t.Parallel()
	info := bridged()
	r := info.Resources["prefactor_api_token"]
	r.Fields = map[string]*tfbridge.SchemaInfo{"id": {Name: "tokenId"}}
	r.ComputeID = tfbridge.DelegateIDField("tokenId", "prefactor", "https://github.com/prefactordev/terraform-provider-prefactor")
	_, spec := generate(t, info)
	if _, ok := spec.Resources[token].Properties["tokenId"]; !ok {
		t.Error("there is no tokenId")
	}
}

// engine makes the calls of Pulumi's engine.
type engine struct {
	t      *testing.T
	server pulumirpc.ResourceProviderServer
}

func newEngine(t *testing.T, info tfbridge.ProviderInfo, url, token string) engine {
	t.Helper()
	meta, _ := generate(t, info)
	server, err := pf.NewProviderServer(t.Context(), sink{t}, info, meta)
	if err != nil {
		t.Fatal(err)
	}
	e := engine{t, server}
	_, err = server.Configure(t.Context(), &pulumirpc.ConfigureRequest{
		Args: e.marshal(map[string]any{"apiUrl": url, "apiToken": token}), AcceptSecrets: true, AcceptResources: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func (e engine) marshal(values map[string]any) *structpb.Struct {
	e.t.Helper()
	s, err := plugin.MarshalProperties(resource.NewPropertyMapFromMap(values), plugin.MarshalOptions{KeepSecrets: true})
	if err != nil {
		e.t.Fatal(err)
	}
	return s
}

func (e engine) unmarshal(s *structpb.Struct) resource.PropertyMap {
	e.t.Helper()
	m, err := plugin.UnmarshalProperties(s, plugin.MarshalOptions{KeepSecrets: true, KeepUnknowns: true})
	if err != nil {
		e.t.Fatal(err)
	}
	return m
}

func (e engine) check(news map[string]any, olds *structpb.Struct) *structpb.Struct {
	e.t.Helper()
	checked, err := e.server.Check(e.t.Context(), &pulumirpc.CheckRequest{Urn: urn, Olds: olds, News: e.marshal(news), RandomSeed: make([]byte, 32)})
	if err != nil || len(checked.Failures) > 0 {
		e.t.Fatalf("%v %v", err, checked.GetFailures())
	}
	return checked.Inputs
}

func (e engine) diff(id string, olds, oldInputs, news *structpb.Struct) []string {
	e.t.Helper()
	d, err := e.server.Diff(e.t.Context(), &pulumirpc.DiffRequest{Id: id, Urn: urn, Olds: olds, OldInputs: oldInputs, News: news})
	if err != nil {
		e.t.Fatal(err)
	}
	if len(d.Replaces) > 0 {
		e.t.Errorf("%v would replace the resource", d.Replaces)
	}
	return d.Diffs
}

// sink writes what the provider logs to the test's log.
type sink struct{ t *testing.T }

func (s sink) Log(_ context.Context, _ diag.Severity, _ resource.URN, message string) error {
	s.t.Log(message)
	return nil
}

func (s sink) LogStatus(_ context.Context, _ diag.Severity, _ resource.URN, message string) error {
	s.t.Log(message)
	return nil
}
