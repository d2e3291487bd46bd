data "prefactor_risk_profile_template" "standard" {
  template_name = "Standard"
}

locals {
  standard = data.prefactor_risk_profile_template.standard.ruleset
}

# The template with two weights of its own.
resource "prefactor_risk_profile" "customer_data" {
  name = "Customer data"

  ruleset = merge(local.standard, {
    category_weights = merge(local.standard.category_weights, {
      contact_information = 8
      criminal_justice    = null # not in scope
    })
  })
}
