package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"
)

// delivered is a token whose value is encrypted in the state, decrypted for the
// run and passed to a command, in place of a secret manager.
const delivered = `
resource "prefactor_api_token" "delivered" {
  recipients = [%q]

  rotation = {
    triggers = { reason = %q }
  }
}

ephemeral "prefactor_token_value" "delivered" {
  encrypted_token = prefactor_api_token.delivered.encrypted_token
  identity_file   = %q
}

resource "terraform_data" "delivery" {
  triggers_replace = [prefactor_api_token.delivered.version]

  provisioner "local-exec" {
    environment = { VALUE = ephemeral.prefactor_token_value.delivered.token }
    command     = "echo $VALUE >> %s"
  }
}
`

// deliver creates and rotates a token whose value reaches its consumer and no
// file of the working folder.
func deliver(ctx context.Context, d *demo) error {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return err
	}
	key, consumer := filepath.Join(d.folder, "age-key.txt"), filepath.Join(d.folder, "consumer.txt")
	if err := os.WriteFile(key, []byte(identity.String()), 0o600); err != nil {
		return err
	}
	issued := len(d.platform.Secrets())
	for i, reason := range []string{"", "a test"} {
		listed := strings.Replace(d.tokens("active", "active"), "depends_on = [", "depends_on = [prefactor_api_token.delivered, ", 1)
		config := listed + fmt.Sprintf(delivered, identity.Recipient(), reason, key, consumer)
		if _, err := d.apply(ctx, config); err != nil {
			return err
		}
		raw, err := os.ReadFile(consumer) //nolint:gosec // A file of the demo.
		if err != nil {
			return err
		}
		values := strings.Fields(string(raw))
		says := []string{"the consumer has the value, and it works", "the rotation has delivered the new value"}[i]
		if err := d.expect(len(values) == i+1 && d.platform.Authenticates(values[i]), says); err != nil {
			return err
		}
	}
	left, err := d.filesWith(d.platform.Secrets()[issued:])
	if err != nil {
		return err
	}
	if err := d.expect(len(left) == 0, "neither value is in a file of the working folder, the state among them"); err != nil {
		return err
	}
	if err := d.write(d.tokens("active", "active")); err != nil {
		return err
	}
	if _, err := d.terraform(ctx, "apply", "-auto-approve"); err != nil {
		return err
	}
	// The list was read while the token was being deleted.
	_, err = d.quiet(ctx, "apply", "-auto-approve")
	return err
}
