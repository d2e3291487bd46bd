# The rules of the module. The provider is mocked: no account, no token, no network.
mock_provider "prefactor" {
  mock_resource "prefactor_deployment_token" {
    defaults = {
      expires_at = "2099-01-31T00:00:00Z"
      created_at = "2099-01-01T00:00:00Z"
    }
  }
}

variables {
  agent_id       = "01kdvdna0000001a88cvx6pv3pzgqzn6"
  environment_id = "01kdvdna0000001a8g6y3sj2bdmx8w0k"
}

run "a_month_by_default" {
  command = plan

  assert {
    condition     = prefactor_deployment_token.this.lifetime == "720h"
    error_message = "A token lives for 30 days by default, not ${prefactor_deployment_token.this.lifetime}."
  }

  assert {
    condition     = prefactor_deployment_token.this.rotation.before_expiry == "192h"
    error_message = "The token must be renewed when a quarter of its lifetime is left, in whole days."
  }

  assert {
    condition     = prefactor_deployment_token.this.rotation.overlap == "24h" && prefactor_deployment_token.this.rotation.suspend_for == "72h"
    error_message = "The old token must work for another day, and then be suspended before it is deleted."
  }
}

run "a_leak_has_no_overlap" {
  command = plan

  variables {
    leaked = true
  }

  assert {
    condition     = prefactor_deployment_token.this.rotation.overlap == "0s"
    error_message = "A leaked token must be suspended immediately."
  }
}

run "no_token_for_a_year" {
  command = plan

  variables {
    lifetime_days = 365
  }

  expect_failures = [var.lifetime_days]
}

run "roll_back_needs_recipients" {
  command = plan

  variables {
    roll_back = true
  }

  # The value of the previous token is not known, and the current one must not be
  # returned with the version of the previous one.
  expect_failures = [prefactor_deployment_token.this]
}
