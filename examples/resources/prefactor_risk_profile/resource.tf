resource "prefactor_risk_profile" "customer_data" {
  name        = "Customer data"
  description = "For agents that read customer records"

  ruleset = {
    action_multipliers = {
      create_data            = 1
      destroy_data           = 3
      external_communication = 2.5
      financial_transactions = 3
      read_data              = 0 # in scope, without a score
      update_data            = 1.5
    }

    category_weights = {
      authentication_and_secrets              = 10
      behavioural_and_inferred                = 4
      contact_information                     = 3
      criminal_justice                        = null # not in scope
      financial_information                   = 7
      gdpr_biometric_for_identification       = 9
      gdpr_genetic_data                       = 9
      gdpr_political_opinions                 = 8
      gdpr_racial_or_ethnic_origin            = 8
      gdpr_religious_or_philosophical_beliefs = 8
      gdpr_sex_life_or_sexual_orientation     = 9
      gdpr_trade_union_membership             = 8
      health_and_medical                      = 9
      location_and_tracking                   = 5
      minors_data                             = 10
      organisational_confidential             = 4
      personal_identifiers                    = 5
    }

    thresholds = {
      medium   = 10
      high     = 25
      critical = 50
    }
  }
}

resource "prefactor_agent" "triage_bot" {
  name            = "triage-bot"
  risk_profile_id = prefactor_risk_profile.customer_data.id
}
