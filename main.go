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
	err := provider.Serve(version, *debug, provider.WithAtExit(atExit))
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), exitTime)
	defer cancel()
	atExit.Run(ctx)
}

// exitTime is what Terraform grants a provider that it has told to exit, before
// it kills it.
const exitTime = 1900 * time.Millisecond
