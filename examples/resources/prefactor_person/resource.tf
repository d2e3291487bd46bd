resource "prefactor_team" "support" {
  name = "Customer support"
}

resource "prefactor_person" "ada" {
  email    = "ada.lovelace@example.com"
  name     = "Ada Lovelace"
  title    = "Head of support"
  team_ids = [prefactor_team.support.id]
}

resource "prefactor_agent" "triage_bot" {
  name            = "triage-bot"
  team_id         = prefactor_team.support.id
  owner_person_id = prefactor_person.ada.id
}
