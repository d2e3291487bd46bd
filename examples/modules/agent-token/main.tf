# The token of one agent in one environment, by the rules of the house: it lives
# for 90 days at most, is renewed in time, and can be renewed or switched off at
# once by one variable.
terraform {
  required_version = ">= 1.5"

  required_providers {
    prefactor = {
      source = "prefactordev/prefactor"
    }
  }
}

resource "prefactor_deployment_token" "this" {
  agent_id       = var.agent_id
  environment_id = var.environment_id
  lifetime       = "${var.lifetime_days * 24}h"
  status         = var.suspended == null ? null : var.suspended ? "suspended" : "active"
  recipients     = var.recipients

  rotation = {
    before_expiry = "${ceil(var.lifetime_days / 4) * 24}h"
    triggers      = { reason = var.rotate_because }
    overlap       = var.leaked ? "0s" : "24h"
    suspend_for   = "72h"
  }
}
