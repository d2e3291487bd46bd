// Package provider makes the Prefactor provider available to other Go programs,
// such as Pulumi's bridge and Crossplane's upjet. Its only promise is New: what
// the provider offers is described by its schema, which is stable as README says.
package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/provider"

	internal "github.com/prefactordev/terraform-provider-prefactor/internal/provider"
)

// New returns a provider that is not configured. The version is sent to the API
// with each request; pass the version of the program that embeds the provider.
func New(version string) provider.Provider {
	return internal.New(version)()
}
