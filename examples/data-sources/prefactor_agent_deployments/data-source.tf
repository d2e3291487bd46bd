data "prefactor_agent" "support_bot" {
  name = "support-bot"
}

data "prefactor_agent_deployments" "support_bot" {
  agent_id = data.prefactor_agent.support_bot.id
}

# The environments of the agent, and its version in each.
output "support_bot_versions" {
  value = { for d in data.prefactor_agent_deployments.support_bot.agent_deployments : d.environment_id => d.current_version_id }
}
