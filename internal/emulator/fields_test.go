package emulator_test

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
)

// The tables below say which fields the platform shows. They are written by
// hand from the vendor's reference (docs.prefactor.ai/p2/platform/operations)
// and from the newest types of its clients (packages/cli/src/clients of
// prefactordev/typescript-sdk, at ade54897 unless another commit is named),
// and know neither the emulator's types nor those of the provider's client.
//
// A field is a word for its type, the allowed words separated by spaces behind
// "one of", another table, or one of these in a nullable or a list.
type table map[string]any

type (
	nullable struct{ of any }
	listOf   struct{ of any }
	// onlyNull is nullable, and nothing fills it here.
	onlyNull struct{ of any }
)

// with is a table with more fields.
func (t table) with(more table) table {
	all := maps.Clone(t)
	maps.Copy(all, more)
	return all
}

var (
	stamps = table{"inserted_at": "time", "updated_at": "time"}

	// clients/api-token.ts. The reference page queryapitokenlist has no agent_id.
	tokenSummary = table{
		"account_id": "pfid", "agent_deployment_id": nullable{"pfid"}, "agent_id": nullable{"pfid"}, "created_by_admin_user_id": nullable{"pfid"},
		"environment_id": nullable{"pfid"}, "expires_at": "time", "id": "pfid", "last_used_at": nullable{"time"},
		"status": "one of active suspended revoked", "token_scope": "one of account agent_deployment", "type": "one of api_token",
	}.with(stamps)
	// ApiToken_Details: operations/-33, -36, -38.
	tokenDetails = tokenSummary.with(table{
		"available_actions": table{"activate": "bool", "delete": "bool", "revoke": "bool", "suspend": "bool"},
	})

	// clients/account.ts at 418cdab0; actionaccountupdate for the single account.
	accountSummary = table{"id": "pfid", "name": "string", "type": "one of account"}
	accountDetails = accountSummary.with(table{
		"organisation_name": nullable{"string"}, "purpose": "one of business personal nonprofit education government", "website": nullable{"string"},
	})

	// clients/environment.ts at 5707f8a2, actionenvironmentupdate. No timestamps.
	environment = table{
		"account_id": "pfid", "description": nullable{"string"}, "external_identifier": onlyNull{"string"}, "id": "pfid", "name": "string",
		"purpose": "one of development staging testing production", "type": "one of environment",
	}

	// clients/agent.ts at 5707f8a2, queryagentgetdetails. No account_id.
	agentSummary = table{
		"available_actions": table{"delete": "bool", "reinstate": "bool", "retire": "bool", "update": "bool"},
		"description":       nullable{"string"}, "external_identifier": nullable{"string"}, "id": "pfid",
		"instance_counts": table{
			"active": "int", "cancelled": "int", "complete": "int", "failed": "int", "finished": "int", "pending": "int", "terminated": "int", "total": "int",
		},
		"last_activity_span_at": nullable{"time"}, "name": "string", "owner_person_id": nullable{"pfid"},
		"status": "one of pending active dormant retired", "team_id": nullable{"pfid"}, "type": "one of agent",
	}.with(stamps)
	agentDetails = agentSummary.with(table{"risk_profile_id": nullable{"pfid"}})

	// clients/agent-deployment.ts, actionagentdeploymentdelete: lists show the same.
	deployment = table{
		"account_id": "pfid", "agent_id": "pfid", "current_version_id": nullable{"pfid"}, "environment_id": "pfid", "id": "pfid",
		"type": "one of agent_deployment",
	}.with(stamps)

	// clients/agent-version.ts, queryagentversiongetdetails.
	version = table{
		"account_id": "pfid", "agent_id": "pfid", "agent_schema_version_id": "pfid", "current_agent_deployment_refs": listOf{"pfid"},
		"external_identifier": "string", "external_identifier_repeats": "int", "id": "pfid", "type": "one of agent_version",
	}.with(stamps)
	versionSummary = version.with(table{
		"observed_classification":    onlyNull{"one of unknown public internal confidential restricted secret"},
		"theoretical_classification": onlyNull{"one of unknown public internal confidential restricted secret"},
	})
	versionDetails = version.with(table{"runtime_environment": onlyNull{"object"}})

	// clients/risk-profile.ts at 98423019.
	riskProfileSummary = table{"description": nullable{"string"}, "id": "pfid", "name": "string", "type": "one of risk_profile"}
	riskProfileDetails = riskProfileSummary.with(stamps).with(table{"agreed_data_risk": "object", "ruleset": ruleset})
	ruleset            = table{
		"action_multipliers": table{
			"create_data": nullable{"number"}, "destroy_data": nullable{"number"}, "external_communication": nullable{"number"},
			"financial_transactions": nullable{"number"}, "read_data": nullable{"number"}, "update_data": nullable{"number"},
		},
		"category_weights": table{
			"authentication_and_secrets": nullable{"number"}, "behavioural_and_inferred": nullable{"number"}, "contact_information": nullable{"number"},
			"criminal_justice": nullable{"number"}, "financial_information": nullable{"number"}, "gdpr_biometric_for_identification": nullable{"number"},
			"gdpr_genetic_data": nullable{"number"}, "gdpr_political_opinions": nullable{"number"}, "gdpr_racial_or_ethnic_origin": nullable{"number"},
			"gdpr_religious_or_philosophical_beliefs": nullable{"number"}, "gdpr_sex_life_or_sexual_orientation": nullable{"number"},
			"gdpr_trade_union_membership": nullable{"number"}, "health_and_medical": nullable{"number"}, "location_and_tracking": nullable{"number"},
			"minors_data": nullable{"number"}, "organisational_confidential": nullable{"number"}, "personal_identifiers": nullable{"number"},
		},
		"thresholds": table{"critical": "number", "high": "number", "medium": "number"},
	}

	// clients/team.ts and clients/person.ts at 666f24ca: timestamps are in single objects only.
	teamSummary   = table{"agent_count": "int", "id": "pfid", "name": "string", "people_count": "int", "type": "one of team"}
	teamDetails   = teamSummary.with(stamps)
	personSummary = table{
		"email": "string", "id": "pfid", "name": "string", "team_ids": listOf{"pfid"}, "title": nullable{"string"}, "type": "one of person",
	}
	personDetails = personSummary.with(stamps)

	// clients/admin-user.ts at 05eba1d0.
	adminUser = table{
		"account_id": "pfid", "email": "string", "id": "pfid", "job_title": onlyNull{"string"}, "last_active_at": onlyNull{"time"},
		"name": nullable{"string"}, "profile_completed_at": onlyNull{"time"}, "type": "one of admin_user",
	}.with(stamps)

	// commands/setup.ts.
	pingAccount    = table{"token_type": "string"}
	pingDeployment = table{"token_type": "one of api_session_agent_deployment_scope", "agent_id": "pfid"} //nolint:gosec // A kind.
)

