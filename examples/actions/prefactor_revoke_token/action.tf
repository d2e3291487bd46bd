# A token that leaked, whoever has made it:
# terraform apply -invoke=action.prefactor_revoke_token.leaked
action "prefactor_revoke_token" "leaked" {
  config {
    id = "01kdvdna0000001a88cvx6pv3pzgqzn6"
  }
}

# All tokens of an agent that are active or suspended. If there is another
# number of them, nothing is touched, and the error lists them:
# terraform apply -invoke=action.prefactor_revoke_token.support_bot
action "prefactor_revoke_token" "support_bot" {
  config {
    agent_id      = "01kdvdna0000001a8x4r5tq7nchk2v9z"
    confirm_count = 1
  }
}
