// Package acctest is what every acceptance test needs: a platform of its own,
// a clock that the platform and the provider share, provider factories, and
// the checks that tests have in common.
//
// An acceptance test drives the provider by a real Terraform or OpenTofu
// binary against the emulator. It needs no account and no network.
package acctest

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/provider"
)

// World is a platform with one account in it, and what it takes to let the
// provider loose on it.
type World struct {
	*emulator.Platform

	Clock *Clock
	// URL is where the platform listens, until the end of the test or Close.
	URL   string
	Close func()
	// Account, Production, Staging, Agent and OtherAgent are seeded; the agents
	// are deployed to both environments.
	Account             emulator.Account
	Production, Staging emulator.Environment
	Agent, OtherAgent   emulator.Agent
	// User created Admin.
	User emulator.AdminUser
	// Admin is the account token that the provider authenticates with, and
	// AdminToken its value.
	Admin      emulator.Token
	AdminToken string
}

// NewWorld starts a platform for the length of a test.
func NewWorld(tb testing.TB, variant emulator.Variant) *World {
	tb.Helper()
	clock := NewClock()
	platform := emulator.New(emulator.Options{Now: clock.Now, Variant: variant})
	server := httptest.NewServer(platform)
	tb.Cleanup(server.Close)

	w := &World{Platform: platform, Clock: clock, URL: server.URL, Close: server.Close}
	w.Account = platform.AddAccount("Acme")
	w.Production = platform.AddEnvironment(w.Account.ID, "production")
	w.Staging = platform.AddEnvironment(w.Account.ID, "staging")
	w.Agent = platform.AddAgent(w.Account.ID, "support-bot")
	w.OtherAgent = platform.AddAgent(w.Account.ID, "billing-bot")
	for _, agent := range []emulator.Agent{w.Agent, w.OtherAgent} {
		platform.AddDeployment(agent.ID, w.Production.ID)
		platform.AddDeployment(agent.ID, w.Staging.ID)
	}
	w.User = platform.AddAdminUser(w.Account.ID, "Ada", "admin@example.com")
	w.Admin, w.AdminToken = platform.AddToken(emulator.TokenSpec{
		Scope: "account", AccountID: w.Account.ID, ExpiresAt: clock.Now().AddDate(20, 0, 0), CreatedBy: w.User.ID,
	})
	return w
}

// Factories serve the provider to Terraform from within the test's process.
func (w *World) Factories(options ...provider.Option) map[string]func() (tfprotov6.ProviderServer, error) {
	options = append([]provider.Option{
		provider.WithClock(w.Clock.Now),
		provider.WithRetryWait(time.Millisecond, 5*time.Millisecond),
		provider.WithEnvironment(func(string) (string, bool) { return "", false }, "/nowhere", "/nowhere"),
	}, options...)
	serve := provider.NewServer("test", options...)
	return map[string]func() (tfprotov6.ProviderServer, error){
		"prefactor": func() (tfprotov6.ProviderServer, error) { return recorded(serve()), nil },
	}
}

// ProviderBlock configures the provider for this platform; each extra is a line of it.
func (w *World) ProviderBlock(extra ...string) string {
	return fmt.Sprintf("provider \"prefactor\" {\n  api_url   = %q\n  api_token = %q\n  %s\n}\n", w.URL, w.AdminToken, strings.Join(extra, "\n  "))
}

// required is what a module has to say of where the provider comes from.
const required = `terraform {
  required_providers {
    prefactor = { source = "prefactordev/prefactor" }
  }
}
`

// Test runs the steps against this platform. Steps need no provider block;
// one is put in front of each configuration that has none.
func (w *World) Test(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	w.TestWith(t, resource.TestCase{Steps: steps})
}

// TestWith runs a test case whose provider factories and provider blocks are
// filled in where they are missing. At the end nothing that the test made may
// be left at the platform, unless the case checks the destruction itself.
func (w *World) TestWith(t *testing.T, c resource.TestCase) {
	t.Helper()
	RequireTerraform(t)
	if c.ProtoV6ProviderFactories == nil {
		c.ProtoV6ProviderFactories = w.Factories()
	}
	for i := range c.Steps {
		config := &c.Steps[i].Config
		if *config == "" {
			continue
		}
		if !strings.Contains(*config, `provider "prefactor"`) {
			*config = w.ProviderBlock() + *config
		}
		if !strings.Contains(*config, "required_providers") {
			*config = required + *config
		}
	}
	if c.CheckDestroy == nil {
		c.CheckDestroy = w.NothingLeft
	}
	resource.UnitTest(t, c)
}

// DeleteToken deletes a token at the platform, as somebody else does, and not
// just after its creation.
func (w *World) DeleteToken(id string) error {
	w.Clock.Advance(Later)
	return w.Platform.DeleteToken(id)
}
