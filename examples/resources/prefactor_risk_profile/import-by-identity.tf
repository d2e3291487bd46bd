import {
  to = prefactor_risk_profile.customer_data
  identity = {
    id = "01kdvdna0000001a8r7s9t2v4w6x8y3z"
  }
}
