# Created for the apply, revoked and deleted when it ends. A plan creates none.
ephemeral "prefactor_api_token" "smoke_test" {
  lifetime = "15m" # the maximum, if the run is killed
  issue    = terraform.applying
}

resource "terraform_data" "smoke_test" {
  triggers_replace = ["2026.11"] # the release that is tested

  provisioner "local-exec" {
    command     = "./smoke-test.sh"
    environment = { PREFACTOR_API_TOKEN = ephemeral.prefactor_api_token.smoke_test.token }
  }
}
