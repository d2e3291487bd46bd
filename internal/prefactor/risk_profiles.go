package prefactor

import (
	"context"
	"net/http"
	"net/url"
)

// RiskProfile is how the platform scores what agents do. Source: the vendor's
// newest client (risk-profile.ts); the reference has no page. Records in lists
// have no ruleset.
type RiskProfile struct {
	ID          string         `json:"id"`
	Name        Field[string]  `json:"name"`
	Description Field[string]  `json:"description"`
	Ruleset     Field[Ruleset] `json:"ruleset"`
}

// Ruleset is how actions and data count in a profile. Each number may be null,
// which excludes the action or category; 0 keeps it in scope without a score.
// Every key is present, in requests too.
type Ruleset struct {
	ActionMultipliers map[string]*float64 `json:"action_multipliers"`
	CategoryWeights   map[string]*float64 `json:"category_weights"`
	Thresholds        RiskThresholds      `json:"thresholds"`
}

// RiskThresholds are the scores from which a risk is medium, high and critical.
type RiskThresholds struct {
	Medium   float64 `json:"medium"`
	High     float64 `json:"high"`
	Critical float64 `json:"critical"`
}

// RiskActions are the keys of a ruleset's action multipliers.
func RiskActions() []string {
	return []string{"create_data", "destroy_data", "external_communication", "financial_transactions", "read_data", "update_data"}
}

// RiskCategories are the keys of a ruleset's category weights.
func RiskCategories() []string {
	return []string{
		"authentication_and_secrets", "behavioural_and_inferred", "contact_information", "criminal_justice", "financial_information",
		"gdpr_biometric_for_identification", "gdpr_genetic_data", "gdpr_political_opinions", "gdpr_racial_or_ethnic_origin",
		"gdpr_religious_or_philosophical_beliefs", "gdpr_sex_life_or_sexual_orientation", "gdpr_trade_union_membership",
		"health_and_medical", "location_and_tracking", "minors_data", "organisational_confidential", "personal_identifiers",
	}
}

// NewRiskProfile is an object to create. ID is a new PFID of the account's
// partition, or empty to leave it to the platform.
type NewRiskProfile struct {
	ID          string  `json:"id,omitempty"`
	Name        string  `json:"name"`
	Description string  `json:"description,omitempty"`
	Ruleset     Ruleset `json:"ruleset"`
}

// RiskProfileUpdate has the changes: the zero Field keeps what the profile
// has, and Null clears the description. A ruleset is replaced as a whole.
type RiskProfileUpdate struct {
	Name        string         `json:"name,omitempty"`
	Description Field[string]  `json:"description,omitzero"`
	Ruleset     Field[Ruleset] `json:"ruleset,omitzero"`
}

var riskProfiles = kind[RiskProfile]{
	noun: "risk profile", path: "/risk_profile", id: func(p RiskProfile) string { return p.ID },
}

// RiskProfiles lists the profiles of the credentials' account.
func (c *Client) RiskProfiles(ctx context.Context) ([]RiskProfile, error) {
	return riskProfiles.list(ctx, c, "")
}

// RiskProfile reads one profile.
func (c *Client) RiskProfile(ctx context.Context, id string) (RiskProfile, error) {
	return riskProfiles.read(ctx, c, id)
}

// RiskProfileTemplate reads the ruleset of a template. The response has it at
// the top level.
func (c *Client) RiskProfileTemplate(ctx context.Context, name string) (Ruleset, error) {
	r := request{
		op: "read the risk profile template", method: http.MethodGet, path: "/risk_profile/template", query: url.Values{"template_name": {name}},
	}
	a, err := c.call(ctx, r)
	if err != nil {
		return Ruleset{}, err
	}
	return decode[Ruleset](c, r, a, a.Ruleset)
}

// CreateRiskProfile creates a profile.
func (c *Client) CreateRiskProfile(ctx context.Context, n NewRiskProfile) (Created[RiskProfile], error) {
	return riskProfiles.create(ctx, c, n)
}

// UpdateRiskProfile changes a profile in place.
func (c *Client) UpdateRiskProfile(ctx context.Context, id string, u RiskProfileUpdate) (RiskProfile, error) {
	return riskProfiles.update(ctx, c, id, u)
}

// DeleteRiskProfile deletes a profile, also one that agents use: their
// instances are not scored any more. Source: the documentation of the admin
// page, risk-profile.
func (c *Client) DeleteRiskProfile(ctx context.Context, id string) error {
	return riskProfiles.remove(ctx, c, id)
}

// AgentsWithRiskProfile lists the agents that use a profile. Source: the
// vendor's Python client, list_agents.
func (c *Client) AgentsWithRiskProfile(ctx context.Context, profileID string) ([]Agent, error) {
	return agents.list(ctx, c, profileID)
}
