# terraform query -generate-config-out=agents.tf
list "prefactor_agent" "all" {
  provider = prefactor
}
