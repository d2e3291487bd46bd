data "prefactor_agents" "all" {}

# Agents without recent activity.
output "dormant" {
  value = [for a in data.prefactor_agents.all.agents : a.name if a.status == "dormant"]
}
