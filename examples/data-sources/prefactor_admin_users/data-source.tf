data "prefactor_admin_users" "all" {}

output "admin_user_ids" {
  value = { for u in data.prefactor_admin_users.all.admin_users : u.email => u.id }
}
