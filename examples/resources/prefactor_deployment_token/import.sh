# By the token's id. Its value is not known afterwards: the platform shows it once.
terraform import prefactor_deployment_token.support_bot 01kdvdna0000001a8x4r5tq7nchk2v9z
