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

// server lends the framework the contexts of those calls that Terraform makes
// for each resource. The framework keeps every context that it was given until
// Terraform stops the provider, to cancel them all then, and with each context
// what hangs on it: loggers and the call's stream, about 10 KB. Without this a
// plan of 5,000 resources would hold 200 MB that nobody needs.
type server struct{ protocol }

func (s *server) ValidateResourceConfig(ctx context.Context, r *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return lend(ctx, r, s.protocol.ValidateResourceConfig)
}

func (s *server) UpgradeResourceState(ctx context.Context, r *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return lend(ctx, r, s.protocol.UpgradeResourceState)
}

func (s *server) UpgradeResourceIdentity(ctx context.Context, r *tfprotov6.UpgradeResourceIdentityRequest) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return lend(ctx, r, s.protocol.UpgradeResourceIdentity)
}

func (s *server) ReadResource(ctx context.Context, r *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return lend(ctx, r, s.protocol.ReadResource)
}

func (s *server) PlanResourceChange(ctx context.Context, r *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return lend(ctx, r, s.protocol.PlanResourceChange)
}

// ApplyResourceChange undoes what cannot be told to Terraform any more.
func (s *server) ApplyResourceChange(ctx context.Context, r *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	running.Add(1)
	defer running.Done()
	with, undo := tfkit.WithUndelivered(ctx)
	resp, err := lend(with, r, s.protocol.ApplyResourceChange)
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

func lend[Request, Response any](ctx context.Context, r Request, call func(context.Context, Request) (Response, error)) (Response, error) {
	lent := &lentContext{}
	lent.from.Store(&ctx)
	defer lent.from.Store(&ended) //nolint:contextcheck // The call has ended then.
	return call(lent, r)          //nolint:contextcheck // It is ctx until then.
}

// lentContext is another context until it is given back; then it is one that
// has ended, and holds on to nothing.
type lentContext struct {
	from atomic.Pointer[context.Context]
}

func (l *lentContext) Deadline() (time.Time, bool) { return (*l.from.Load()).Deadline() }
func (l *lentContext) Done() <-chan struct{}       { return (*l.from.Load()).Done() }
func (l *lentContext) Err() error                  { return (*l.from.Load()).Err() }
func (l *lentContext) Value(key any) any           { return (*l.from.Load()).Value(key) }

// ended is what a lent context is afterwards.
var ended = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()
