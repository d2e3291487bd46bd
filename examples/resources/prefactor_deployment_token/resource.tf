# One agent in one environment: all that the agent's SDK needs.
resource "prefactor_deployment_token" "support_bot" {
  agent_id       = "01kdvdna0000001a88cvx6pv3pzgqzn6"
  environment_id = "01kdvdna0000001a8g6y3sj2bdmx8w0k"
  lifetime       = "720h" # 30 days

  rotation = {
    before_expiry = "168h"
  }
}

output "support_bot_token" {
  value     = prefactor_deployment_token.support_bot.token
  sensitive = true
}
