# Where only reviewed applies are possible and -invoke is not: the apply that
# adds an id to this list suspends the token.
locals {
  suspended = ["01kdvdna0000001a88cvx6pv3pzgqzn6"]
}

resource "terraform_data" "suspended" {
  input = local.suspended

  lifecycle {
    action_trigger {
      events    = [after_create, after_update]
      condition = length(local.suspended) > 0
      actions   = [action.prefactor_suspend_token.listed]
    }
  }
}

action "prefactor_suspend_token" "listed" {
  config {
    ids = local.suspended
  }
}
