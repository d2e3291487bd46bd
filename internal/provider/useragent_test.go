package provider_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/provider"
)

func TestProvider_userAgent(t *testing.T) {
	t.Parallel()
	binary := acctest.RequireTerraform(t)
	terraform := "Terraform/" + binary.Version.String() + " (+https://www.terraform.io) " +
		"terraform-provider-prefactor/test (+https://registry.terraform.io/providers/prefactordev/prefactor)"
	for name, c := range map[string]struct{ added, want string }{
		"terraform":     {want: terraform},
		"appended":      {added: " my-module/1.2 (nightly) ", want: terraform + " my-module/1.2 (nightly)"},
		"only spaces":   {added: "  ", want: terraform},
		"not one line":  {added: "a\nX-Evil: b"},
		"not printable": {added: "a\x00b"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, emulator.Variant{})
			lookup := func(name string) (string, bool) {
				if name != "TF_APPEND_USER_AGENT" {
					return "", false
				}
				return c.added, true
			}
			step := resource.TestStep{Config: minimal}
			if c.want == "" {
				step.ExpectError = regexp.MustCompile(`Invalid TF_APPEND_USER_AGENT`)
			}
			w.TestWith(t, resource.TestCase{
				ProtoV6ProviderFactories: w.Factories(provider.WithEnvironment(lookup, t.TempDir(), t.TempDir())),
				Steps:                    []resource.TestStep{step},
			})
			for _, r := range w.Requests() {
				got := strings.Join(r.Header["User-Agent"], "|")
				if binary.OpenTofu { // It tells the provider a version of Terraform that it is compatible with.
					got = regexp.MustCompile(`^Terraform/[0-9.]+`).ReplaceAllString(got, "Terraform/"+binary.Version.String())
				}
				if got != c.want {
					t.Fatalf("%s %s: the user agent is %q, want %q", r.Method, r.Path, got, c.want)
				}
			}
			if got := len(w.Requests()) > 0; got != (c.want != "") {
				t.Errorf("requests were made: %v", got)
			}
		})
	}
}
