resource "prefactor_agent" "triage_bot" {
  name                = "triage-bot"
  description         = "Sorts what comes in"
  external_identifier = "helpdesk/triage"
}

# Out of service, with its history kept. status = "active" reinstates it.
resource "prefactor_agent" "first_bot" {
  name   = "first-bot"
  status = "retired"
}
