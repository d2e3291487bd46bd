package emulator

import (
	"maps"
	"net/http"
	"slices"
)

// RiskProfile scores what agents do. Reference: clients/risk-profile.ts.
//
// Deleting one is not rejected while agents use it: they "keep the association
// in their history", but nothing is scored against it. Documentation:
// admin-ui/risk-profile. So the agents' risk_profile_id stays.
type RiskProfile struct {
	Object
	Name, Description string
	Ruleset           map[string]any
}

// The keys of a ruleset, all of which are present in each.
var (
	riskActions = []string{
		"create_data", "destroy_data", "external_communication", "financial_transactions", "read_data", "update_data",
	}
	riskCategories = []string{
		"authentication_and_secrets", "behavioural_and_inferred", "contact_information", "criminal_justice", "financial_information",
		"gdpr_biometric_for_identification", "gdpr_genetic_data", "gdpr_political_opinions", "gdpr_racial_or_ethnic_origin",
		"gdpr_religious_or_philosophical_beliefs", "gdpr_sex_life_or_sexual_orientation", "gdpr_trade_union_membership",
		"health_and_medical", "location_and_tracking", "minors_data", "organisational_confidential", "personal_identifiers",
	}
	riskThresholds = []string{"medium", "high", "critical"}
)

func (*RiskProfile) kind() string { return "risk_profile" }

// show has an agreed_data_risk, of which is only known that it is an
// object that is computed from the ruleset.
func (r *RiskProfile) show(p *Platform, single bool) object {
	o := object{"name": r.Name, "description": orNull(r.Description)}
	if single {
		o["ruleset"], o["agreed_data_risk"] = r.Ruleset, object{}
		r.stamp(p, o)
	}
	return o
}

func (r *RiskProfile) fill(f *form) {
	f.mandatory("name", &r.Name)
	f.optional("description", &r.Description)
	v := f.c.details["ruleset"]
	switch ruleset, ok := v.(object); {
	case v == nil && r.Ruleset == nil:
		f.reject("ruleset", "required", "is required")
	case v == nil:
	case !ok:
		f.reject("ruleset", "invalid", "must be an object")
	default:
		r.Ruleset = checkedRuleset(f, ruleset)
	}
}

// checkedRuleset accepts what the admin page accepts: weights from 0 to 10 and
// ascending thresholds. The bounds that the API has are not known, nor whether
// keys may be left out.
func checkedRuleset(f *form, ruleset object) object {
	checked := object{}
	for _, part := range []struct {
		name     string
		keys     []string
		nullable bool
	}{{"action_multipliers", riskActions, true}, {"category_weights", riskCategories, true}, {"thresholds", riskThresholds, false}} {
		given, _ := ruleset[part.name].(object)
		for _, key := range slices.Sorted(maps.Keys(given)) {
			if !slices.Contains(part.keys, key) {
				f.reject("ruleset."+part.name+"."+key, "invalid", "is unknown")
			}
		}
		for _, key := range part.keys {
			v, present := given[key]
			number, isNumber := v.(float64)
			switch {
			case !present || (v == nil && !part.nullable):
				f.reject("ruleset."+part.name+"."+key, "required", "is required")
			case v != nil && !isNumber:
				f.reject("ruleset."+part.name+"."+key, "invalid", "must be a number")
			case number < 0 || (part.name == "category_weights" && number > 10):
				f.reject("ruleset."+part.name+"."+key, "invalid", "is out of range")
			}
		}
		checked[part.name] = maps.Clone(given)
	}
	at := func(key string) float64 { n, _ := checked["thresholds"].(object)[key].(float64); return n }
	if len(f.faults) == 0 && (at("medium") <= 0 || at("high") <= at("medium") || at("critical") <= at("high")) {
		f.reject("ruleset.thresholds", "invalid", "must be ascending")
	}
	return checked
}

// StandardRuleset is the ruleset of the template "Standard", with numbers of
// the emulator's own. Other names of templates are not known.
func StandardRuleset() map[string]any {
	numbers := func(keys []string, from float64) object {
		o := object{}
		for i, key := range keys {
			o[key] = from + float64(i%5)
		}
		return o
	}
	categories := numbers(riskCategories, 1)
	categories["criminal_justice"] = nil
	return object{
		"action_multipliers": numbers(riskActions, 1), "category_weights": categories,
		"thresholds": object{"medium": 20.0, "high": 50.0, "critical": 80.0},
	}
}

func riskProfileTemplate(c *call) (answer, *failure) {
	switch name := c.query.Get("template_name"); name {
	case "":
		return answer{}, invalid(required("template_name"))
	case "Standard":
		return answer{http.StatusOK, object{"status": "success", "ruleset": StandardRuleset()}}, nil
	default:
		return answer{}, errNotFound("template")
	}
}

// AddRiskProfile seeds a profile with the standard ruleset.
func (p *Platform) AddRiskProfile(accountID, name string) RiskProfile {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := &RiskProfile{Name: name, Ruleset: StandardRuleset()}
	p.add(r, "", accountID)
	return *r
}
