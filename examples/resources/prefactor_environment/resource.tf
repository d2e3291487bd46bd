resource "prefactor_environment" "qa" {
  name        = "qa"
  purpose     = "testing"
  description = "Where releases are tried out"
}
