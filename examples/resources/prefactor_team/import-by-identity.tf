import {
  to = prefactor_team.support
  identity = {
    id = "01kdvdna0000001a8y5k2m9q7w3t6r8x"
  }
}
