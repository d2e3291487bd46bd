// Command schema prints the provider's schemas the way
// `terraform providers schema -json` does, for the generator of the
// documentation. It asks the provider itself: a Terraform binary leaves out
// whatever it is too old to know, such as actions and list resources, and the
// documentation must not depend on which one is installed.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/prefactordev/terraform-provider-prefactor/internal/provider"
)

// key is one of the two names that tfplugindocs looks for: the provider's
// short name. It does not know of other namespaces than HashiCorp's.
const key = "prefactor"

func main() {
	server := provider.NewServer("dev")()
	if err := write(context.Background(), os.Stdout, server); err != nil {
		log.Fatal(err)
	}
}

func write(ctx context.Context, out io.Writer, server tfprotov6.ProviderServer) error {
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return err
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return err
	}
	for _, d := range append(schemas.Diagnostics, identities.Diagnostics...) {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			err = errors.Join(err, fmt.Errorf("%s: %s", d.Summary, d.Detail))
		}
	}
	if err != nil {
		return err
	}
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return enc.Encode(document{
		FormatVersion: "1.0",
		Providers:     map[string]providerJSON{key: describe(schemas, identities)},
	})
}
