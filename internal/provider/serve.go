package provider

import (
	"context"
	"os"
	runtimedebug "runtime/debug"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// Serve serves the provider to the Terraform that has started this process, or,
// for a debugger, to any until interrupted.
//
// orphaned is called when that Terraform does not exist any more; it does not return.
func Serve(version string, debug bool, orphaned func(), options ...Option) error {
	if os.Getenv("GOGC") == "" {
		runtimedebug.SetGCPercent(gcPercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		runtimedebug.SetMemoryLimit(memoryLimit)
	}
	var serve []tf6server.ServeOpt
	if debug {
		serve = append(serve, tf6server.WithManagedDebug())
	} else {
		if err := logOnlyWhatIsPrinted(os.LookupEnv, os.Setenv); err != nil {
			return err
		}
		ignoreSignals()
		parent = os.Getppid()
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		go onOrphaned(ctx, orphaned)
	}
	return tf6server.Serve(Address, NewServer(version, options...), serve...)
}

// gcPercent is how much garbage may come before it is collected, in percent of
// what is in use. In use are a few MB, whatever the number of resources, and
// each resource leaves 1 MB of garbage: by Go's default of 100 a quarter of the
// processor time is collecting. With 400 the process takes 60 MB.
const gcPercent = 400

// memoryLimit is from where on garbage is collected sooner, in bytes: what is in use
// grows by the rows of lists, by 2 MB for 5,000 tokens, and gcPercent makes ten of them.
// It is no hard limit. With far more than 10,000 tokens in one state collecting takes
// longer, up to half of the processor time; GOMEMLIMIT sets another limit.
const memoryLimit = 64 << 20

// NewServer gives what makes the provider's side of the plugin protocol.
func NewServer(version string, options ...Option) func() tfprotov6.ProviderServer {
	return func() tfprotov6.ProviderServer {
		//nolint:forcetypeassert // All that the framework serves; what is missing would show at the first start.
		return &server{providerserver.NewProtocol6(New(version, options...)())().(protocol)}
	}
}

// protocol is all that the framework serves.
type protocol interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
	tfprotov6.StateStoreServer
}

// server passes releasable contexts to the framework in the calls that Terraform
// makes for each resource. The framework keeps every context until Terraform stops
// the provider, to cancel them all, and with each context its loggers and the
// stream of the call, about 10 KB. Without this a plan of 5,000 resources would
// need 200 MB more.
type server struct{ protocol }

func (s *server) ValidateResourceConfig(ctx context.Context, r *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return withReleasable(ctx, r, s.protocol.ValidateResourceConfig)
}

func (s *server) UpgradeResourceState(ctx context.Context, r *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return withReleasable(ctx, r, s.protocol.UpgradeResourceState)
}

func (s *server) UpgradeResourceIdentity(ctx context.Context, r *tfprotov6.UpgradeResourceIdentityRequest) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return withReleasable(ctx, r, s.protocol.UpgradeResourceIdentity)
}

func (s *server) ReadResource(ctx context.Context, r *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return withReleasable(ctx, r, s.protocol.ReadResource)
}

func (s *server) PlanResourceChange(ctx context.Context, r *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return withReleasable(ctx, r, s.protocol.PlanResourceChange)
}

// ApplyResourceChange undoes a create whose response Terraform no longer receives.
func (s *server) ApplyResourceChange(ctx context.Context, r *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	running.Add(1)
	defer running.Done()
	with, undo := tfkit.WithUndelivered(ctx)
	resp, err := withReleasable(with, r, s.protocol.ApplyResourceChange)
	// Not ctx.Err(): Terraform also ends the context of a call whose response
	// it still waits for.
	if isOrphaned() {
		late, cancel := context.WithTimeout(context.WithoutCancel(ctx), OrphanExitTime)
		defer cancel()
		undo(late)
	}
	return resp, err
}

// OpenEphemeralResource is waited for before the process ends, so that what it
// opens is closed.
func (s *server) OpenEphemeralResource(ctx context.Context, r *tfprotov6.OpenEphemeralResourceRequest) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	running.Add(1)
	defer running.Done()
	return s.protocol.OpenEphemeralResource(ctx, r)
}

func withReleasable[Request, Response any](ctx context.Context, r Request, call func(context.Context, Request) (Response, error)) (Response, error) {
	releasable := &releasableContext{}
	releasable.from.Store(&ctx)
	defer releasable.from.Store(&canceled) //nolint:contextcheck // The call has ended then.
	return call(releasable, r)             //nolint:contextcheck // It is ctx until then.
}

// releasableContext is another context until the call ends. Then it is a canceled
// one, which references nothing.
type releasableContext struct {
	from atomic.Pointer[context.Context]
}

func (l *releasableContext) Deadline() (time.Time, bool) { return (*l.from.Load()).Deadline() }
func (l *releasableContext) Done() <-chan struct{}       { return (*l.from.Load()).Done() }
func (l *releasableContext) Err() error                  { return (*l.from.Load()).Err() }
func (l *releasableContext) Value(key any) any           { return (*l.from.Load()).Value(key) }

// canceled is what a releasable context is after the call.
var canceled = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()
