# terraform query -generate-config-out=agent_deployments.tf
list "prefactor_agent_deployment" "all" {
  provider = prefactor
}
