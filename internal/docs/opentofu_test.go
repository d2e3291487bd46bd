package docs

import (
	"testing"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

// With the encryption that the guide shows, no value is in any file.
func TestGuide_stateEncryption(t *testing.T) {
	t.Parallel()
	config := shows(t, "opentofu.md", "encryption {")
	if why := whyNot(acctest.RequireTerraform(t), config); why != "" {
		acctest.NotRun(t, why)
	}
	w := acctest.NewWorld(t, emulator.Variant{})
	c := w.NewCLI(t, config)
	c.Env = append(c.Env, "TF_VAR_state_passphrase=a passphrase of the test")
	c.MustRun(t, "plan", "-out=saved.tfplan")
	c.MustRun(t, "apply", "saved.tfplan")
	c.MustRun(t, "apply", "-auto-approve", "-replace=prefactor_api_token.ci")
	if len(w.Others()) != 1 {
		t.Fatalf("%d tokens are at the platform", len(w.Others()))
	}
	if found := c.Files(t, w.Secrets()...); len(found) > 0 {
		t.Errorf("there are values in %v", found)
	}
	if found := c.Files(t, `"encrypted_data"`); len(found) == 0 {
		t.Error("no state was written")
	}
}
