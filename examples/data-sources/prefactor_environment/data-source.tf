data "prefactor_environment" "production" {
  name = "production"
}

# A token for an agent in this environment.
data "prefactor_agent" "support_bot" {
  name = "support-bot"
}

resource "prefactor_deployment_token" "support_bot" {
  agent_id       = data.prefactor_agent.support_bot.id
  environment_id = data.prefactor_environment.production.id
  lifetime       = "30d"
}
