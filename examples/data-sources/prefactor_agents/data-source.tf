data "prefactor_agents" "all" {}

# The agents that have not been seen for long.
output "dormant" {
  value = [for a in data.prefactor_agents.all.agents : a.name if a.status == "dormant"]
}
