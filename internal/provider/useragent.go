package provider

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"golang.org/x/net/http/httpguts"

	"github.com/prefactordev/terraform-provider-prefactor/internal/credentials"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// appendUserAgent is the environment variable of HashiCorp's providers for what
// else is to be in the user agent, such as the name of a module or a pipeline.
const appendUserAgent = "TF_APPEND_USER_AGENT"

// userAgent has the form that the plugin SDK gives to the user agents of
// HashiCorp's providers: Terraform, the provider, and what the environment adds.
// OpenTofu reports its version as Terraform's, and Pulumi's bridge reports none.
func userAgent(version, terraformVersion string, lookupEnv credentials.LookupEnv, diags *diag.Diagnostics) string {
	var products []string
	if terraformVersion != "" {
		products = append(products, "Terraform/"+terraformVersion+" (+https://www.terraform.io)")
	}
	products = append(products, prefactor.Product(version))
	if added, _ := lookupEnv(appendUserAgent); strings.TrimSpace(added) != "" {
		added = strings.TrimSpace(added)
		if !httpguts.ValidHeaderFieldValue(added) {
			diags.AddError("Invalid "+appendUserAgent,
				"The value of this environment variable has a line break or another control character, which an HTTP header cannot have. Set another value, or unset the variable.")
		}
		products = append(products, added)
	}
	return strings.Join(products, " ")
}
