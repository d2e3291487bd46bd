# By the token's id. The value of an imported token is not known: the API returns it only once.
terraform import prefactor_deployment_token.support_bot 01kdvdna0000001a8x4r5tq7nchk2v9z
