# A name is not an id. This fails before anything is planned.
variable "agent_id" {
  type    = string
  default = "01kdvdna0000001a88cvx6pv3pzgqzn6"

  validation {
    condition     = provider::prefactor::is_pfid(var.agent_id)
    error_message = "agent_id must be the agent's id (32 characters), not its name."
  }
}
