# A token for one agent in one environment, for the duration of one apply.
ephemeral "prefactor_deployment_token" "support_bot" {
  agent_id       = "01kdvdna0000001a88cvx6pv3pzgqzn6"
  environment_id = "01kdvdna0000001a8g6y3sj2bdmx8w0k"
  lifetime       = "15m"
  issue          = terraform.applying
}

resource "terraform_data" "evaluation" {
  triggers_replace = ["2026.11"] # the release that is tested

  provisioner "local-exec" {
    command     = "./evaluate.sh"
    environment = { PREFACTOR_API_TOKEN = ephemeral.prefactor_deployment_token.support_bot.token }
  }
}
