package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

const examples = "../../examples"

func read(t *testing.T, parts ...string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(append([]string{examples}, parts...)...))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// scene is a platform on which the examples' ids and names exist.
type scene struct {
	*acctest.World

	admin  *prefactor.Client
	tokens map[string]emulator.Token
	// returnsBot is deployed nowhere.
	returnsBot string
}

func newScene(t *testing.T) *scene {
	t.Helper()
	w := acctest.NewWorld(t, emulator.Variant{})
	s := &scene{World: w, tokens: map[string]emulator.Token{}}
	s.tokens["prefactor_api_token"], _ = w.AddToken(emulator.TokenSpec{Scope: "account", AccountID: w.Account.ID, ExpiresAt: w.Clock.Now().Add(2160 * time.Hour)})
	s.tokens["prefactor_deployment_token"], _ = w.AddToken(emulator.TokenSpec{
		Scope: "agent_deployment", AccountID: w.Account.ID, AgentID: w.Agent.ID, EnvironmentID: w.Production.ID, ExpiresAt: w.Clock.Now().Add(720 * time.Hour),
	})
	admin, err := prefactor.New(prefactor.Config{BaseURL: w.URL, Token: w.AdminToken, Now: w.Clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	s.admin = admin
	s.returnsBot = s.addAgent(t, "returns-bot", "crm/returns-bot")
	w.AddAgentVersion(s.returnsBot, "1.4.0")
	w.AddRiskProfile(w.Account.ID, "Standard")
	w.AddPerson(w.Account.ID, "Ada", "ada@example.com", w.AddTeam(w.Account.ID, "Support").ID)
	w.AddAdminUser(w.Account.ID, "Ada", "ada@example.com")
	return s
}

// addAgent makes an agent that another system knows by an identifier.
func (s *scene) addAgent(t *testing.T, name, identifier string) string {
	t.Helper()
	agent, err := s.admin.CreateAgent(t.Context(), prefactor.NewAgent{Name: name, ExternalIdentifier: identifier})
	if err != nil {
		t.Fatal(err)
	}
	return agent.Object.ID
}

// importable are objects that exist already, by the resource that can manage them.
var importable = map[string]func(t *testing.T, s *scene) string{
	"prefactor_api_token":        func(_ *testing.T, s *scene) string { return s.tokens["prefactor_api_token"].ID },
	"prefactor_deployment_token": func(_ *testing.T, s *scene) string { return s.tokens["prefactor_deployment_token"].ID },
	"prefactor_environment":      func(_ *testing.T, s *scene) string { return s.AddEnvironment(s.Account.ID, "qa").ID },
	"prefactor_agent":            func(t *testing.T, s *scene) string { t.Helper(); return s.addAgent(t, "triage-bot", "helpdesk/triage") },
	"prefactor_agent_deployment": func(_ *testing.T, s *scene) string { return s.AddDeployment(s.returnsBot, s.Production.ID).ID },
	"prefactor_risk_profile":     func(_ *testing.T, s *scene) string { return s.AddRiskProfile(s.Account.ID, "Customer data").ID },
	"prefactor_team":             func(_ *testing.T, s *scene) string { return s.AddTeam(s.Account.ID, "Customer support").ID },
	"prefactor_person": func(_ *testing.T, s *scene) string {
		return s.AddPerson(s.Account.ID, "Ada", "ada.lovelace@example.com").ID
	},
}

var exampleIDs = map[string]*regexp.Regexp{
	"agent":       regexp.MustCompile(`(agent_id\s*=\s*)"[0-9a-z]{32}"`),
	"environment": regexp.MustCompile(`(environment_id\s*=\s*)"[0-9a-z]{32}"`),
	"account":     regexp.MustCompile(`(account_id\s*=\s*)"[0-9a-z]{32}"`),
	"id":          regexp.MustCompile(`(\bid\s*=\s*)"[0-9a-z]{32}"`),
	"own":         regexp.MustCompile(`(may_live_longer = \[\s*)"[0-9a-z]{32}"`),
}

// fill puts the ids of this platform where the example has its own.
func (s *scene) fill(config, id string) string {
	for what, id := range map[string]string{"agent": s.Agent.ID, "environment": s.Production.ID, "account": s.Account.ID, "id": id, "own": s.Admin.ID} {
		if id != "" {
			config = exampleIDs[what].ReplaceAllString(config, `${1}"`+id+`"`)
		}
	}
	return config
}

func (s *scene) apply(t *testing.T, config string) {
	t.Helper()
	s.TestWith(t, resource.TestCase{CheckDestroy: noChecks, Steps: []resource.TestStep{{Config: config}}})
}

func TestExamples_provider(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	config := strings.Replace(read(t, "provider", "provider.tf"), `provider "prefactor" {}`, s.ProviderBlock(), 1)
	s.apply(t, config+minimal)
}

// applyAll applies examples in one run, each in a module of its own.
func (s *scene) applyAll(t *testing.T, folder, file string) {
	t.Helper()
	c := s.NewAttachedCLI(t)
	const required = "terraform {\n  required_providers {\n    prefactor = { source = \"prefactordev/prefactor\" }\n  }\n}\n"
	var root strings.Builder
	for _, name := range folders(t, folder) {
		if err := os.Mkdir(filepath.Join(c.Dir, name), 0o750); err != nil {
			t.Fatal(err)
		}
		c.WriteFile(t, filepath.Join(name, "main.tf"), required+s.fill(read(t, folder, name, file), s.tokens["prefactor_api_token"].ID))
		fmt.Fprintf(&root, "module %q {\n  source = \"./%[1]s\"\n}\n", name)
	}
	c.Write(t, s.ProviderBlock()+root.String())
	c.MustRun(t, "init")
	c.MustRun(t, "apply", "-auto-approve")
	c.MustRun(t, "plan", "-detailed-exitcode", "-refresh=false")
	c.MustRun(t, "plan", "-detailed-exitcode")
	c.MustRun(t, "destroy", "-auto-approve")
}

func TestExamples_resources(t *testing.T) {
	t.Parallel()
	newScene(t).applyAll(t, "resources", "resource.tf")
}

func TestExamples_dataSources(t *testing.T) {
	t.Parallel()
	newScene(t).applyAll(t, "data-sources", "data-source.tf")
}

func TestExamples_imports(t *testing.T) {
	t.Parallel()
	for _, name := range folders(t, "resources") {
		for file, oldest := range map[string]string{"import-by-string-id.tf": "1.5.0", "import-by-identity.tf": "1.12.0"} {
			t.Run(name+" "+file, func(t *testing.T) {
				t.Parallel()
				if !acctest.RequireTerraform(t).AtLeast(oldest) {
					acctest.NotRun(t, "import by identity needs Terraform or OpenTofu 1.12")
				}
				s := newScene(t)
				id := importable[name](t, s)
				s.apply(t, s.fill(read(t, "resources", name, "resource.tf"), "")+s.fill(read(t, "resources", name, file), id))
			})
		}
	}
}

func TestExamples_ephemeral(t *testing.T) {
	t.Parallel()
	binary := acctest.RequireTerraform(t)
	if (binary.OpenTofu && !binary.AtLeast("1.11.0")) || !binary.AtLeast("1.10.0") {
		acctest.NotRun(t, "ephemeral resources need Terraform 1.10 or OpenTofu 1.11")
	}
	for _, name := range folders(t, "ephemeral-resources") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			config := s.fill(read(t, "ephemeral-resources", name, "ephemeral-resource.tf"), "")
			c := s.NewCLI(t, config)
			for _, script := range regexp.MustCompile(`\./([a-z-]+\.sh)`).FindAllStringSubmatch(config, -1) {
				path := filepath.Join(c.Dir, script[1])
				//nolint:gosec // It has to be executable.
				if err := os.WriteFile(path, []byte("#!/bin/sh\ntest -n \"$PREFACTOR_API_TOKEN\"\n"), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			identity, err := age.GenerateX25519Identity()
			if err != nil {
				t.Fatal(err)
			}
			c.Env = append(c.Env, "TF_VAR_age_public_key="+identity.Recipient().String(), "TF_VAR_age_secret_key="+identity.String())
			want := len(s.Tokens()) + strings.Count(config, `resource "prefactor_`)
			c.MustRun(t, "apply", "-auto-approve")
			if n := len(s.Tokens()); n != want {
				t.Errorf("after the run there are %d tokens, not %d", n, want)
			}
		})
	}
}

func TestExamples_functions(t *testing.T) {
	t.Parallel()
	binary := acctest.RequireTerraform(t)
	if !binary.AtLeast("1.7.0") || (!binary.OpenTofu && !binary.AtLeast("1.8.0")) {
		acctest.NotRun(t, "functions of providers need Terraform 1.8 or OpenTofu 1.7")
	}
	for _, name := range folders(t, "functions") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			newScene(t).apply(t, read(t, "functions", name, "function.tf"))
		})
	}
}

