package directory

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// The models are the objects in a state or a configuration. An attribute has the
// name that the API has for it, so merge needs nothing else to convert it. With
// the tag api:"text" it is a text that people write.

type accountModel struct {
	ID   types.String `tfsdk:"id"`
	Name types.String `tfsdk:"name" api:"text"`
}

// environmentModel has no time of creation: the API has none.
type environmentModel struct {
	ID                 types.String `tfsdk:"id"`
	AccountID          types.String `tfsdk:"account_id"`
	Name               types.String `tfsdk:"name" api:"text"`
	Purpose            types.String `tfsdk:"purpose"`
	Description        types.String `tfsdk:"description" api:"text"`
	ExternalIdentifier types.String `tfsdk:"external_identifier"`
}

// agentRow is an agent in a list, which does not have the risk profile.
type agentRow struct {
	ID                 types.String      `tfsdk:"id"`
	AccountID          types.String      `tfsdk:"account_id"`
	CreatedAt          timetypes.RFC3339 `tfsdk:"created_at"`
	Name               types.String      `tfsdk:"name" api:"text"`
	Description        types.String      `tfsdk:"description" api:"text"`
	ExternalIdentifier types.String      `tfsdk:"external_identifier"`
	Status             types.String      `tfsdk:"status"`
	TeamID             types.String      `tfsdk:"team_id"`
	OwnerPersonID      types.String      `tfsdk:"owner_person_id"`
}

type agentModel struct {
	agentRow

	RiskProfileID types.String `tfsdk:"risk_profile_id"`
}

type deploymentModel struct {
	ID               types.String      `tfsdk:"id"`
	AccountID        types.String      `tfsdk:"account_id"`
	CreatedAt        timetypes.RFC3339 `tfsdk:"created_at"`
	AgentID          types.String      `tfsdk:"agent_id"`
	EnvironmentID    types.String      `tfsdk:"environment_id"`
	CurrentVersionID types.String      `tfsdk:"current_version_id" api:"text"`
}

type teamModel struct {
	ID   types.String `tfsdk:"id"`
	Name types.String `tfsdk:"name" api:"text"`
}

// riskProfileRow is a profile in a list, which does not have the ruleset.
type riskProfileRow struct {
	ID          types.String `tfsdk:"id"`
	Name        types.String `tfsdk:"name" api:"text"`
	Description types.String `tfsdk:"description" api:"text"`
}

type riskProfileModel struct {
	riskProfileRow

	Ruleset types.Object `tfsdk:"ruleset"`
}

type adminUserModel struct {
	ID           types.String      `tfsdk:"id"`
	Email        types.String      `tfsdk:"email" api:"text"`
	Name         types.String      `tfsdk:"name" api:"text"`
	JobTitle     types.String      `tfsdk:"job_title" api:"text"`
	AccountID    types.String      `tfsdk:"account_id"`
	LastActiveAt timetypes.RFC3339 `tfsdk:"last_active_at"`
	CreatedAt    timetypes.RFC3339 `tfsdk:"created_at"`
}

type agentVersionModel struct {
	ID                   types.String      `tfsdk:"id"`
	AgentID              types.String      `tfsdk:"agent_id"`
	ExternalIdentifier   types.String      `tfsdk:"external_identifier"`
	AgentSchemaVersionID types.String      `tfsdk:"agent_schema_version_id"`
	AccountID            types.String      `tfsdk:"account_id"`
	CreatedAt            timetypes.RFC3339 `tfsdk:"created_at"`
}

type personModel struct {
	ID      types.String `tfsdk:"id"`
	Email   types.String `tfsdk:"email" api:"text"`
	Name    types.String `tfsdk:"name" api:"text"`
	Title   types.String `tfsdk:"title" api:"text"`
	TeamIDs types.Set    `tfsdk:"team_ids"`
}

// finish has what merge does not know of a type.
func (m riskProfileModel) finish(_ riskProfileModel, p prefactor.RiskProfile) riskProfileModel {
	if p.Ruleset.Known() {
		m.Ruleset = mergeRuleset(m.Ruleset, p.Ruleset.Value)
	}
	return m
}

