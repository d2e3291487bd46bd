variable "agent_id" {
  description = "The agent that the token is issued for."
  type        = string
}

variable "environment_id" {
  description = "The environment that the agent runs in."
  type        = string
}

variable "lifetime_days" {
  description = "Lifetime of a token in days. It is renewed when a quarter of this is left."
  type        = number
  default     = 30

  validation {
    condition     = var.lifetime_days >= 2 && var.lifetime_days <= 90 && floor(var.lifetime_days) == var.lifetime_days
    error_message = "The lifetime must be 2 to 90 whole days."
  }
}

variable "recipients" {
  description = "Public keys (age or SSH) to encrypt the token's value to. Without them the value is in the state."
  type        = list(string)
  default     = null
}

variable "rotate_because" {
  description = "Change this value to renew the token in the next apply, for example \"2027-03-02 laptop lost\". Not secret."
  type        = string
  default     = ""
}

variable "leaked" {
  description = "Whether the token that is renewed has leaked. If true, it is suspended immediately, without the overlap of a day."
  type        = bool
  default     = false
}

variable "suspended" {
  description = "true suspends the token, false activates it. By default its status is not changed, also if someone has suspended it outside Terraform."
  type        = bool
  default     = null
}

variable "roll_back" {
  description = "true keeps the previous token, activates it if it is suspended, and returns its encrypted value and version, to deliver it again. Needs recipients and a previous token."
  type        = bool
  default     = false
}
