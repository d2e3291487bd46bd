# Which token is this? Paste the value, so that it is in no file and in no
# command line, and run the command in a directory with this configuration:
#   read -rs TF_VAR_value && export TF_VAR_value
#   echo 'nonsensitive(provider::prefactor::token_ids(var.value))' | terraform console
variable "value" {
  type      = string
  sensitive = true
  default   = ""
}

output "ids" {
  value = nonsensitive(provider::prefactor::token_ids(var.value))
}
