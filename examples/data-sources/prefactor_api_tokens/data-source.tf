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
      "\"${t.scope_label}\"",
      t.created_at,
      coalesce(t.expires_at, "never"),
      coalesce(t.last_used_at, "never"),
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

# A policy: no deployment token lives longer than 90 days. As a precondition it
# refuses the plan; in a check block it would only warn.
output "all_short_lived" {
  value = true

  precondition {
    condition = alltrue([
      for t in data.prefactor_api_tokens.active.tokens :
      t.scope == "account" || try(timecmp(t.expires_at, timeadd(t.created_at, "2160h")) <= 0, false)
    ])
    error_message = "A deployment token lives longer than 90 days, or has no end."
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
