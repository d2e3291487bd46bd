data "prefactor_agent" "support_bot" {
  name = "support-bot"
}

data "prefactor_agent_deployments" "support_bot" {
  agent_id = data.prefactor_agent.support_bot.id
}

# Where the agent runs, and which version of it.
output "support_bot_versions" {
  value = { for d in data.prefactor_agent_deployments.support_bot.agent_deployments : d.environment_id => d.current_version_id }
}
