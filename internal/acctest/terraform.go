package acctest

import (
	"context"
	"os"
	"sync"
	"testing"

	"github.com/prefactordev/terraform-provider-prefactor/internal/tfbinary"
)

var findBinary = sync.OnceValues(func() (tfbinary.Binary, error) {
	found, err := tfbinary.Find(context.Background())
	if err != nil {
		return found, err
	}
	// The testing library takes the binary and, for OpenTofu, the registry's
	// name from the environment. A person's own CLI configuration, such as
	// dev_overrides, has no say in a test.
	for name, value := range map[string]string{
		"TF_ACC_TERRAFORM_PATH":     found.Path,
		"TF_ACC_PROVIDER_HOST":      found.Registry(),
		"TF_ACC_PROVIDER_NAMESPACE": "prefactordev",
		"TF_CLI_CONFIG_FILE":        os.DevNull,
		"CHECKPOINT_DISABLE":        "1",
	} {
		if err := os.Setenv(name, value); err != nil {
			return found, err
		}
	}
	return found, nil
})

// RequireTerraform gives the binary that acceptance tests run. Without one the
// test fails, with a sentence that says what to install. It is skipped only if
// TF_ACC_TERRAFORM_PATH is none.
func RequireTerraform(tb testing.TB) tfbinary.Binary {
	tb.Helper()
	if os.Getenv(tfbinary.EnvPath) == "none" {
		NotRun(tb, tfbinary.EnvPath+" is none")
	}
	found, err := findBinary()
	if err != nil {
		tb.Fatal(err)
	}
	return found
}
