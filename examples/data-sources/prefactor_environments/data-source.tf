data "prefactor_environments" "all" {}

output "environment_names" {
  value = data.prefactor_environments.all.environments[*].name
}
