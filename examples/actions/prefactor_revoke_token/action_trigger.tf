# A token that was created manually is replaced by a managed one, and revoked
# after the managed one exists. To wait until the new value is delivered, put
# the action_trigger into the resource that receives the value.
resource "prefactor_deployment_token" "support_bot" {
  agent_id       = "01kdvdna0000001a8x4r5tq7nchk2v9z"
  environment_id = "01kdvdna0000001a8g6y3sj2bdmx8w0k"
  lifetime       = "90d"

  rotation = {
    before_expiry = "14d"
  }

  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.prefactor_revoke_token.manual]
    }
  }
}

action "prefactor_revoke_token" "manual" {
  config {
    id = "01kdvdna0000001a88cvx6pv3pzgqzn6"
  }
}
