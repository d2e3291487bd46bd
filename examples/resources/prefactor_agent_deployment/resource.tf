# What others manage is looked up by name.
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

# By way of the deployment, so that the token comes after it and goes before it.
resource "prefactor_deployment_token" "returns_bot" {
  agent_id       = prefactor_agent_deployment.returns_bot.agent_id
  environment_id = prefactor_agent_deployment.returns_bot.environment_id
  lifetime       = "720h" # 30 days
}
