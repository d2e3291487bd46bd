output "id" {
  description = "The token's id. It is no secret."
  value       = prefactor_deployment_token.this.id
}

output "token" {
  description = "The token's value; null with recipients."
  value       = prefactor_deployment_token.this.token
  sensitive   = true
}

output "encrypted_token" {
  description = "The token's value for the recipients, as armored text for `age --decrypt`; null without recipients. With roll_back it is the previous token's."
  value       = var.roll_back ? prefactor_deployment_token.this.previous.encrypted_token : prefactor_deployment_token.this.encrypted_token
}

output "token_version" {
  description = "Increases with each new token: for the version of a write-only argument that takes the value. With roll_back it is the previous token's."
  value       = var.roll_back ? prefactor_deployment_token.this.previous.version : prefactor_deployment_token.this.version
}

output "expires_at" {
  description = "When the token expires, in RFC 3339."
  value       = prefactor_deployment_token.this.expires_at
}
