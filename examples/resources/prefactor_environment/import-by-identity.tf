import {
  to = prefactor_environment.qa
  identity = {
    id = "01kdvdna0000001a8g6y3sj2bdmx8w0k"
  }
}
