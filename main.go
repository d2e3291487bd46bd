// Command terraform-provider-prefactor serves the Prefactor provider to
// Terraform and OpenTofu.
package main

import (
	"context"
	"flag"
	"log"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/prefactordev/terraform-provider-prefactor/internal/provider"
)

// version and commit are set at release.
var (
	version = "dev"
	commit  = ""
)

func main() {
	debug := flag.Bool("debug", false, "serve until interrupted, for a debugger: prints what to put into TF_REATTACH_PROVIDERS")
	flag.Parse()

	if commit != "" && version == "dev" {
		version += "+" + commit
	}
	atExit := &provider.AtExit{}
	err := providerserver.Serve(context.Background(), provider.New(version, provider.WithAtExit(atExit)), providerserver.ServeOpts{
		Address:         provider.Address,
		Debug:           *debug,
		ProtocolVersion: 6,
	})
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
