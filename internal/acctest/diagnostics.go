package acctest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// diagnosticsVariable names a file for all diagnostics that the provider of a
// test returns, for `make diagnostics`.
const diagnosticsVariable = "PREFACTOR_DIAGNOSTICS"

// protocol is all that the provider serves.
type protocol interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
	tfprotov6.StateStoreServer
}

// recorder writes the diagnostics of each response to a file.
type recorder struct {
	protocol

	path string
}

// recorded is the server itself where diagnostics are not collected.
func recorded(server tfprotov6.ProviderServer) tfprotov6.ProviderServer {
	p, ok := server.(protocol)
	path := os.Getenv(diagnosticsVariable)
	if !ok || path == "" {
		return server
	}
	return recorder{p, path}
}

var recording sync.Mutex

// random is what differs from run to run: ids, times and addresses.
var random = regexp.MustCompile(`\b[0-9a-hjkmnp-tv-z]{32}\b|\d{4}-\d\d-\d\d[T ]\d\d:\d\d[0-9:.]*(Z| UTC)?|127\.0\.0\.1:\d+`)

// record writes one line for each diagnostic, without what is random: so they can
// be sorted, and equal ones left out.
func (r recorder) record(diagnostics []*tfprotov6.Diagnostic) error {
	var lines strings.Builder
	for _, d := range diagnostics {
		detail := strings.ReplaceAll(random.ReplaceAllString(d.Detail, "..."), "\n", `\n`)
		fmt.Fprintf(&lines, "%s: %s\\n%s\n", d.Severity, d.Summary, detail)
	}
	recording.Lock()
	defer recording.Unlock()
	return keep(r.path, lines.String())
}

func call[Request, Response any](ctx context.Context, r recorder, req Request, send func(context.Context, Request) (*Response, error)) (*Response, error) {
	resp, err := send(ctx, req)
	if err != nil || resp == nil {
		return resp, err
	}
	diagnostics, _ := reflect.TypeAssert[[]*tfprotov6.Diagnostic](reflect.ValueOf(resp).Elem().FieldByName("Diagnostics"))
	return resp, r.record(diagnostics)
}

// InvokeAction and ListResource have the diagnostics in what they stream.
func (r recorder) InvokeAction(ctx context.Context, req *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	stream, err := r.protocol.InvokeAction(ctx, req)
	if err != nil {
		return stream, err
	}
	events := slices.Collect(stream.Events)
	for _, event := range events {
		if e, ok := event.Type.(tfprotov6.CompletedInvokeActionEventType); ok {
			err = errors.Join(err, r.record(e.Diagnostics))
		}
	}
	stream.Events = slices.Values(events)
	return stream, err
}

func (r recorder) ListResource(ctx context.Context, req *tfprotov6.ListResourceRequest) (*tfprotov6.ListResourceServerStream, error) {
	stream, err := r.protocol.ListResource(ctx, req)
	if err != nil {
		return stream, err
	}
	results := slices.Collect(stream.Results)
	for _, result := range results {
		err = errors.Join(err, r.record(result.Diagnostics))
	}
	stream.Results = slices.Values(results)
	return stream, err
}

func (r recorder) ValidateProviderConfig(ctx context.Context, req *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return call(ctx, r, req, r.protocol.ValidateProviderConfig)
}

func (r recorder) ConfigureProvider(ctx context.Context, req *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	return call(ctx, r, req, r.protocol.ConfigureProvider)
}

func (r recorder) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return call(ctx, r, req, r.protocol.ValidateResourceConfig)
}

func (r recorder) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return call(ctx, r, req, r.protocol.UpgradeResourceState)
}

func (r recorder) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return call(ctx, r, req, r.protocol.ReadResource)
}

func (r recorder) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return call(ctx, r, req, r.protocol.PlanResourceChange)
}

func (r recorder) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return call(ctx, r, req, r.protocol.ApplyResourceChange)
}

func (r recorder) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	return call(ctx, r, req, r.protocol.ImportResourceState)
}

func (r recorder) MoveResourceState(ctx context.Context, req *tfprotov6.MoveResourceStateRequest) (*tfprotov6.MoveResourceStateResponse, error) {
	return call(ctx, r, req, r.protocol.MoveResourceState)
}

func (r recorder) ValidateDataResourceConfig(ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return call(ctx, r, req, r.protocol.ValidateDataResourceConfig)
}

func (r recorder) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	return call(ctx, r, req, r.protocol.ReadDataSource)
}

func (r recorder) ValidateEphemeralResourceConfig(ctx context.Context, req *tfprotov6.ValidateEphemeralResourceConfigRequest) (*tfprotov6.ValidateEphemeralResourceConfigResponse, error) {
	return call(ctx, r, req, r.protocol.ValidateEphemeralResourceConfig)
}

func (r recorder) OpenEphemeralResource(ctx context.Context, req *tfprotov6.OpenEphemeralResourceRequest) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	return call(ctx, r, req, r.protocol.OpenEphemeralResource)
}

func (r recorder) CloseEphemeralResource(ctx context.Context, req *tfprotov6.CloseEphemeralResourceRequest) (*tfprotov6.CloseEphemeralResourceResponse, error) {
	return call(ctx, r, req, r.protocol.CloseEphemeralResource)
}

func (r recorder) ValidateListResourceConfig(ctx context.Context, req *tfprotov6.ValidateListResourceConfigRequest) (*tfprotov6.ValidateListResourceConfigResponse, error) {
	return call(ctx, r, req, r.protocol.ValidateListResourceConfig)
}

func (r recorder) ValidateActionConfig(ctx context.Context, req *tfprotov6.ValidateActionConfigRequest) (*tfprotov6.ValidateActionConfigResponse, error) {
	return call(ctx, r, req, r.protocol.ValidateActionConfig)
}

func (r recorder) PlanAction(ctx context.Context, req *tfprotov6.PlanActionRequest) (*tfprotov6.PlanActionResponse, error) {
	return call(ctx, r, req, r.protocol.PlanAction)
}