// newTerraform is for tests of what only newer Terraforms have.
func newTerraform(t *testing.T) {
	t.Helper()
	if binary := acctest.RequireTerraform(t); binary.OpenTofu || !binary.AtLeast("1.14.0") {
		acctest.NotRun(t, "actions and list resources need Terraform 1.14")
	}
}

// Every example of an action is invoked by the command that it names.
func TestExamples_actions(t *testing.T) {
	t.Parallel()
	newTerraform(t)
	command := regexp.MustCompile(`# terraform (apply) (-invoke=\S+)`)
	for name, status := range map[string]string{"prefactor_suspend_token": "suspended", "prefactor_activate_token": "active", "prefactor_revoke_token": "revoked"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			config := read(t, "actions", name, "action.tf")
			commands := command.FindAllStringSubmatch(config, -1)
			if blocks := strings.Count(config, "action \""); len(commands) != blocks {
				t.Fatalf("%d commands for %d actions", len(commands), blocks)
			}
			id := s.tokens["prefactor_api_token"].ID
			if status == "active" {
				if err := s.Suspend(id); err != nil {
					t.Fatal(err)
				}
			}
			c := s.NewCLI(t, s.fill(config, id))
			for _, args := range commands {
				c.MustRun(t, args[1], "-auto-approve", args[2])
			}
			changed := s.Others()[:len(commands)]
			for _, token := range changed {
				if token.Status != status {
					t.Errorf("token %s is %s, not %s", token.ID, token.Status, status)
				}
			}
		})
	}
	if n := len(folders(t, "actions")); n != 3 {
		t.Errorf("there are examples of %d actions, and 3 were tried", n)
	}
}

