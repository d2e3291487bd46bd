# By the token's id. Its value is not known afterwards: the platform shows it once.
terraform import prefactor_api_token.ci 01kdvdna0000001a88cvx6pv3pzgqzn6
