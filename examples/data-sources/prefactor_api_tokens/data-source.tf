data "prefactor_api_tokens" "active" {
  status = "active"
}

# Active tokens that were never used.
output "never_used" {
  value = [for t in data.prefactor_api_tokens.active.tokens : t.id if t.last_used_at == null]
}

# The legacy environment tokens that are still about.
data "prefactor_api_tokens" "legacy" {
  scope = "environment"
}
