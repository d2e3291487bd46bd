data "prefactor_api_token" "ci" {
  id = "01kdvdna0000001a88cvx6pv3pzgqzn6"
}

output "ci_last_used" {
  value = data.prefactor_api_token.ci.last_used_at
}