// An example of an action that a resource triggers is applied, once.
func TestExamples_actionTriggers(t *testing.T) {
	t.Parallel()
	newTerraform(t)
	for name, status := range map[string]string{"prefactor_suspend_token": "suspended", "prefactor_revoke_token": "revoked"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			id := s.tokens["prefactor_api_token"].ID
			c := s.NewCLI(t, strings.ReplaceAll(s.fill(read(t, "actions", name, "action_trigger.tf"), id), "01kdvdna0000001a88cvx6pv3pzgqzn6", id))
			c.MustRun(t, "apply", "-auto-approve")
			if token, _ := s.Token(id); token.Status != status {
				t.Errorf("the token is %s", token.Status)
			}
			c.MustRun(t, "plan", "-detailed-exitcode")
		})
	}
}

// What a query writes is planned without a change.
func TestExamples_listResources(t *testing.T) {
	t.Parallel()
	newTerraform(t)
	for _, name := range folders(t, "list-resources") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			c := s.NewCLI(t, "")
			c.WriteFile(t, "list-resource.tfquery.hcl", s.fill(read(t, "list-resources", name, "list-resource.tfquery.hcl"), ""))
			if out := c.MustRun(t, "query", "-generate-config-out=tokens.tf"); !strings.Contains(out, s.tokens[name].ID) {
				t.Errorf("the %s is not in\n%s", name, out)
			}
			if out := c.MustRun(t, "plan"); !strings.Contains(out, " to import, 0 to add, 0 to change, 0 to destroy") {
				t.Errorf("the plan is\n%s", out)
			}
		})
	}
}

// The configurations of the guide that leads from nothing to an agent's token.
func TestGuide_fromNothing(t *testing.T) {
	t.Parallel()
	_, section, found := strings.Cut(read(t, "..", "templates", "guides", "getting-started.md"), "\n## 6.")
	section, _, ended := strings.Cut(section, "\n## 7.")
	if !found || !ended {
		t.Fatal("the guide has no section 6")
	}
	var config strings.Builder
	for _, block := range regexp.MustCompile("(?s)```terraform\n(.*?)```").FindAllStringSubmatch(section, -1) {
		config.WriteString(block[1])
	}
	s := newScene(t)
	s.TestWith(t, resource.TestCase{CheckDestroy: noChecks, Steps: []resource.TestStep{{
		Config: config.String(),
		Check: resource.ComposeTestCheckFunc(
			s.CheckAuthenticates("prefactor_deployment_token.returns_bot_qa", true),
			s.CheckAuthenticates("prefactor_deployment_token.support_bot", true),
		),
	}}})
}

// Every example of an import names an address of the example beside it.
func TestExamples_importCommands(t *testing.T) {
	t.Parallel()
	address := regexp.MustCompile(`terraform import (\S+)\.(\S+) \S+`)
	for _, name := range folders(t, "resources") {
		found := address.FindStringSubmatch(read(t, "resources", name, "import.sh"))
		if found == nil || !strings.Contains(read(t, "resources", name, "resource.tf"), `resource "`+found[1]+`" "`+found[2]+`"`) {
			t.Errorf("%s: import.sh imports to %v, which is not in resource.tf", name, found)
		}
	}
}

func folders(t *testing.T, kind string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(examples, kind))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if len(names) == 0 {
		t.Fatalf("no examples of %s", kind)
	}
	return names
}
