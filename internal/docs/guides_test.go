package docs

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfbinary"
)

// configurations are the blocks of Terraform's language in what people write;
// docs/ is generated.
func configurations(t *testing.T) map[string]fence {
	t.Helper()
	found := map[string]fence{}
	for _, path := range texts(t) {
		if strings.HasPrefix(path, "docs"+string(filepath.Separator)) {
			continue
		}
		_, fences := split(read(t, path))
		for _, f := range fences {
			if f.language == "hcl" || f.language == "terraform" {
				found[fmt.Sprintf("%s:%d", path, f.line)] = f
			}
		}
	}
	if len(found) < 10 {
		t.Fatalf("found only %d configurations", len(found))
	}
	return found
}

// Everything is formatted as terraform fmt does it.
func TestConfigurations_format(t *testing.T) {
	t.Parallel()
	c := acctest.NewWorld(t, emulator.Variant{}).NewCLI(t, "")
	for name, f := range configurations(t) {
		file := strings.NewReplacer(string(filepath.Separator), "_", ":", "_", ".", "_").Replace(name) + ".tf"
		write(t, filepath.Join(c.Dir, file), dedent(f.body))
	}
	if out, err := c.Run(t, "fmt", "-check", "-diff"); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// dedent takes the indentation of the first line, of attributes that are shown
// without their block, from all lines.
func dedent(text string) string {
	indentation := text[:len(text)-len(strings.TrimLeft(text, " "))]
	var all strings.Builder
	for line := range strings.Lines(text) {
		all.WriteString(strings.TrimPrefix(line, indentation))
	}
	return all.String()
}

var (
	topLevel = regexp.MustCompile(`(?m)^(?:[a-z]+)(?: "[^"]+")* \{`)
	// others are what belongs to providers that are not here, and to modules.
	others   = regexp.MustCompile(`(?m)^(?:resource|data|ephemeral|list) "(?:[a-oq-z]|terraform_remote)[a-z]*_|^module |^list |^ +backend "`)
	builtin  = regexp.MustCompile(`(?m)^resource "terraform_data"`)
	variable = regexp.MustCompile(`\bvar\.([a-z_]+)`)
	keyFile  = regexp.MustCompile(`file\("\$\{path\.module\}/([^"]+\.pub)"\)`)
)

// needs are the oldest binaries for what a configuration may use. An empty
// version is one that there is not.
var needs = []struct {
	pattern             *regexp.Regexp
	terraform, openTofu string
	what                string
}{
	{regexp.MustCompile(`(?m)^ephemeral "`), "1.10", "1.11", "ephemeral resources need Terraform 1.10 or OpenTofu 1.11"},
	{regexp.MustCompile(`\bprovider::`), "1.8", "1.7", "functions of providers need Terraform 1.8"},
	{regexp.MustCompile(`(?m)^list "`), "1.14", "", "terraform query needs Terraform 1.14"},
	{regexp.MustCompile(`(?m)^action "`), "1.14", "", "actions need Terraform 1.14"},
	{regexp.MustCompile(`(?ms)^import \{[^}]*for_each`), "1.7", "1.7", "for_each in an import block needs Terraform 1.7"},
	{regexp.MustCompile(`(?m)^  encryption \{`), "", "1.7", "the encryption of states is OpenTofu's"},
}

// whyNot tells what a binary is too old for; empty if for nothing.
func whyNot(b tfbinary.Binary, config string) string {
	for _, n := range needs {
		least := n.terraform
		if b.OpenTofu {
			least = n.openTofu
		}
		if n.pattern.MatchString(config) && (least == "" || !b.AtLeast(least)) {
			return n.what
		}
	}
	return ""
}

// Every configuration that stands for itself is valid. One that shows a part
// is marked by <!-- part --> in the line before.
func TestConfigurations_valid(t *testing.T) {
	t.Parallel()
	binary := acctest.RequireTerraform(t)
	valid := 0
	for name, f := range configurations(t) {
		if f.note == "part" || !topLevel.MatchString(f.body) || others.MatchString(builtin.ReplaceAllString(f.body, "")) {
			continue
		}
		valid++
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if why := whyNot(binary, f.body); why != "" {
				acctest.NotRun(t, why)
			}
			c := acctest.NewWorld(t, emulator.Variant{}).NewCLI(t, f.body)
			var variables strings.Builder
			for _, found := range variable.FindAllStringSubmatch(f.body, -1) {
				declared := fmt.Sprintf("variable %q", found[1])
				if !strings.Contains(f.body+variables.String(), declared) {
					variables.WriteString(declared + " {}\n")
				}
			}
			write(t, filepath.Join(c.Dir, "variables.tf"), variables.String())
			for _, found := range keyFile.FindAllStringSubmatch(f.body, -1) {
				writeKey(t, filepath.Join(c.Dir, found[1]))
			}
			if out, err := c.Run(t, "validate"); err != nil {
				t.Errorf("%v\n%s\n%s", err, f.body, out)
			}
		})
	}
	if valid < 10 {
		t.Errorf("only %d configurations stand for themselves", valid)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// writeKey writes a public key.
func writeKey(t *testing.T, path string) {
	t.Helper()
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	write(t, path, identity.Recipient().String())
}
