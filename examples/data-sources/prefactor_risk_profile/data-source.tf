data "prefactor_risk_profile" "standard" {
  name = "Standard"
}

resource "prefactor_agent" "triage_bot" {
  name            = "triage-bot"
  risk_profile_id = data.prefactor_risk_profile.standard.id
}
