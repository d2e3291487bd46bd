resource "prefactor_agent" "triage_bot" {
  name                = "triage-bot"
  description         = "Sorts incoming requests"
  external_identifier = "helpdesk/triage"
}

# Retired, with its history. status = "active" reinstates it.
resource "prefactor_agent" "first_bot" {
  name   = "first-bot"
  status = "retired"
}
