# By the agent's id, which data.prefactor_agent finds by name or external identifier.
terraform import prefactor_agent.triage_bot 01kdvdna0000001a88cvx6pv3pzgqzn6
