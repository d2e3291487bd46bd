# The only account that the provider's own token can see.
data "prefactor_account" "this" {}

# By name, if it can see more than one.
data "prefactor_account" "acme" {
  name = "Acme"
}
