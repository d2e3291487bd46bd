data "prefactor_persons" "all" {}

# The persons of one team.
data "prefactor_team" "support" {
  name = "Support"
}

data "prefactor_persons" "support" {
  team_id = data.prefactor_team.support.id
}

output "without_team" {
  value = [for p in data.prefactor_persons.all.persons : p.email if length(p.team_ids) == 0]
}
