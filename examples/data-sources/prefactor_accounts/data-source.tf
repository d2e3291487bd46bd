data "prefactor_accounts" "all" {}

output "account_ids" {
  value = { for a in data.prefactor_accounts.all.accounts : a.name => a.id }
}
