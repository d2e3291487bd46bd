# By the deployment's id, which data.prefactor_agent_deployment finds by agent and environment.
terraform import prefactor_agent_deployment.returns_bot 01kdvdna0000001a8x4r5tq7nchk2v9z
