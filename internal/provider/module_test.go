package provider_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

// The tests that come with the example module pass, and fail when the module
// is wrong.
func TestModule_agentToken(t *testing.T) {
	t.Parallel()
	if b := acctest.RequireTerraform(t); !b.OpenTofu && !b.AtLeast("1.7.0") {
		acctest.NotRun(t, "terraform test with mocked providers needs Terraform 1.7")
	}
	for name, test := range map[string]struct{ old, broken, file, fails string }{
		"as it is":          {},
		"longer by default": {`lifetime_days * 24`, `lifetime_days * 48`, "rules", "a_month_by_default"},
		"no rule":           {`var.lifetime_days <= 90`, `true`, "rules", "no_token_for_a_year"},
		"overlap of a leak": {`var.leaked ? "0s" : "24h"`, `"24h"`, "life", "leaked"},
		"never renewed":     {`reason = var.rotate_because`, `reason = ""`, "life", "renew"},
		"not encrypted":     {`recipients     = var.recipients`, `recipients     = null`, "delivery", "create_encrypted"},
		"current value":     {`this.previous.encrypted_token`, `this.encrypted_token`, "delivery", "roll_back"},
		"no previous token": {`try(self.previous.encrypted_token, null) != null`, `true`, "delivery", "roll_back_too_early"},
		"no recipients":     {`var.recipients != null`, `true`, "rules", "roll_back_needs_recipients"},
		"never suspended":   {`var.suspended ? "suspended" : "active"`, `"active"`, "life", "switch_off"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, emulator.Variant{})
			c := w.NewCLI(t, "")
			copyModule(t, filepath.Join(examples, "modules", "agent-token"), c.Dir, test.old, test.broken)
			args := []string{"test", "-var", "agent_id=" + w.Agent.ID, "-var", "environment_id=" + w.Production.ID}
			if test.file != "" {
				args = append(args, "-filter=tests/"+test.file+".tftest.hcl")
			}
			out, err := c.Run(t, args...)
			if (err == nil) != (test.fails == "") {
				t.Fatalf("%v\n%s", err, out)
			}
			if test.fails != "" && !strings.Contains(out, `run "`+test.fails+`"... fail`) {
				t.Errorf("the run %q does not fail:\n%s", test.fails, out)
			}
			if left := w.Others(); len(left) != 0 {
				t.Errorf("the tests leave %d tokens behind", len(left))
			}
		})
	}
}

// The rules need neither credentials nor a platform, so that every pull request
// can run them.
func TestModule_rulesWithoutCredentials(t *testing.T) {
	t.Parallel()
	if b := acctest.RequireTerraform(t); !b.OpenTofu && !b.AtLeast("1.7.0") {
		acctest.NotRun(t, "terraform test with mocked providers needs Terraform 1.7")
	}
	w := acctest.NewWorld(t, emulator.Variant{})
	c := w.NewCLI(t, "")
	c.Env = append(c.Env, "PREFACTOR_API_TOKEN=", "HOME="+t.TempDir())
	copyModule(t, filepath.Join(examples, "modules", "agent-token"), c.Dir, "", "")
	if out := c.MustRun(t, "test", "-filter=tests/rules.tftest.hcl"); !strings.Contains(out, "4 passed, 0 failed") {
		t.Errorf("the rules were not run:\n%s", out)
	}
	if n := len(w.Requests()); n != 0 {
		t.Errorf("they made %d requests", n)
	}
}

// copyModule copies a module and its tests, with one text replaced.
func copyModule(t *testing.T, from, to, old, replacement string) {
	t.Helper()
	replaced := false
	err := filepath.WalkDir(from, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		inside, err := filepath.Rel(from, path)
		if err != nil || entry.IsDir() {
			return os.MkdirAll(filepath.Join(to, inside), 0o750)
		}
		raw, err := os.ReadFile(path) //nolint:gosec // A file of this repository.
		text := string(raw)
		if old != "" && strings.HasSuffix(path, ".tf") {
			replaced = replaced || strings.Contains(text, old)
			text = strings.Replace(text, old, replacement, 1)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(to, inside), []byte(text), 0o600) //nolint:gosec // Into the test's own folder.
		}
		return err
	})
	if err != nil || (old != "" && !replaced) {
		t.Fatalf("the module was not copied with %q replaced: %v", old, err)
	}
}
