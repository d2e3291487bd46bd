package directory_test

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
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

// byTerraform creates an estate and gives its plan, which must have no changes.
func byTerraform(t *testing.T, s *stage) func() {
	t.Helper()
	cli := s.NewCLI(t, estate())
	cli.MustRun(t, "apply", "-auto-approve")
	return func() { cli.MustRun(t, "plan", "-detailed-exitcode") }
}

// byCore does the same without a binary.
func byCore(t *testing.T, s *stage) func() {
	t.Helper()
	core := s.NewCore(nil)
	type planned struct {
		*acctest.Instance

		config map[string]any
	}
	// What is in a phase needs what is in the phases before.
	var phases [3][]planned
	create := func(phase int, typeName string, config map[string]any) *acctest.Instance {
		i := core.Resource(t, typeName)
		if _, err := i.Run(t.Context(), config); err != nil {
			t.Fatal(err)
		}
		phases[phase] = append(phases[phase], planned{i, config})
		return i
	}
	var environments []*acctest.Instance
	for e := range estateEnvironments {
		environments = append(environments, create(0, "prefactor_environment", map[string]any{"name": fmt.Sprintf("e%d", e)}))
	}
	for a := range estateAgents {
		agent := create(0, "prefactor_agent", map[string]any{"name": fmt.Sprintf("bot-%d", a)})
		for _, environment := range environments {
			config := map[string]any{"agent_id": agent.Text("id"), "environment_id": environment.Text("id")}
			create(1, "prefactor_agent_deployment", config)
			config = maps.Clone(config)
			config["expires_at"] = s.Clock.Now().Add(720 * time.Hour).Format(time.RFC3339)
			create(2, "prefactor_deployment_token", config)
		}
	}
	return func() {
		session, err := core.Start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, phase := range phases {
			group := errgroup.Group{}
			group.SetLimit(10)
			for _, p := range phase {
				group.Go(func() error { return p.PlanAgain(t.Context(), session, p.config) })
			}
			if err := group.Wait(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// A plan of an estate reads lists. How many requests that takes depends on whether
// the deployments of the account can be listed, and on what the credentials may list.
func TestEstate_atOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		create  func(*testing.T, *stage) (plan func())
		variant emulator.Variant
		refused string
		most    int
	}{
		"by Terraform":               {byTerraform, emulator.Variant{}, "", 50},
		"deployments of agents":      {byCore, emulator.Variant{}, "", 50},
		"deployments of the account": {byCore, emulator.Variant{DeploymentsOfAccount: true}, "", 20},
		"no list of agents":          {byCore, emulator.Variant{}, "/agent", 50 + estateAgents},
		"no list of deployments":     {byCore, emulator.Variant{}, "/agent_deployment", 20 + estateAgents*estateEnvironments + estateAgents},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if testing.Short() && name != "deployments of agents" {
				t.Skip("one case shows whether there is a data race")
			}
			s := newStage(t, c.variant)
			plan := c.create(t, s)
			s.ResetRequests()
			if c.refused != "" {
				s.Inject(emulator.Fault{Method: http.MethodGet, Path: c.refused, Kind: emulator.FaultStatus, Status: http.StatusForbidden})
			}
			plan()
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
