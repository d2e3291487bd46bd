data "prefactor_admin_user" "ada" {
  email = "ada@example.com"
}

output "ada_last_active_at" {
  value = data.prefactor_admin_user.ada.last_active_at
}
