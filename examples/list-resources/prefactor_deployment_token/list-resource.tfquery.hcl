# terraform query -generate-config-out=tokens.tf
list "prefactor_deployment_token" "production" {
  provider = prefactor

  config {
    environment_id = "01kdvdna0000001a8g6y3sj2bdmx8w0k"
  }
}
