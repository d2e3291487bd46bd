// Command subject is the provider with a clock that is ahead by the duration in
// DEMO_SKIPPED. The demo moves the platform's clock, and a step that cannot be
// undone needs the local clock to agree with it.
package main

import (
	"cmp"
	"log"
	"os"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/provider"
)

func main() {
	skipped, err := time.ParseDuration(cmp.Or(os.Getenv("DEMO_SKIPPED"), "0s"))
	if err != nil {
		log.Fatal(err)
	}
	clock := provider.WithClock(func() time.Time { return time.Now().Add(skipped) })
	if err := provider.Serve("demo", false, func() { os.Exit(1) }, clock); err != nil {
		log.Fatal(err)
	}
}
