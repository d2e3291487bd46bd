# Group ids by account: all ids of an account have the same partition.
locals {
  ids = ["01kdvdna0000001a88cvx6pv3pzgqzn6", "01kdvdna0000001a8g6y3sj2bdmx8w0k"]
}

output "by_partition" {
  value = { for id in local.ids : provider::prefactor::pfid_partition(id) => id... }
}
