variable "age_public_key" {
  type = string
}

variable "age_secret_key" {
  type      = string
  ephemeral = true
}

# The state has the token value only in encrypted form.
resource "prefactor_api_token" "ci" {
  lifetime   = "90d"
  recipients = [var.age_public_key]

  rotation = {
    before_expiry = "14d"
  }
}

ephemeral "prefactor_token_value" "ci" {
  encrypted_token = prefactor_api_token.ci.encrypted_token
  identity        = var.age_secret_key
}

# A step of the run receives the value, again with each new token. The guide
# "Deliver a token" has the write-only arguments of secret managers.
resource "terraform_data" "deliver" {
  triggers_replace = [prefactor_api_token.ci.version]

  provisioner "local-exec" {
    command     = "./deliver.sh"
    environment = { PREFACTOR_API_TOKEN = ephemeral.prefactor_token_value.ci.token }
  }
}
