# Renewed two weeks before it expires. The old token works for another day, is then
# suspended for three days, and then revoked and deleted.
resource "prefactor_api_token" "ci" {
  lifetime = "90d"

  rotation = {
    before_expiry = "14d"
    overlap       = "1d"
    suspend_for   = "3d"
  }
}

# With a fixed expiry, and suspended for now.
resource "prefactor_api_token" "contractor" {
  expires_at = "2099-06-30T18:00:00+02:00"
  status     = "suspended"
}