// finish keeps the spelling of an email address. No teams and an empty set of them
// are the same.
func (m personModel) finish(prior personModel, p prefactor.Person) personModel {
	if strings.EqualFold(prior.Email.ValueString(), p.Email.Value) {
		m.Email = prior.Email
	}
	if p.TeamIDs.Present && (len(p.TeamIDs.Value) > 0 || len(m.TeamIDs.Elements()) > 0 || m.TeamIDs.IsUnknown()) {
		m.TeamIDs = textSet(p.TeamIDs.Value)
	}
	return m
}

// shownPerson is a person in a data source, where no teams are an empty set.
type shownPerson struct{ personModel }

func (m shownPerson) finish(prior shownPerson, p prefactor.Person) shownPerson {
	m.personModel = m.personModel.finish(prior.personModel, p)
	m.TeamIDs = textSet(p.TeamIDs.Value)
	return m
}

// merge is the conversion from an object of the API to a model, for resources and
// data sources. What the API does not return stays as it was, and is null where
// the plan left it unknown.
func merge[M, T any](prior M, object T) M {
	m, fields := prior, map[string]any{}
	of := reflect.ValueOf(object)
	for i := range of.NumField() {
		name, _, _ := strings.Cut(of.Type().Field(i).Tag.Get("json"), ",")
		fields[name] = of.Field(i).Interface()
	}
	eachAttribute(reflect.ValueOf(&m).Elem(), func(name string, isText bool, at reflect.Value) {
		var merged any
		switch was := at.Interface().(type) {
		case types.String:
			merged = mergeString(was, fields[name], isText)
		case timetypes.RFC3339:
			said, _ := fields[name].(prefactor.Field[prefactor.Timestamp])
			merged = tfkit.MergeTime(was, said)
			if dated, ok := any(object).(interface{ CreatedAt() time.Time }); ok && name == "created_at" {
				said, _ = fields["inserted_at"].(prefactor.Field[prefactor.Timestamp])
				merged = tfkit.MergeCreatedAt(was, said, dated.CreatedAt())
			}
		default:
			return
		}
		at.Set(reflect.ValueOf(merged))
	})
	if special, ok := any(m).(interface{ finish(prior M, object T) M }); ok {
		return special.finish(prior, object)
	}
	return m
}

// mergeString converts a field of an object, or nil if the API has no such field.
func mergeString(prior types.String, field any, isText bool) types.String {
	switch f := field.(type) {
	case string:
		return types.StringValue(f)
	case prefactor.Field[string]:
		if isText {
			return tfkit.MergeText(prior, f)
		}
		return tfkit.MergeString(prior, f)
	default:
		return tfkit.KnownString(prior)
	}
}

// eachAttribute visits the attributes of a model.
func eachAttribute(m reflect.Value, visit func(name string, isText bool, at reflect.Value)) {
	for i := range m.NumField() {
		field := m.Type().Field(i)
		if field.Anonymous {
			eachAttribute(m.Field(i), visit)
			continue
		}
		visit(field.Tag.Get("tfsdk"), field.Tag.Get("api") == "text", m.Field(i))
	}
}

// attributesOf are the attributes of a model by name.
func attributesOf[M any](m M) map[string]attr.Value {
	all := map[string]attr.Value{}
	eachAttribute(reflect.ValueOf(m), func(name string, _ bool, at reflect.Value) { all[name], _ = reflect.TypeAssert[attr.Value](at) })
	return all
}

// stringOf is a text of a model; empty if there is none.
func stringOf[M any](m M, name string) string {
	s, _ := attributesOf(m)[name].(types.String)
	return s.ValueString()
}

// afterWrite is the state after a write: what was planned, and what the API
// returned where the plan left it unknown. What else the API makes of it is for the
// next refresh. except are attributes that the write did not set.
func afterWrite[M any](returned, plan M, except ...string) M {
	planned := attributesOf(plan)
	eachAttribute(reflect.ValueOf(&returned).Elem(), func(name string, _ bool, at reflect.Value) {
		if !planned[name].IsUnknown() && !slices.Contains(except, name) {
			at.Set(reflect.ValueOf(planned[name]))
		}
	})
	return returned
}

// differs tells whether a plan changes one of the attributes.
func differs[M any](plan, state M, names []string) bool {
	planned, current := attributesOf(plan), attributesOf(state)
	return slices.ContainsFunc(names, func(name string) bool {
		if ruleset, ok := planned[name].(types.Object); ok {
			was, _ := current[name].(types.Object)
			return !sameRuleset(ruleset, was)
		}
		return !planned[name].IsUnknown() && !planned[name].Equal(current[name])
	})
}
