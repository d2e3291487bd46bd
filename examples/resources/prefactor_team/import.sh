# By the team's id, which data.prefactor_team finds by name.
terraform import prefactor_team.support 01kdvdna0000001a8y5k2m9q7w3t6r8x
