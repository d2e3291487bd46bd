# For the SDK of one agent in one environment.
resource "prefactor_deployment_token" "support_bot" {
  agent_id       = "01kdvdna0000001a88cvx6pv3pzgqzn6"
  environment_id = "01kdvdna0000001a8g6y3sj2bdmx8w0k"
  lifetime       = "30d"

  rotation = {
    before_expiry = "7d"
  }
}

output "support_bot_token" {
  value     = prefactor_deployment_token.support_bot.token
  sensitive = true
}
