# By the profile's id, which data.prefactor_risk_profile finds by name.
terraform import prefactor_risk_profile.customer_data 01kdvdna0000001a8r7s9t2v4w6x8y3z
