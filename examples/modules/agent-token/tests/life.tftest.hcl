# The life of a token, for real: on an account for tests, or on the emulator.
#
#   terraform test -var agent_id=... -var environment_id=...
#
# The credentials are those of the provider, such as PREFACTOR_API_TOKEN. What
# the test creates is revoked and deleted at its end.

run "create" {
  assert {
    condition     = prefactor_deployment_token.this.status == "active"
    error_message = "A new token is active."
  }

  assert {
    condition     = length(output.token) > 0
    error_message = "The value is not known."
  }
}

run "renew" {
  variables {
    rotate_because = "a test"
  }

  assert {
    condition     = output.token_version > run.create.token_version
    error_message = "The token was not renewed."
  }

  assert {
    condition     = prefactor_deployment_token.this.previous.status == "active"
    error_message = "The old value has to work for another day."
  }
}

run "leaked" {
  variables {
    rotate_because = "a leak"
    leaked         = true
  }

  assert {
    condition     = output.token_version > run.renew.token_version && prefactor_deployment_token.this.previous.status == "suspended"
    error_message = "The leaked token still works."
  }
}

run "switch_off" {
  variables {
    rotate_because = "a leak"
    leaked         = true
    suspended      = true
  }

  assert {
    condition     = prefactor_deployment_token.this.status == "suspended" && output.token_version == run.leaked.token_version
    error_message = "The token is to be switched off, and to stay the same."
  }
}
