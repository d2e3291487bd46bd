# Renewed two weeks before it ends. The old value works for another day, is then
# suspended for three days, and only then revoked and deleted.
resource "prefactor_api_token" "ci" {
  lifetime = "90d"

  rotation = {
    before_expiry = "14d"
    overlap       = "24h"
    suspend_for   = "3d"
  }
}

# Until a fixed day, and switched off for the time being.
resource "prefactor_api_token" "contractor" {
  expires_at = "2099-06-30T18:00:00+02:00"
  status     = "suspended"
}
