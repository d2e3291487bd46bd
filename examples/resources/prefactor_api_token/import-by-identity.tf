import {
  to = prefactor_api_token.ci
  identity = {
    id = "01kdvdna0000001a88cvx6pv3pzgqzn6"
  }
}
