data "prefactor_person" "ada" {
  email = "ada@example.com"
}

resource "prefactor_agent" "triage_bot" {
  name            = "triage-bot"
  owner_person_id = data.prefactor_person.ada.id
}
