# The lifecycle of a token, with a test account or the emulator.
#
#   terraform test -var agent_id=... -var environment_id=...
#
# The credentials are those of the provider, such as PREFACTOR_API_TOKEN. The
# tokens are revoked and deleted at the end of the test.

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
    condition     = try(output.token_version > prefactor_deployment_token.this.previous.version, false)
    error_message = "The token was not renewed."
  }

  assert {
    condition     = prefactor_deployment_token.this.previous.status == "active"
    error_message = "The old value must work for another day."
  }
}

run "leaked" {
  variables {
    rotate_because = "a leak"
    leaked         = true
  }

  assert {
    condition     = try(output.token_version > prefactor_deployment_token.this.previous.version && prefactor_deployment_token.this.previous.status == "suspended", false)
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
    condition     = prefactor_deployment_token.this.status == "suspended" && prefactor_deployment_token.this.previous != null
    error_message = "The token must be suspended, and must not be replaced."
  }
}
