// Command zerocall is the provider without a platform: every read is answered
// at once, with what the state says. The bench measures against it what
// Terraform and the plugin protocol cost by themselves.
package main

import (
	"context"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/provider"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// silent reads a token without asking anybody. A field that an answer lacks
// leaves the state as it is, so an answer without fields changes nothing.
type silent struct{ tfkit.API }

func (silent) Token(_ context.Context, id string) (prefactor.Token, error) {
	return prefactor.Token{ID: id}, nil
}

func main() {
	quiet := provider.WithAPI(func(client tfkit.API) tfkit.API { return silent{client} })
	if err := providerserver.Serve(context.Background(), provider.New("bench", quiet), providerserver.ServeOpts{Address: provider.Address, ProtocolVersion: 6}); err != nil {
		log.Fatal(err)
	}
}
