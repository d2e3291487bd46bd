# The creation time of a token, from its id in a ticket or a log.
output "created" {
  value = provider::prefactor::pfid_time("01kdvdna0000001a88cvx6pv3pzgqzn6") # 2026-01-01T00:00:00Z
}
