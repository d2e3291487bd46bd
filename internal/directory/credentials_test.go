package directory_test

import (
	"testing"

	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

// A deployment token in the provider block is named as such, with one ping.
func TestProvider_deploymentToken(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	_, token := s.AddToken(emulator.TokenSpec{Scope: "agent_deployment", AccountID: s.Account.ID, AgentID: s.Agent.ID, EnvironmentID: s.Production.ID})
	core := s.NewCore(map[string]any{"api_token": token})
	for _, k := range everyResource() {
		object := core.Resource(t, k.name)
		s.ResetRequests()
		session, err := core.Start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			object.State = nil
			err = object.ImportIn(t.Context(), session, s.Agent.ID)
			says(t, err, "Provider credentials are a deployment token.*account token")
		}
		if n := s.Calls("GET", "/ping"); n != 1 {
			t.Errorf("%s: %d pings", k.name, n)
		}
	}
	// Another 401 is not called so.
	_, err := s.NewCore(map[string]any{"api_token": "unknown"}).Resource(t, "prefactor_agent").Run(t.Context(), map[string]any{"name": "bot"})
	says(t, err, "unknown, suspended, revoked or expired")
}
