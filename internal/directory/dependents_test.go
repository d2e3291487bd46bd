package directory_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

// What active or suspended tokens depend on is not deleted, and the error lists
// them, unless force_destroy was applied before.
func TestDestroy_dependents(t *testing.T) {
	t.Parallel()
	for _, k := range subjects() {
		if !hasForceDestroy[k.name] {
			continue
		}
		for _, status := range []string{"active", "suspended", "revoked", "expired"} {
			t.Run(k.name+"/"+status, func(t *testing.T) {
				t.Parallel()
				s := newStage(t, emulator.Variant{})
				object := s.NewCore(nil).Resource(t, k.name)
				config := k.create(s)
				if _, err := object.Run(t.Context(), config); err != nil {
					t.Fatal(err)
				}
				token := s.tokenOf(k, object)
				switch status {
				case "suspended":
					must(t, s.Suspend(token.ID))
				case "revoked":
					must(t, s.Revoke(token.ID))
				case "expired":
					s.Clock.Advance(time.Until(token.ExpiresAt) + 48*time.Hour)
				}
				id := object.Text("id")
				_, err := object.Run(t.Context(), nil)
				if status == "revoked" || status == "expired" {
					if s.Calls("DELETE", id) == 0 {
						t.Errorf("no deletion was sent: %v", err)
					}
					return
				}
				says(t, err, `(?s)Tokens depend on the .*deployment token of .+ in .+ \(`+token.ID+`, `+status+`, expires `)
				if s.Calls("DELETE", id) > 0 {
					t.Error("a deletion was sent")
				}
				config["force_destroy"] = true
				if action, err := object.Run(t.Context(), config); err != nil || action != acctest.Update || s.Calls("PUT", id) > 0 {
					t.Fatalf("%s, %v, %d updates", action, err, s.Calls("PUT", id))
				}
				// What the platform itself makes of it is another matter.
				if _, err = object.Run(t.Context(), nil); s.Calls("DELETE", id) == 0 {
					t.Errorf("no deletion was sent: %v", err)
				}
			})
		}
	}
}

// tokenOf seeds a token that depends on an object.
func (s *stage) tokenOf(k subject, object *acctest.Instance) emulator.Token {
	spec := emulator.TokenSpec{Scope: "agent_deployment", AccountID: s.Account.ID, AgentID: s.Agent.ID, EnvironmentID: s.Production.ID}
	switch k.name {
	case "prefactor_environment":
		spec.EnvironmentID = object.Text("id")
	case "prefactor_agent":
		spec.AgentID = object.Text("id")
	default:
		spec.AgentID, spec.EnvironmentID = object.Text("agent_id"), object.Text("environment_id")
	}
	token, _ := s.AddToken(spec)
	return token
}

// Where it is not known which tokens depend on it, nothing is deleted either.
func TestDestroy_dependentsUnknown(t *testing.T) {
	t.Parallel()
	for _, k := range subjects() {
		if !hasForceDestroy[k.name] {
			continue
		}
		s := newStage(t, emulator.Variant{})
		object := s.NewCore(map[string]any{"max_retries": int64(0)}).Resource(t, k.name)
		if _, err := object.Run(t.Context(), k.create(s)); err != nil {
			t.Fatal(err)
		}
		s.Inject(emulator.Fault{Method: "GET", Path: "/api_token", Kind: emulator.FaultStatus, Status: 500})
		_, err := object.Run(t.Context(), nil)
		says(t, err, `not known which tokens depend on`)
		if s.Calls("DELETE", object.Text("id")) > 0 || object.State == nil {
			t.Errorf("%s was deleted", k.name)
		}
	}
}

// hasForceDestroy are the resources whose deletion breaks tokens.
var hasForceDestroy = map[string]bool{"prefactor_environment": true, "prefactor_agent": true, "prefactor_agent_deployment": true}

// A token and a deployment for the same agent and environment need no order.
func TestAgentDeployment_adoptsThatOfToken(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"", `current_version_id = "v1"`} {
		s := newStage(t, emulator.Variant{})
		environment := s.AddEnvironment(s.Account.ID, "new")
		pair := fmt.Sprintf("agent_id = %q\n environment_id = %q", s.Agent.ID, environment.ID)
		// The deployment is there before the resource's own request arrives.
		s.Inject(emulator.Fault{Method: "POST", Path: "/agent_deployment", Kind: emulator.FaultLatency, Latency: 500_000_000})
		checks := []statecheck.StateCheck{text(deploymentAt, "agent_id", s.Agent.ID)}
		if version != "" {
			checks = append(checks, text(deploymentAt, "current_version_id", "v1"))
		}
		s.keeps(t,
			resource.TestStep{
				Config:            config("prefactor_deployment_token", pair) + config("prefactor_agent_deployment", pair+"\n"+version),
				ConfigStateChecks: checks,
			},
			resource.TestStep{
				Config:           config("prefactor_deployment_token", pair) + config("prefactor_agent_deployment", pair+"\n"+version),
				ConfigPlanChecks: does(deploymentAt, plancheck.ResourceActionNoop),
			},
			resource.TestStep{Config: config("prefactor_agent_deployment", pair+"\n"+version)},
		)
		if n := s.Calls("POST", "/agent_deployment"); n == 0 {
			t.Error("the deployment was not requested")
		}
	}
}

// One that existed before is not adopted: somebody else may manage it.
func TestAgentDeployment_existsBefore(t *testing.T) {
	t.Parallel()
	s := newStage(t, emulator.Variant{})
	s.Clock.Advance(acctest.Later * 2)
	_, err := s.NewCore(nil).Resource(t, "prefactor_agent_deployment").Run(t.Context(), map[string]any{"agent_id": s.Agent.ID, "environment_id": s.Production.ID})
	says(t, err, `import it`)
}
