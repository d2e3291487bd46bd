package directory

import (
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// What the platform says of an agent becomes one of the two states that a
// person can ask for.
func TestMerge_agentStatus(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		prior types.String
		says  prefactor.Field[string]
		want  string
	}{
		{types.StringValue("retired"), prefactor.Some("pending"), "active"},
		{types.StringValue("retired"), prefactor.Some("active"), "active"},
		{types.StringValue("retired"), prefactor.Some("dormant"), "active"},
		{types.StringValue("active"), prefactor.Some("retired"), "retired"},
		{types.StringNull(), prefactor.Some("retired"), "retired"},
		{types.StringNull(), prefactor.Some("dormant"), "active"},
		// What is not known or not said is no difference.
		{types.StringValue("retired"), prefactor.Some("archived"), "retired"},
		{types.StringValue("retired"), prefactor.Field[string]{}, "retired"},
		{types.StringValue("active"), prefactor.Field[string]{Present: true, Null: true}, "active"},
		{types.StringNull(), prefactor.Some("archived"), "active"},
		{types.StringUnknown(), prefactor.Field[string]{}, "active"},
	} {
		got := agentKind.merge(values{"status": c.prior}, prefactor.Agent{Status: c.says}).text("status")
		if got != c.want {
			t.Errorf("%s, and the platform says %+v: %s, not %s", c.prior, c.says, got, c.want)
		}
	}
}

func TestClearing(t *testing.T) {
	t.Parallel()
	if clearing(types.StringNull()) != prefactor.Null[string]() || clearing(types.StringValue("")) != prefactor.Null[string]() || clearing(types.StringValue("x")) != prefactor.Some("x") {
		t.Error("null and an empty text clear, another text does not")
	}
}

// Each field of a create and of an update is an attribute, and each attribute is a
// field of the API's object, unless it is known why not: conversions go by the names.
func TestAttributes_namesOfTheAPI(t *testing.T) {
	t.Parallel()
	checkNames[prefactor.Account](t, accounts.attributes)
	checkNames[prefactor.AdminUser](t, adminUsers.attributes)
	checkNames[prefactor.Agent](t, agents.attributes, fieldNames[prefactor.NewAgent](), fieldNames[prefactor.AgentUpdate]())
	checkNames[prefactor.AgentVersion](t, agentVersions.attributes)
	checkNames[prefactor.Deployment](t, deployments.attributes, fieldNames[prefactor.NewDeployment](), fieldNames[prefactor.DeploymentUpdate]())
	checkNames[prefactor.Environment](t, environments.attributes, fieldNames[prefactor.NewEnvironment](), fieldNames[prefactor.EnvironmentUpdate]())
	checkNames[prefactor.Person](t, persons.attributes, fieldNames[prefactor.NewPerson](), fieldNames[prefactor.PersonUpdate]())
	checkNames[prefactor.RiskProfile](t, riskProfiles.attributes, fieldNames[prefactor.NewRiskProfile](), fieldNames[prefactor.RiskProfileUpdate]())
	checkNames[prefactor.Team](t, teams.attributes, fieldNames[prefactor.NewTeam](), fieldNames[prefactor.TeamUpdate]())
}

func checkNames[T any](t *testing.T, all attributes, requests ...[]string) {
	t.Helper()
	// created_at is inserted_at in the API, and an agent does not say its account.
	fields := append(fieldNames[T](), "created_at", "account_id", "force_destroy")
	for name := range all {
		if !slices.Contains(fields, name) {
			t.Errorf("%T has no field %s", *new(T), name)
		}
	}
	for _, name := range slices.Concat(requests...) {
		if _, ok := all[name]; !ok {
			t.Errorf("%T: a request has %s, which is no attribute", *new(T), name)
		}
	}
}
