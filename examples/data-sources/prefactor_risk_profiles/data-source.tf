data "prefactor_risk_profiles" "all" {}

# The agents of one of them.
data "prefactor_agents" "standard" {
  risk_profile_id = one([for p in data.prefactor_risk_profiles.all.risk_profiles : p.id if p.name == "Standard"])
}

output "standard_agents" {
  value = data.prefactor_agents.standard.agents[*].name
}
