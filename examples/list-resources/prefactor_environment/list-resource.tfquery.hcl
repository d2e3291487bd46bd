# terraform query -generate-config-out=environments.tf
list "prefactor_environment" "all" {
  provider = prefactor
}
