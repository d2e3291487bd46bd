package directory_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

const (
	estateAgents       = 40
	estateEnvironments = 3
)

// estate has agents, each deployed to all environments, with a token for each
// deployment.
func estate() string {
	var config strings.Builder
	for e := range estateEnvironments {
		fmt.Fprintf(&config, "resource \"prefactor_environment\" \"e%d\" {\n name = \"e%d\"\n}\n", e, e)
	}
	fmt.Fprintf(&config, `
resource "prefactor_agent" "a" {
  count = %d
  name  = "bot-${count.index}"
}
`, estateAgents)
	for e := range estateEnvironments {
		fmt.Fprintf(&config, `
resource "prefactor_agent_deployment" "e%[1]d" {
  count          = %[2]d
  agent_id       = prefactor_agent.a[count.index].id
  environment_id = prefactor_environment.e%[1]d.id
}

resource "prefactor_deployment_token" "e%[1]d" {
  count          = %[2]d
  agent_id       = prefactor_agent_deployment.e%[1]d[count.index].agent_id
  environment_id = prefactor_agent_deployment.e%[1]d[count.index].environment_id
  expires_at     = timeadd(plantimestamp(), "720h")
  lifecycle {
    ignore_changes = [expires_at]
  }
}
`, e, estateAgents)
	}
	return config.String()
}

// A plan of an estate reads lists. How many requests that takes depends on whether
// the deployments of the account can be listed, and on what the credentials may list.
func TestEstate_requests(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		variant emulator.Variant
		refused string
		most    int
	}{
		"deployments of agents":      {emulator.Variant{}, "", 50},
		"deployments of the account": {emulator.Variant{DeploymentsOfAccount: true}, "", 20},
		"no list of agents":          {emulator.Variant{}, "/agent", 50 + estateAgents},
		"no list of deployments":     {emulator.Variant{}, "/agent_deployment", 20 + estateAgents*estateEnvironments + estateAgents},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, c.variant)
			cli := s.NewCLI(t, estate())
			cli.MustRun(t, "apply", "-auto-approve")
			s.ResetRequests()
			if c.refused != "" {
				s.Inject(emulator.Fault{Method: http.MethodGet, Path: c.refused, Kind: emulator.FaultStatus, Status: http.StatusForbidden})
			}
			cli.MustRun(t, "plan", "-detailed-exitcode")
			calls := map[string]int{}
			for _, r := range s.Requests() {
				path := strings.Split(strings.TrimPrefix(r.Path, "/api/v1/"), "/")
				calls[fmt.Sprintf("%s %s, by id: %t", r.Method, path[0], len(path) > 1)]++
			}
			if n := len(s.Requests()); n > c.most {
				t.Errorf("%d requests, more than %d", n, c.most)
			}
			t.Log(len(s.Requests()), calls)
		})
	}
}
