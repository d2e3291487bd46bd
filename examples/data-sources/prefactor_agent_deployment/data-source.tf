data "prefactor_agent" "support_bot" {
  name = "support-bot"
}

data "prefactor_environment" "production" {
  name = "production"
}

data "prefactor_agent_deployment" "support_bot" {
  agent_id       = data.prefactor_agent.support_bot.id
  environment_id = data.prefactor_environment.production.id
}

output "support_bot_version" {
  value = data.prefactor_agent_deployment.support_bot.current_version_id
}
