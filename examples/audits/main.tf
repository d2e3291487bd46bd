# Audits of all tokens of an account, including those that Terraform does not manage.
# A check that fails is a warning in each plan and apply, and in a health assessment of
# HCP Terraform. It changes nothing. To turn one into an error, copy its condition into
# a precondition of an output.
#
# The data sources are outside of the checks: Terraform would read a data source inside
# of a check again in each apply, and show that in each plan.

terraform {
  required_version = ">= 1.5"

  required_providers {
    prefactor = { source = "prefactordev/prefactor" }
  }
}

variable "exceptions" {
  description = "Ids of tokens that are known and not reported, with the reason as the key."
  type        = map(string)
  default     = {}
}

data "prefactor_api_tokens" "active" {
  status = "active"
}

data "prefactor_api_tokens" "unused" {
  status     = "active"
  unused_for = "2160h" # 90 days
}

data "prefactor_api_tokens" "of_removed_users" {
  status                  = "active"
  created_by_removed_user = true
}

data "prefactor_api_tokens" "expiring" {
  status         = "active"
  expires_within = "336h" # 14 days
}

data "prefactor_api_tokens" "suspended" {
  status         = "suspended"
  created_before = timeadd(plantimestamp(), "-720h") # 30 days
}

locals {
  known = values(var.exceptions)

  without_end = [for t in data.prefactor_api_tokens.active.tokens : t.id if t.expires_at == null && !contains(local.known, t.id)]
  long_lived = [
    for t in data.prefactor_api_tokens.active.tokens : t.id
    if try(timecmp(t.expires_at, timeadd(t.created_at, "2160h")) > 0, false) && !contains(local.known, t.id)
  ]
  legacy           = [for t in data.prefactor_api_tokens.active.tokens : t.id if t.scope == "environment" && !contains(local.known, t.id)]
  unused           = [for t in data.prefactor_api_tokens.unused.tokens : t.id if !contains(local.known, t.id)]
  of_removed_users = [for t in data.prefactor_api_tokens.of_removed_users.tokens : t.id if !contains(local.known, t.id)]
  expiring         = [for t in data.prefactor_api_tokens.expiring.tokens : "${t.id} (${t.expires_at})" if !contains(local.known, t.id)]
  suspended        = [for t in data.prefactor_api_tokens.suspended.tokens : t.id if !contains(local.known, t.id)]
}

check "every_token_expires" {
  assert {
    condition     = length(local.without_end) == 0
    error_message = "Without an expiry: ${join(", ", local.without_end)}."
  }
}

check "no_long_lived_tokens" {
  assert {
    condition     = length(local.long_lived) == 0
    error_message = "With a lifetime of more than 90 days: ${join(", ", local.long_lived)}."
  }
}

check "no_legacy_tokens" {
  assert {
    condition     = length(local.legacy) == 0
    error_message = "Legacy environment tokens, to be replaced by deployment tokens: ${join(", ", local.legacy)}."
  }
}

check "no_unused_tokens" {
  assert {
    condition     = length(local.unused) == 0
    error_message = "Not used for 90 days: ${join(", ", local.unused)}."
  }
}

# The tokens of a user who was removed stay active until they are revoked.
check "no_tokens_of_removed_users" {
  assert {
    condition     = length(local.of_removed_users) == 0
    error_message = "Created by users who were removed: ${join(", ", local.of_removed_users)}."
  }
}

check "nothing_expires_soon" {
  assert {
    condition     = length(local.expiring) == 0
    error_message = "These expire within 14 days: ${join(", ", local.expiring)}."
  }
}

check "nothing_stays_suspended" {
  assert {
    condition     = length(local.suspended) == 0
    error_message = "Suspended, and older than 30 days: ${join(", ", local.suspended)}."
  }
}