// single is the response of all calls but lists: the reference has it on each page.
func single(details table) table { return table{"details": details, "status": "one of success"} }

// many is the response of a list, all keys of which are required.
// clients/list-response.ts; sorting.nulls at 418cdab0.
func many(summary table) table {
	return table{
		"status":    "one of success",
		"summaries": listOf{summary},
		"pagination": nullable{table{
			"item_count": "int", "item_end": "int", "item_start": "int", "next_page_offset": nullable{"int"}, "page_count": "int", "page_index": "int",
			"page_offset": "int", "page_size": "int", "previous_page_offset": nullable{"int"},
		}},
		"sorting": nullable{table{
			"direction": "one of asc desc", "field": "one of id last_seen status title timestamp started_at finished_at email name external_identifier",
			"nulls": "one of first last auto",
		}},
	}
}

// The two forms of errors: each page of the reference, such as actionaccountupdate.
var (
	apiError = table{
		"status": "one of error", "message": "string",
		"code": "one of bad_request bad_authtoken not_authenticated not_permitted not_implemented unknown not_found unexpected_ref_type unexpected " +
			"invalid_action invalid_value required_value idempotency_key_already_used",
	}
	validationError = table{"status": "one of error", "message": "string", "code": "one of validation_errors", "errors": "object"}
)

