// Command emulator serves an emulated Prefactor platform on a loopback port,
// with an account seeded, and prints what to export so that the provider or
// the vendor's own command line talks to it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

func main() {
	address := flag.String("addr", "127.0.0.1:8484", "loopback address and port to listen on")
	verbose := flag.Bool("v", false, "print each request")
	latency := flag.Duration("latency", 0, "delay each response by this time")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := serve(ctx, os.Stdout, *address, *verbose, *latency)
	stop()
	if err != nil {
		log.Fatal(err)
	}
}

// serve runs the platform until the context ends.
func serve(ctx context.Context, out io.Writer, address string, verbose bool, latency time.Duration) error {
	listener, err := listen(ctx, address)
	if err != nil {
		return err
	}
	platform := emulator.New(emulator.Options{})
	if latency > 0 {
		platform.Inject(emulator.Fault{Kind: emulator.FaultLatency, Latency: latency})
	}
	if verbose {
		platform.Watch(func(r emulator.Request) {
			_, _ = fmt.Fprintf(out, "%s  %3d  %-6s %s\n", r.At.Format("15:04:05.000"), r.Status, r.Method, r.Path)
		})
	}
	seed(out, platform, "http://"+listener.Addr().String())

	server := &http.Server{Handler: platform, ReadHeaderTimeout: 10 * time.Second}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		stopped <- server.Shutdown(closing)
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

// listen rejects every address except loopback: everyone who can reach the
// emulator gets tokens from it.
func listen(ctx context.Context, address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("the emulator listens on loopback addresses only, such as 127.0.0.1:8484, not on %q", address)
	}
	return (&net.ListenConfig{}).Listen(ctx, "tcp", address)
}

// seed makes a small company and prints how to use it.
func seed(out io.Writer, p *emulator.Platform, url string) {
	account := p.AddAccount("Acme")
	production := p.AddEnvironment(account.ID, "production")
	staging := p.AddEnvironment(account.ID, "staging")
	support := p.AddAgent(account.ID, "support-bot")
	billing := p.AddAgent(account.ID, "billing-bot")
	p.AddDeployment(support.ID, production.ID)
	user := p.AddAdminUser(account.ID, "Ada", "ada@example.com")
	_, token := p.AddToken(emulator.TokenSpec{Scope: "account", AccountID: account.ID, CreatedBy: user.ID})

	_, _ = fmt.Fprintf(out, `The emulated platform listens at %s. Ctrl-C ends it, and nothing is kept.

export PREFACTOR_API_URL=%s
export PREFACTOR_API_TOKEN=%s
export PREFACTOR_ACCOUNT_ID=%s

account      %s  Acme
environment  %s  production
environment  %s  staging
agent        %s  support-bot (deployed to production)
agent        %s  billing-bot
admin user   %s  ada@example.com (created the token)

`, url, url, token, account.ID, account.ID, production.ID, staging.ID, support.ID, billing.ID, user.ID)
}
