data "prefactor_agent" "returns_bot" {
  name = "returns-bot"
}

data "prefactor_agent_version" "current" {
  agent_id            = data.prefactor_agent.returns_bot.id
  external_identifier = "1.4.0"
}

data "prefactor_environment" "production" {
  name = "production"
}

resource "prefactor_agent_deployment" "returns_bot" {
  agent_id           = data.prefactor_agent.returns_bot.id
  environment_id     = data.prefactor_environment.production.id
  current_version_id = data.prefactor_agent_version.current.id
}
