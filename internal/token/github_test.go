package token_test

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"golang.org/x/crypto/nacl/box"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

// repository has the key pair of a repository at GitHub.
type repository struct{ public, private *[32]byte }

func newRepository(t *testing.T) repository {
	t.Helper()
	public, private, err := box.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return repository{public, private}
}

func (r repository) argument() string {
	return fmt.Sprintf("github_public_key = %q", base64.StdEncoding.EncodeToString(r.public[:]))
}

// open does what GitHub does with a secret.
func (r repository) open(sealed string) (string, error) {
	raw, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil {
		return "", err
	}
	value, ok := box.OpenAnonymous(nil, raw, r.public, r.private)
	if !ok {
		return "", errors.New("the sealed box cannot be opened")
	}
	return string(value), nil
}

func TestGitHubPublicKey(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	first, second := newRepository(t), newRepository(t)
	identity := newIdentity(t)
	opens := func(r repository, attribute string) resource.TestCheckFunc {
		return func(s *terraform.State) error {
			value, err := r.open(s.RootModule().Resources[apiToken].Primary.Attributes[attribute])
			if err == nil && !w.Authenticates(value) {
				err = errors.New("the value does not authenticate")
			}
			return err
		}
	}
	noValue := value(apiToken, "token", knownvalue.Null())
	w.TestInProcess(t,
		resource.TestStep{
			Config:            apiTokenConfig(first.argument()),
			ConfigStateChecks: []statecheck.StateCheck{noValue, value(apiToken, "encrypted_token", knownvalue.Null())},
			Check:             opens(first, "github_encrypted_token"),
		},
		resource.TestStep{
			Config:           apiTokenConfig(second.argument()),
			ConfigPlanChecks: does(apiToken, plancheck.ResourceActionReplace),
			Check:            resource.ComposeTestCheckFunc(opens(second, "github_encrypted_token"), w.CheckCount(1)),
		},
		resource.TestStep{
			Config:            apiTokenConfig(second.argument() + "\nrotation = {}\n" + recipients(identity.Recipient().String())),
			ConfigPlanChecks:  does(apiToken, plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{noValue, value(apiToken, "encrypted_token", knownvalue.NotNull())},
			Check:             resource.ComposeTestCheckFunc(opens(second, "github_encrypted_token"), opens(second, "previous.github_encrypted_token")),
		},
		resource.TestStep{
			Config:           apiTokenConfig(second.argument() + "\nrotation = {}\nstatus = \"suspended\"\n" + recipients(identity.Recipient().String())),
			ConfigPlanChecks: does(apiToken, plancheck.ResourceActionUpdate),
		},
		resource.TestStep{
			// Without the key the value of the new token is in the state.
			Config:            apiTokenConfig("rotation = {}"),
			ConfigPlanChecks:  does(apiToken, plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{value(apiToken, "token", knownvalue.NotNull()), value(apiToken, "github_encrypted_token", knownvalue.Null())},
		},
	)
}

// A key that is known only at the apply.
func TestGitHubPublicKey_unknown(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	key := newRepository(t)
	w.Test(t, resource.TestStep{
		Config: fmt.Sprintf("resource \"terraform_data\" \"key\" {\n input = %q\n}\n", base64.StdEncoding.EncodeToString(key.public[:])) +
			apiTokenConfig("github_public_key = terraform_data.key.output"),
		ConfigStateChecks: []statecheck.StateCheck{value(apiToken, "token", knownvalue.Null()), value(apiToken, "github_encrypted_token", knownvalue.NotNull())},
	})
}

// A key that turns out to be a bad one only in the apply creates no token.
func TestGitHubPublicKey_badInApply(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	w.Test(t, resource.TestStep{
		Config:      "resource \"terraform_data\" \"key\" {\n input = \"hello\"\n}\n" + apiTokenConfig("github_public_key = terraform_data.key.output"),
		ExpectError: regexp.MustCompile(`Invalid GitHub public key`),
	})
	if n := w.Calls("POST", "/api_token"); n != 0 {
		t.Errorf("%d tokens were created", n)
	}
}

func TestGitHubPublicKey_bad(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	for _, key := range []string{"", "hello", base64.StdEncoding.EncodeToString(make([]byte, 31)), anSSHKey} {
		w.TestInProcess(t, resource.TestStep{
			Config:      apiTokenConfig(fmt.Sprintf("github_public_key = %q", key)),
			PlanOnly:    true,
			ExpectError: regexp.MustCompile(`Invalid GitHub public key`),
		})
	}
}
