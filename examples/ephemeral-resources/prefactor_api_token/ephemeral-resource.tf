# Created for the apply, revoked and deleted when it ends. A plan creates none.
ephemeral "prefactor_api_token" "smoke_test" {
  lifetime = "15m" # how long it works at most, should its end be missed
  issue    = terraform.applying
}

resource "terraform_data" "smoke_test" {
  triggers_replace = ["2026.11"] # the release that is tried out

  provisioner "local-exec" {
    command     = "./smoke-test.sh"
    environment = { PREFACTOR_API_TOKEN = ephemeral.prefactor_api_token.smoke_test.token }
  }
}
