# The only account that the provider's own token can see.
data "prefactor_account" "this" {}

# Where there are more of them.
data "prefactor_account" "acme" {
  name = "Acme"
}
