# A token for one agent in one environment, with common rules: it lives for at most
# 90 days, is renewed in time, and can be renewed or suspended immediately with one
# variable.
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
    keep_previous = var.roll_back
  }

  lifecycle {
    precondition {
      condition     = !var.roll_back || var.recipients != null
      error_message = "A roll-back delivers the value of the previous token, which is kept only in encrypted form: set recipients, or set roll_back = false."
    }

    postcondition {
      condition     = !var.roll_back || try(self.previous.encrypted_token, null) != null
      error_message = "There is no previous token with an encrypted value to roll back to: the token was never renewed, it had no recipients before it was renewed, or the previous token was deleted. Set roll_back = false."
    }
  }
}
