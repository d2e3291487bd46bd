# A token that may have leaked, or whose use is unknown:
# terraform apply -invoke=action.prefactor_suspend_token.suspicious
action "prefactor_suspend_token" "suspicious" {
  config {
    id = "01kdvdna0000001a88cvx6pv3pzgqzn6"
  }
}

# Deployment tokens that were never used:
# terraform apply -invoke=action.prefactor_suspend_token.never_used
data "prefactor_api_tokens" "deployment" {
  scope  = "agent_deployment"
  status = "active"
}

action "prefactor_suspend_token" "never_used" {
  config {
    ids = [for t in data.prefactor_api_tokens.deployment.tokens : t.id if t.last_used_at == null]
  }
}
