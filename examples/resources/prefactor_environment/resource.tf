resource "prefactor_environment" "qa" {
  name        = "qa"
  purpose     = "testing"
  description = "For testing releases"
}
