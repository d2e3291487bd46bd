package token_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/echoprovider"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/provider"
)

const echo = `
terraform {
  required_providers {
    prefactor = { source = "prefactordev/prefactor" }
    echo      = { source = "prefactordev/echo" }
  }
}
`

// echoed has a provider that writes an ephemeral value into a state, where a
// test can look at it.
func echoed(ephemeral, address string) string {
	return echo + ephemeral + fmt.Sprintf("provider \"echo\" {\n data = %s\n}\nresource \"echo\" \"test\" {}\n", address)
}

func testEphemeral(t *testing.T, w *acctest.World, steps ...resource.TestStep) {
	t.Helper()
	requireEphemeral(t)
	if acctest.RequireTerraform(t).OpenTofu {
		acctest.NotRun(t, "the testing library takes OpenTofu's opening of an ephemeral resource for a change; the tests by command line run")
	}
	factories := w.Factories()
	factories["echo"] = echoprovider.NewProviderServer()
	w.TestWith(t, resource.TestCase{ProtoV6ProviderFactories: factories, Steps: steps})
}

// requireEphemeral tells what a binary is too old for. The protocol's side of
// it is tested with every binary.
func requireEphemeral(t *testing.T) {
	t.Helper()
	binary := acctest.RequireTerraform(t)
	if (binary.OpenTofu && !binary.AtLeast("1.11.0")) || !binary.AtLeast("1.10.0") {
		acctest.NotRun(t, "ephemeral resources need Terraform 1.10 or OpenTofu 1.11")
	}
}

func TestEphemeral(t *testing.T) {
	t.Parallel()
	for kind, arguments := range map[string]func(w *acctest.World) string{
		"prefactor_api_token": func(*acctest.World) string { return "" },
		"prefactor_deployment_token": func(w *acctest.World) string {
			return fmt.Sprintf("agent_id = %q\n environment_id = %q", w.Agent.ID, w.Production.ID)
		},
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, emulator.Variant{})
			config := echoed(fmt.Sprintf("ephemeral %q \"run\" {\n lifetime = \"15m\"\n %s\n}\n", kind, arguments(w)), "ephemeral."+kind+".run")
			data := tfjsonpath.New("data")
			testEphemeral(t, w, resource.TestStep{
				Config: config,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue("echo.test", data.AtMapKey("expires_at"), secondOf(w.Clock.Now().Add(15*time.Minute))),
					statecheck.ExpectKnownValue("echo.test", data.AtMapKey("token"), knownvalue.NotNull()),
				},
				Check: func(*terraform.State) error {
					minted := len(w.Secrets()) - 1
					if revoked, deleted := w.Calls("POST", "/revoke"), w.Calls("DELETE", ""); minted == 0 || revoked != minted || deleted != minted {
						return fmt.Errorf("%d tokens were created, %d revoked and %d deleted", minted, revoked, deleted)
					}
					if left := w.Others(); len(left) > 0 {
						return fmt.Errorf("left after the run: %+v", left)
					}
					return nil
				},
			})
		})
	}
}

// With issue = terraform.applying a plan creates nothing.
func TestEphemeral_notAtPlan(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	testEphemeral(t, w, resource.TestStep{
		Config: echoed("ephemeral \"prefactor_api_token\" \"run\" {\n issue = terraform.applying\n}\n", "ephemeral.prefactor_api_token.run"),
		ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{between(func() {
			if n := len(w.Secrets()) - 1; n != 0 {
				t.Errorf("the plan created %d tokens", n)
			}
		})}},
		Check: func(*terraform.State) error {
			if n := len(w.Secrets()) - 1; n != 1 {
				return fmt.Errorf("the apply created %d tokens", n)
			}
			return w.NothingLeft(nil)
		},
	})
}

func TestEphemeral_badArguments(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	for name, c := range map[string]struct{ arguments, says string }{
		"too long": {`lifetime = "25h"`, `allow_long_lifetime`},
		"zero":     {`lifetime = "0s"`, `longer\s+than\s+zero`},
		"account":  {`account_id = "acme"`, `32\s+characters`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testEphemeral(t, w, resource.TestStep{
				Config:      echoed("ephemeral \"prefactor_api_token\" \"run\" {\n "+c.arguments+"\n}\n", "ephemeral.prefactor_api_token.run"),
				ExpectError: regexp.MustCompile(c.says),
			})
		})
	}
	t.Run("long on purpose", func(t *testing.T) {
		t.Parallel()
		w := acctest.NewWorld(t, emulator.Variant{})
		testEphemeral(t, w, resource.TestStep{
			Config: echoed("ephemeral \"prefactor_api_token\" \"run\" {\n lifetime = \"25h\"\n allow_long_lifetime = true\n}\n", "ephemeral.prefactor_api_token.run"),
		})
	})
}

const failingRun = `
ephemeral "prefactor_api_token" "run" {
  issue = terraform.applying
}
provider "prefactor" {
  max_retries = 1
}
resource "terraform_data" "work" {
  provisioner "local-exec" {
    command     = "test -n \"$TOKEN\" && exit 3"
    environment = { TOKEN = ephemeral.prefactor_api_token.run.token }
  }
}
`

