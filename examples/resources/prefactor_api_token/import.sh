# By the token's id. The value of an imported token is not known: the API returns it only once.
terraform import prefactor_api_token.ci 01kdvdna0000001a88cvx6pv3pzgqzn6
