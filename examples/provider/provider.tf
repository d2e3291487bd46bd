terraform {
  required_providers {
    prefactor = {
      source = "prefactordev/prefactor"
    }
  }
}

# The token comes from PREFACTOR_API_TOKEN, or from a profile of prefactor.json.
provider "prefactor" {}
