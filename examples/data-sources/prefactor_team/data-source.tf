data "prefactor_team" "support" {
  name = "Support"
}

resource "prefactor_agent" "triage_bot" {
  name    = "triage-bot"
  team_id = data.prefactor_team.support.id
}
