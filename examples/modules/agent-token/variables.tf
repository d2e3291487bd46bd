variable "agent_id" {
  description = "The agent that the token carries."
  type        = string
}

variable "environment_id" {
  description = "The environment that the agent runs in."
  type        = string
}

variable "lifetime_days" {
  description = "How long a token lives, in days. It is renewed when a quarter of this is left."
  type        = number
  default     = 30

  validation {
    condition     = var.lifetime_days >= 2 && var.lifetime_days <= 90 && floor(var.lifetime_days) == var.lifetime_days
    error_message = "A token lives for 2 to 90 whole days."
  }
}

variable "recipients" {
  description = "Public keys (age or SSH) to encrypt the token's value to. Without them the value is in the state."
  type        = list(string)
  default     = null
}

variable "rotate_because" {
  description = "Write something else here to renew the token now, such as \"2027-03-02 laptop lost\". Not secret."
  type        = string
  default     = ""
}

variable "leaked" {
  description = "Whether the token that is renewed has leaked: it is then switched off at once, without the overlap of a day."
  type        = bool
  default     = false
}

variable "suspended" {
  description = "true suspends the token, false activates it. By default its status is left as it is, also after somebody has suspended it outside Terraform."
  type        = bool
  default     = null
}
