# Every active token, with the names of its agent, environment and creator.
data "prefactor_api_tokens" "active" {
  status        = "active"
  resolve_names = true
}

# A table for a spreadsheet: terraform output -raw tokens_csv
output "tokens_csv" {
  value = join("\n", concat(
    ["id,scope,created,expires,last used"],
    [for t in data.prefactor_api_tokens.active.tokens : join(",", [
      t.id,
      "\"${replace(t.scope_label, "\"", "\"\"")}\"",
      t.created_at,
      coalesce(t.expires_at, "never"),
      try(substr(t.last_used_at, 0, 10), "never"),
    ])],
  ))
}

# A warning in each plan while there are tokens that were not used for 90 days.
# The data source is outside of the check, because Terraform would read it again
# in each apply and show that in each plan.
data "prefactor_api_tokens" "forgotten" {
  status     = "active"
  unused_for = "2160h"
}

check "no_forgotten_tokens" {
  assert {
    condition     = length(data.prefactor_api_tokens.forgotten.tokens) == 0
    error_message = "Not used for 90 days: ${join(", ", data.prefactor_api_tokens.forgotten.tokens[*].id)}."
  }
}

# A policy: no token lives longer than 90 days, except those that are listed with
# a reason. A precondition makes the plan fail; a check block would only warn.
locals {
  may_live_longer = [
    "01jv4z9v6p00f8kgh2x5k3m7q8s9t4w6", # of the pipeline, renewed manually each year
  ]
  too_long = [
    for t in data.prefactor_api_tokens.active.tokens : t.id
    if !contains(local.may_live_longer, t.id) && !try(timecmp(t.expires_at, timeadd(t.created_at, "2160h1m")) <= 0, false)
  ]
}

output "all_short_lived" {
  value = true

  precondition {
    condition     = length(local.too_long) == 0
    error_message = "These live longer than 90 days, or have no end: ${join(", ", local.too_long)}."
  }
}

# Tokens that expire within two weeks, and the remaining legacy environment
# tokens.
data "prefactor_api_tokens" "ending" {
  status         = "active"
  expires_within = "336h"
}

data "prefactor_api_tokens" "legacy" {
  scope = "environment"
}
