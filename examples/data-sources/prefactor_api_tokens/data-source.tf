# Every token that can authenticate, with the names that the platform's own
# pages show.
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

# A warning in each plan for as long as there are tokens that nobody has used
# for 90 days. The data source stands outside of the check, since Terraform reads
# one inside of it again at every apply and shows that in every plan.
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

# A policy: no token lives longer than 90 days, but for those that are named
# with a reason. As a precondition it refuses the plan; in a check block it
# would only warn.
locals {
  may_live_longer = [
    "01jv4z9v6p00f8kgh2x5k3m7q8s9t4w6", # the pipeline's own, renewed by hand each year
  ]
  too_long = [
    for t in data.prefactor_api_tokens.active.tokens : t.id
    if !contains(local.may_live_longer, t.id) && !try(timecmp(t.expires_at, timeadd(t.created_at, "2160h")) <= 0, false)
  ]
}

output "all_short_lived" {
  value = true

  precondition {
    condition     = length(local.too_long) == 0
    error_message = "These live longer than 90 days, or have no end: ${join(", ", local.too_long)}."
  }
}

# What ends within two weeks, and the legacy environment tokens that are still
# about.
data "prefactor_api_tokens" "ending" {
  status         = "active"
  expires_within = "336h"
}

data "prefactor_api_tokens" "legacy" {
  scope = "environment"
}
