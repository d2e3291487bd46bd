variable "agent_id" {
  type    = string
  default = "01kdvdna0000001a88cvx6pv3pzgqzn6"
}

variable "environment_id" {
  type    = string
  default = "01kdvdna0000001a8g6y3sj2bdmx8w0k"
}

# An agent runs only in environments of its own account.
check "one_account" {
  assert {
    condition     = provider::prefactor::same_account(var.agent_id, var.environment_id)
    error_message = "The agent and the environment belong to different accounts."
  }
}
