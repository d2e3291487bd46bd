# A leaked token:
# terraform apply -invoke=action.prefactor_revoke_token.leaked
action "prefactor_revoke_token" "leaked" {
  config {
    id = "01kdvdna0000001a88cvx6pv3pzgqzn6"
  }
}

# All active and suspended tokens of an agent. If the filter matches another
# number of tokens, no changes are made, and the error lists them:
# terraform apply -invoke=action.prefactor_revoke_token.support_bot
action "prefactor_revoke_token" "support_bot" {
  config {
    agent_id      = "01kdvdna0000001a8x4r5tq7nchk2v9z"
    confirm_count = 1
  }
}
