package provider_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov5"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	public "github.com/prefactordev/terraform-provider-prefactor/provider"
)

func TestNew(t *testing.T) {
	t.Parallel()
	p := public.New("1.2.3")
	var meta provider.MetadataResponse
	p.Metadata(t.Context(), provider.MetadataRequest{}, &meta)
	if meta.TypeName != "prefactor" || meta.Version != "1.2.3" {
		t.Errorf("got %+v", meta)
	}
	schemas, err := providerserver.NewProtocol6(p)().GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil || len(schemas.Diagnostics) > 0 || schemas.ResourceSchemas["prefactor_api_token"] == nil {
		t.Errorf("%v, %v", err, schemas)
	}
}

// A program that embeds the provider has to serve version 6 of the plugin protocol:
// version 5, which upjet uses, has no nested attributes. The guide for Pulumi and
// Crossplane says so.
func TestNew_protocol5(t *testing.T) {
	t.Parallel()
	schemas, err := providerserver.NewProtocol5(public.New("1.2.3"))().GetProviderSchema(t.Context(), &tfprotov5.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range schemas.Diagnostics {
		if d.Severity == tfprotov5.DiagnosticSeverityError && strings.Contains(d.Detail, "protocol version 5") {
			return
		}
	}
	t.Errorf("no error about nested attributes: %v", schemas.Diagnostics)
}