// checker compares JSON with tables and notes which nullable fields it saw as
// null, and which with a value.
type checker struct {
	faults       []string
	nulls, given map[string]bool
	nullables    map[string]bool
}

func (c *checker) fault(path, format string, a ...any) {
	c.faults = append(c.faults, path+": "+fmt.Sprintf(format, a...))
}

var jwtForm = regexp.MustCompile(`^eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$`)

func (c *checker) check(path string, got, want any) {
	switch want := want.(type) {
	case table:
		o, ok := got.(object)
		if !ok {
			c.fault(path, "%v is no object", got)
			return
		}
		for _, field := range slices.Sorted(maps.Keys(want)) {
			if v, present := o[field]; present {
				c.check(path+"."+field, v, want[field])
			} else {
				c.fault(path, "%s is missing", field)
			}
		}
		for field := range o {
			if want[field] == nil {
				c.fault(path, "%s does not exist", field)
			}
		}
	case listOf:
		rows, ok := got.([]any)
		if !ok {
			c.fault(path, "%v is no list", got)
		}
		for _, row := range rows {
			c.check(path+"[]", row, want.of)
		}
	case nullable:
		c.nullables[path] = true
		if got == nil {
			c.nulls[path] = true
			return
		}
		c.given[path] = true
		c.check(path, got, want.of)
	case onlyNull:
		if got != nil {
			c.fault(path, "it has a value: make it nullable in the table")
		}
	case string:
		if !isOf(want, got) {
			c.fault(path, "%v is not %s", got, want)
		}
	}
}

func isOf(kind string, got any) bool {
	text, isText := got.(string)
	number, isNumber := got.(float64)
	words, isChoice := strings.CutPrefix(kind, "one of ")
	if isChoice {
		return slices.Contains(strings.Fields(words), text)
	}
	switch kind {
	case "string":
		return isText && text != ""
	case "pfid":
		return pfid.Valid(text)
	case "time":
		_, err := time.Parse(time.RFC3339Nano, text)
		return err == nil
	case "bool":
		_, ok := got.(bool)
		return ok
	case "int":
		return isNumber && number == float64(int(number))
	case "number":
		return isNumber
	case "object":
		_, ok := got.(object)
		return ok
	case "jwt": // The value of a token: operations/-33.
		return jwtForm.MatchString(text) && len(text) >= 300
	}
	return false
}

