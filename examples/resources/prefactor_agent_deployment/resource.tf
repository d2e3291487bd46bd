# An agent and an environment that are managed elsewhere, by name.
data "prefactor_agent" "returns_bot" {
  name = "returns-bot"
}

data "prefactor_environment" "production" {
  name = "production"
}

resource "prefactor_agent_deployment" "returns_bot" {
  agent_id       = data.prefactor_agent.returns_bot.id
  environment_id = data.prefactor_environment.production.id
}

# Refer to the deployment, so that the token is created after it and destroyed
# before it.
resource "prefactor_deployment_token" "returns_bot" {
  agent_id       = prefactor_agent_deployment.returns_bot.agent_id
  environment_id = prefactor_agent_deployment.returns_bot.environment_id
  lifetime       = "30d"
}
