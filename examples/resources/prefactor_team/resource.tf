resource "prefactor_team" "support" {
  name = "Customer support"
}

resource "prefactor_agent" "triage_bot" {
  name    = "triage-bot"
  team_id = prefactor_team.support.id
}
