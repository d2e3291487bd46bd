# After a false alarm:
# terraform apply -invoke=action.prefactor_activate_token.suspicious
action "prefactor_activate_token" "suspicious" {
  config {
    id = "01kdvdna0000001a88cvx6pv3pzgqzn6"
  }
}
