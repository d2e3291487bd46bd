// Command terraform-provider-prefactor serves the Prefactor provider to
// Terraform and OpenTofu.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/provider"
)

// version and commit are set at release.
var (
	version = "dev"
	commit  = ""
)

func main() {
	debug := flag.Bool("debug", false, "serve until interrupted, for a debugger: prints what to put into TF_REATTACH_PROVIDERS")
	show := flag.Bool("version", false, "print the version and the commit, and exit")
	flag.Parse()

	if *show {
		_, _ = fmt.Fprintln(os.Stdout, "terraform-provider-prefactor", version, commit)
		return
	}
	if commit != "" && version == "dev" {
		version += "+" + commit
	}
	atExit := &provider.AtExit{}
	cleanUp := func(limit time.Duration) {
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		atExit.Run(ctx)
	}
	orphaned := func() {
		cleanUp(provider.OrphanExitTime)
		os.Exit(1)
	}
	err := provider.Serve(version, *debug, orphaned, provider.WithAtExit(atExit))
	if err != nil {
		log.Fatal(err)
	}
	cleanUp(exitTime)
}

// exitTime is what Terraform grants a provider that it has told to exit, before
// it kills it.
const exitTime = 1900 * time.Millisecond