// What the emulator shows has the fields of the reference, no other ones, and
// null where the reference has it and nowhere else.
func TestFields(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	if err := s.SetActiveInstances(s.agent.ID, 1); err != nil {
		t.Fatal(err)
	}
	team := s.want(s.create("/team", object{"name": "Support"}), 200, "")
	profile := s.want(s.create("/risk_profile", object{"name": "Plain", "ruleset": emulator.StandardRuleset()}), 200, "")
	excluded := emulator.StandardRuleset()
	for _, part := range []string{"action_multipliers", "category_weights"} {
		for key, v := range excluded[part].(object) {
			excluded[part].(object)[key] = nil
			if v == nil {
				excluded[part].(object)[key] = 0.5
			}
		}
	}
	strict := s.want(s.create("/risk_profile", object{"name": "Strict", "description": "d", "ruleset": excluded}), 200, "")
	person := s.want(s.create("/person", object{"name": "Ada", "email": "ada@example.com", "title": "CTO", "team_ids": []string{team.text("id")}}), 200, "")
	bob := s.AddPerson(s.account.ID, "Bob", "bob@example.com")
	nobody := s.AddAdminUser(s.account.ID, "", "nobody@example.com")
	bot := s.want(s.create("/agent", object{
		"name": "bot", "description": "d", "external_identifier": "x", "risk_profile_id": strict.text("id"), "team_id": team.text("id"), "owner_person_id": person.text("id"),
	}), 200, "")
	qa := s.want(s.create("/environment", object{"account_id": s.account.ID, "name": "qa", "description": "d"}), 200, "")
	deployed := s.want(s.create("/agent_deployment", object{"agent_id": bot.text("id"), "environment_id": qa.text("id")}), 200, "")
	v1 := s.AddAgentVersion(bot.text("id"), "v1")
	if err := s.SetDeploymentVersion(deployed.text("id"), v1.ID); err != nil {
		t.Fatal(err)
	}
	account := s.want(s.createToken(object{"token_scope": "account", "account_id": s.account.ID}), 200, "")
	issued := s.want(s.createToken(object{"token_scope": "agent_deployment", "agent_id": bot.text("id"), "environment_id": qa.text("id")}), 200, "")
	value, _ := issued.body["token"].(string)
	orphan, _ := s.AddToken(emulator.TokenSpec{Scope: "account", AccountID: s.account.ID})

	c := &checker{nulls: map[string]bool{}, given: map[string]bool{}, nullables: map[string]bool{}}
	check := func(name string, a answer, want table) {
		t.Helper()
		c.check(name, any(a.body), want)
	}
	get := func(name, path string, want table) { t.Helper(); check(name, s.get(path), want) }

	check("ping of an account token", s.get("/ping"), single(pingAccount))
	check("ping of a deployment token", s.callAs(value, http.MethodGet, "/ping", nil), single(pingDeployment))
	// clients/pfid.ts: all keys are at the top.
	check("pfid", s.call(http.MethodPost, "/pfid/generate", object{"count": 2}), table{"account_id": "pfid", "pfids": listOf{"pfid"}, "status": "one of success"})

	// operations/-33: the value is beside details.
	created := single(tokenDetails).with(table{"token": "jwt"})
	check("create of a token", account, created)
	check("create of a token", issued, created)
	for _, id := range []string{s.admin.ID, orphan.ID, issued.text("id")} {
		get("token", "/api_token/"+id, single(tokenDetails))
	}
	for _, action := range []string{"suspend", "activate", "revoke"} {
		check("token", s.call(http.MethodPost, "/api_token/"+account.text("id")+"/"+action, object{}), single(tokenDetails))
	}
	get("tokens", "/api_token?sorting[field]=id&sorting[direction]=desc&pagination[page_size]=2&pagination[offset]=1", many(tokenSummary))
	get("tokens", "/api_token", many(tokenSummary))
	check("tokens", newScene(t, emulator.Variant{NoPagination: true}).get("/api_token"), many(tokenSummary))

	get("accounts", "/account", many(accountSummary))
	// The vendor's dashboard has observed one object under details.
	check("accounts as an object", newScene(t, emulator.Variant{AccountAsObject: true}).get("/account"), single(accountSummary))
	get("account", "/account/"+s.account.ID, single(accountDetails))
	check("account", s.put("/account/"+s.account.ID, object{"purpose": "personal", "organisation_name": nil, "website": "https://acme.example"}), single(accountDetails))

	get("environments", "/environment?account_id="+s.account.ID, many(environment))
	get("environment", "/environment/"+s.environment.ID, single(environment))
	get("environment", "/environment/show?environment_id="+qa.text("id"), single(environment))

	get("agents", "/agent", many(agentSummary))
	get("agent", "/agent/"+s.agent.ID, single(agentDetails))
	get("agent", "/agent/show?external_identifier=x", single(agentDetails))
	get("agent with its rollup", "/agent/"+s.agent.ID+"?include_risk_rollup=true",
		single(agentDetails).with(table{"risk_rollup": onlyNull{table{"observed_risk": onlyNull{"object"}, "theoretical_risk": onlyNull{"object"}}}}))
	check("agent", s.call(http.MethodPost, "/agent/"+bot.text("id")+"/retire", object{}), single(agentDetails))
	check("agent", s.call(http.MethodPost, "/agent/"+bot.text("id")+"/reinstate", object{}), single(agentDetails))

	get("deployments", "/agent_deployment?agent_id="+bot.text("id"), many(deployment))
	get("deployments", "/agent_deployment?agent_id="+s.agent.ID, many(deployment))
	get("deployment", "/agent_deployment/"+s.deployment.ID, single(deployment))
	get("deployment", "/agent_deployment/"+deployed.text("id"), single(deployment))

	get("versions", "/agent_version?agent_id="+bot.text("id"), many(versionSummary))
	get("version", "/agent_version/"+v1.ID, single(versionDetails))

	get("risk profiles", "/risk_profile", many(riskProfileSummary))
	get("risk profile", "/risk_profile/"+profile.text("id"), single(riskProfileDetails))
	get("risk profile", "/risk_profile/"+strict.text("id"), single(riskProfileDetails))
	check("template", s.get("/risk_profile/template?template_name=Standard"), table{"ruleset": ruleset, "status": "one of success"})

	get("teams", "/team", many(teamSummary))
	get("team", "/team/"+team.text("id"), single(teamDetails))
	get("persons", "/person?sorting=name", many(personSummary))
	get("person", "/person/"+person.text("id"), single(personDetails))
	get("person", "/person/"+bob.ID, single(personDetails))
	get("admin users", "/admin_user", many(adminUser))
	get("admin user", "/admin_user/"+s.user.ID, single(adminUser))
	get("admin user", "/admin_user/"+nobody.ID, single(adminUser))

	for name, a := range map[string]answer{
		"not found":         s.get("/api_token/" + s.foreignToken.ID),
		"no token":          s.callAs("", http.MethodGet, "/ping", nil),
		"a wrong token":     s.callAs("wrong", http.MethodGet, "/ping", nil),
		"a deployment's":    s.callAs(value, http.MethodGet, "/agent", nil),
		"no such action":    s.call(http.MethodPost, "/api_token/"+account.text("id")+"/suspend", object{}),
		"deleted too early": s.delete("/api_token/" + s.admin.ID),
		"no JSON":           s.call(http.MethodPost, "/api_token", "{"),
	} {
		check("error: "+name, a, apiError)
	}
	for _, form := range []string{"", "string", "list", "nested"} {
		check("validation", newScene(t, emulator.Variant{FieldErrors: form}).createToken(object{}), validationError)
	}

	// actionagentdeploymentdelete; clients/team.ts, clients/person.ts, clients/risk-profile.ts.
	for _, d := range []struct {
		path string
		want table
	}{
		{"/api_token/" + account.text("id"), tokenDetails},
		{"/agent_deployment/" + deployed.text("id"), deployment},
		{"/agent/" + bot.text("id"), agentDetails},
		{"/environment/" + qa.text("id"), environment},
		{"/person/" + person.text("id"), personDetails},
		{"/team/" + team.text("id"), teamDetails},
		{"/risk_profile/" + strict.text("id"), riskProfileDetails},
	} {
		check("DELETE "+d.path, s.delete(d.path), single(d.want))
	}

	for _, fault := range c.faults {
		t.Error(fault)
	}
	// Both ways of a nullable field come up, wherever several objects are read.
	for path := range c.nullables {
		name, field, _ := strings.Cut(path, ".")
		several := slices.Contains([]string{"token", "account", "environment", "agent", "deployment", "risk profile", "person", "admin user"}, name)
		if several || name == "tokens" || strings.HasPrefix(field, "summaries") {
			if !c.nulls[path] || !c.given[path] {
				t.Errorf("%s: null %t, a value %t: both are wanted", path, c.nulls[path], c.given[path])
			}
		}
	}
}
