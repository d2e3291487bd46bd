data "prefactor_teams" "all" {}

output "team_ids" {
  value = { for t in data.prefactor_teams.all.teams : t.name => t.id }
}
