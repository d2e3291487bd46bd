# What the module offers to deliver a token: the value for the recipients, and its
# version. With a test account, or with the emulator, as life.tftest.hcl.
variables {
  # The private key was not kept.
  recipients = ["age1u5nnv9hhcwtnmz05l9wp4s579sx8f2nqn7n7hxq9wgd93uqpfpkslzqgcr"]
}

run "create_encrypted" {
  assert {
    condition     = output.token == null && try(startswith(prefactor_deployment_token.this.encrypted_token, "-----BEGIN AGE ENCRYPTED FILE-----"), false)
    error_message = "The value must be encrypted, and only that."
  }
}

# OpenTofu has no results of other runs in conditions: these compare with previous.
run "nothing_new" {
  command = plan

  assert {
    # Both would be unknown.
    condition     = output.token_version > 0 && output.encrypted_token != null
    error_message = "There is no new token, so nothing must be delivered."
  }
}

run "roll_back_too_early" {
  command = plan

  variables {
    roll_back = true
  }

  # There is no previous token.
  expect_failures = [prefactor_deployment_token.this]
}

run "renew_encrypted" {
  variables {
    rotate_because = "a test"
  }

  assert {
    condition     = try(output.token_version > prefactor_deployment_token.this.previous.version && output.encrypted_token != prefactor_deployment_token.this.previous.encrypted_token, false)
    error_message = "The new value must be delivered."
  }
}

run "roll_back" {
  variables {
    rotate_because = "a test"
    roll_back      = true
  }

  assert {
    condition     = output.token_version < prefactor_deployment_token.this.version && output.encrypted_token == prefactor_deployment_token.this.previous.encrypted_token
    error_message = "The previous value must be delivered again."
  }
}