// The token ends with the run that failed, and its value is in no file.
func TestEphemeral_failingRun(t *testing.T) {
	t.Parallel()
	requireEphemeral(t)
	w := acctest.NewWorld(t, emulator.Variant{})
	c := w.NewCLI(t, failingRun)
	c.Trace()
	c.MustRun(t, "plan", "-out=saved.tfplan")
	out, err := c.Run(t, "apply", "saved.tfplan")
	if err == nil || !strings.Contains(out, "exit status 3") {
		t.Fatalf("the run did not fail as it should: %v\n%s", err, out)
	}
	secrets := w.Secrets()
	if len(secrets) != 2 {
		t.Fatalf("%d tokens were created", len(secrets)-1)
	}
	if left := w.Others(); len(left) > 0 {
		t.Errorf("left after the failed run: %+v", left)
	}
	if files := c.Files(t, secrets...); len(files) > 0 {
		t.Errorf("a secret is in %v", files)
	}
	if archive := planned(t, filepath.Join(c.Dir, "saved.tfplan")); strings.Contains(archive, secrets[1]) || strings.Contains(out, secrets[1]) {
		t.Error("a secret is in the plan or the output")
	}
}

// A close that fails says which token is left, and until when it works.
func TestEphemeral_closeFails(t *testing.T) {
	t.Parallel()
	requireEphemeral(t)
	w := acctest.NewWorld(t, emulator.Variant{})
	w.Inject(emulator.Fault{Method: "POST", Path: "/api_token/:id/revoke", Kind: emulator.FaultStatus, Status: 500})
	c := w.NewCLI(t, strings.Replace(failingRun, "&& exit 3", "", 1))
	out, err := c.Run(t, "apply", "-auto-approve")
	left := w.Others()
	if err == nil || len(left) != 1 {
		t.Fatalf("the close did not fail as it should: %v, left %+v\n%s", err, left, out)
	}
	flat := strings.Join(strings.Fields(out), " ")
	for _, phrase := range []string{left[0].ID, "could not be revoked", "works until " + left[0].ExpiresAt.Format(time.RFC3339Nano)} {
		if !strings.Contains(flat, phrase) {
			t.Errorf("the error does not say %q:\n%s", phrase, out)
		}
	}
}

// Ctrl-C in the middle of the run: the token is revoked and deleted all the same.
func TestEphemeral_interrupted(t *testing.T) {
	t.Parallel()
	requireEphemeral(t)
	w := acctest.NewWorld(t, emulator.Variant{})
	marker := filepath.Join(t.TempDir(), "running")
	c := w.NewCLI(t, strings.Replace(failingRun, `test -n \"$TOKEN\" && exit 3`, "touch "+marker+" && sleep 30", 1))
	var out bytes.Buffer
	cmd := c.Command(t.Context(), &out, "apply", "-auto-approve")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { _, err := os.Stat(marker); return err == nil })
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the interrupted run succeeded")
	}
	if left := w.Others(); len(left) > 0 || len(w.Secrets()) != 2 {
		t.Errorf("left after the interrupt: %+v\n%s", left, out.String())
	}
}

// A 404 at the close is no proof that the token was deleted.
func TestEphemeral_closeNotFound(t *testing.T) {
	t.Parallel()
	everything := func(f emulator.Fault) func(w *acctest.World, id string) {
		return func(w *acctest.World, _ string) { w.Inject(f) }
	}
	for name, c := range map[string]struct {
		before func(w *acctest.World, id string)
		fails  bool
	}{
		"router":      {before: everything(emulator.Fault{Kind: emulator.FaultRouter}), fails: true},
		"page":        {before: everything(emulator.Fault{Kind: emulator.FaultHTML, Status: 404}), fails: true},
		"API":         {before: everything(emulator.Fault{Kind: emulator.FaultStatus, Status: 404, Code: "not_found"}), fails: true},
		"once":        {before: everything(emulator.Fault{Kind: emulator.FaultStatus, Status: 404, Code: "not_found", Times: 1})},
		"not yet":     {before: everything(emulator.Fault{Kind: emulator.FaultNotYet, For: time.Hour, Times: 1})},
		"not yet too": {before: everything(emulator.Fault{Kind: emulator.FaultNotYet, For: time.Hour}), fails: true},
		"deleted": {before: func(w *acctest.World, id string) {
			w.Clock.Advance(5 * time.Minute)
			must(t, w.Revoke(id))
			must(t, w.DeleteToken(id))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, emulator.Variant{})
			atExit := &provider.AtExit{}
			s, err := w.NewCore(map[string]any{"max_retries": int64(1)}, provider.WithAtExit(atExit)).Start(t.Context())
			must(t, err)
			o, err := s.Open(t.Context(), "prefactor_api_token", map[string]any{"lifetime": "15m"})
			must(t, err)
			id := w.Others()[0].ID
			c.before(w, id)
			err = o.Close(t.Context())
			switch {
			case c.fails && (err == nil || !strings.Contains(err.Error(), id)):
				t.Errorf("the error of the close does not name the token: %v", err)
			case !c.fails && err != nil:
				t.Errorf("the close fails: %v", err)
			}
			w.ClearFaults()
			atExit.Run(t.Context())
			if left := w.Others(); len(left) > 0 {
				t.Errorf("left at the exit: %+v", left)
			}
		})
	}
}
