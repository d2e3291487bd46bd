import {
  to = prefactor_person.ada
  identity = {
    id = "01kdvdna0000001a8d4f6h8j2k5m7n9p"
  }
}
