import {
  to = prefactor_deployment_token.support_bot
  identity = {
    id = "01kdvdna0000001a8x4r5tq7nchk2v9z"
  }
}
