// Command sweep removes the tokens that a killed run of the contract suite has
// left at an account, and nothing else.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/contract"
)

func main() {
	dryRun := flag.Bool("dry-run", false, "list what would be removed, and remove nothing")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Stdout, os.Getenv("PREFACTOR_LIVE") == "1", *dryRun)
	stop()
	if err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, out io.Writer, allowed, dryRun bool) error {
	if !allowed {
		return errors.New("this deletes tokens at a real account: set PREFACTOR_LIVE=1 to allow it")
	}
	o, err := contract.FromEnvironment()
	if err != nil {
		return err
	}
	found, err := contract.Sweep(ctx, o, dryRun)
	doing := "removed"
	switch {
	case dryRun:
		doing = "would remove"
	case err != nil:
		doing = "tried to remove"
	}
	for _, l := range found {
		_, _ = fmt.Fprintf(out, "%s %s (%s), created %s, expired %s\n", doing, l.ID, l.Status, l.CreatedAt.Format(time.RFC3339), l.ExpiresAt.Format(time.RFC3339Nano))
	}
	_, _ = fmt.Fprintf(out, "%d tokens of killed runs at %s\n", len(found), o.URL)
	return err
}
