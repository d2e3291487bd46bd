# terraform query -generate-config-out=tokens.tf
list "prefactor_api_token" "active" {
  provider = prefactor

  config {
    status = "active"
  }
}
