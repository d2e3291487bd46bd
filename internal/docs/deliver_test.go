package docs

import (
	"archive/zip"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"filippo.io/age/armor"
	"golang.org/x/crypto/nacl/box"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

// consumers have the arguments that the documentation of the other providers
// names.
var consumers = map[string]acctest.Consumer{
	"kubernetes_secret_v1":                 {Metadata: []string{"name", "namespace"}, Secret: "data_wo", SecretIsMap: true, Version: "data_wo_revision"},
	"vault_kv_secret_v2":                   {Arguments: []string{"mount", "name"}, Secret: "data_json_wo", Version: "data_json_wo_version"}, //nolint:gosec // No credentials.
	"aws_secretsmanager_secret_version":    {Arguments: []string{"secret_id"}, Secret: "secret_string_wo", Version: "secret_string_wo_version"},
	"google_secret_manager_secret_version": {Arguments: []string{"secret"}, Secret: "secret_data_wo", Version: "secret_data_wo_version"},
	"azurerm_key_vault_secret":             {Arguments: []string{"name", "key_vault_id"}, Secret: "value_wo", Version: "value_wo_version"},
	"onepassword_item":                     {Arguments: []string{"vault", "title", "category"}, Secret: "password_wo", Version: "password_wo_version"},
	"github_actions_secret":                {Arguments: []string{"repository", "secret_name", "key_id"}, Secret: "value_encrypted"},
}

// delivery is the guide "Deliver a token" in a real Terraform: all of its
// configurations together.
type delivery struct {
	*acctest.World

	cli       *acctest.CLI
	consumers *acctest.Consumers
	identity  *age.X25519Identity
	// glab is the folder in which the stand-in for GitLab's command line keeps
	// what it was given, outside of what is searched for values.
	glab            string
	public, private *[32]byte
}

const guide = "deliver.md"

func newDelivery(t *testing.T) *delivery {
	t.Helper()
	var config strings.Builder
	for _, begin := range []string{
		`variable "age_public_key"`, `resource "kubernetes_`, `resource "vault_`, `resource "aws_`, `resource "google_`,
		`resource "azurerm_`, `resource "onepassword_`, `data "github_actions_public_key"`, `resource "terraform_data" "gitlab_variable"`, `output "ci_encrypted"`,
	} {
		config.WriteString(shows(t, guide, begin) + "\n")
	}
	if why := whyNot(acctest.RequireTerraform(t), config.String()+"\naction_wo"); why != "" {
		acctest.NotRun(t, why)
	}
	d := &delivery{World: acctest.NewWorld(t, emulator.Variant{}), glab: t.TempDir()}
	var err error
	if d.identity, err = age.GenerateX25519Identity(); err != nil {
		t.Fatal(err)
	}
	if d.public, d.private, err = box.GenerateKey(rand.Reader); err != nil {
		t.Fatal(err)
	}
	d.cli = d.NewCLI(t, config.String())
	d.consumers = acctest.NewConsumers(t, d.cli, base64.StdEncoding.EncodeToString(d.public[:]), consumers)
	tools := t.TempDir()
	// As glab: update fails as long as there is no such variable.
	script := "#!/bin/sh\nvalue=$(cat)\nfile=" + d.glab + "/values\n[ \"$2\" = set ] || [ -e \"$file\" ] || exit 1\nprintf '%s\\n' \"$value\" >>\"$file\"\n"
	//nolint:gosec // It has to be executable.
	if err := os.WriteFile(filepath.Join(tools, "glab"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	d.cli.Env = append(d.cli.Env, "PATH="+tools+":"+os.Getenv("PATH"),
		"TF_VAR_age_public_key="+d.identity.Recipient().String(), "TF_VAR_age_secret_key="+d.identity.String())
	d.cli.Trace()
	return d
}

// delivered are the token values that a consumer was given, the oldest first.
func (d *delivery) delivered(t *testing.T, name string) []string {
	t.Helper()
	if name == "glab" {
		raw, err := os.ReadFile(filepath.Join(d.glab, "values"))
		if err != nil {
			t.Fatal(err)
		}
		return strings.Fields(string(raw))
	}
	values := d.consumers.Delivered(name)
	for i, value := range values {
		switch name {
		case "vault_kv_secret_v2":
			var secret map[string]string
			if err := json.Unmarshal([]byte(value), &secret); err != nil {
				t.Fatal(err)
			}
			values[i] = secret["token"]
		case "github_actions_secret":
			raw, err := base64.StdEncoding.DecodeString(value)
			if err != nil {
				t.Fatal(err)
			}
			opened, _ := box.OpenAnonymous(nil, raw, d.public, d.private)
			values[i] = string(opened)
		}
	}
	return values
}

// output decrypts the output as the next step of a pipeline does.
func (d *delivery) output(t *testing.T) string {
	t.Helper()
	r, err := age.Decrypt(armor.NewReader(strings.NewReader(d.cli.MustRun(t, "output", "-raw", "ci_encrypted"))), d.identity)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// run plans into a file and applies it. What was printed, and the plan, must
// have no value in it.
func (d *delivery) run(t *testing.T, args ...string) {
	t.Helper()
	// The token of a run is not created within the second of the one before.
	d.Clock.Advance(time.Second)
	said := d.cli.MustRun(t, append([]string{"plan", "-out=saved.tfplan"}, args...)...)
	said += d.cli.MustRun(t, "apply", "saved.tfplan") + planned(t, filepath.Join(d.cli.Dir, "saved.tfplan"))
	for _, secret := range append(d.Secrets(), d.identity.String()) {
		if strings.Contains(said, secret) {
			t.Errorf("a secret is in the plan, or was printed, with %v", args)
		}
	}
	if files := d.cli.Files(t, append(d.Secrets(), d.identity.String())...); len(files) > 0 {
		t.Errorf("a secret is in %v", files)
	}
}

// planned are the contents of a saved plan, which is an archive.
func planned(t *testing.T, path string) string {
	t.Helper()
	archive, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = archive.Close() }()
	var all strings.Builder
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(&all, r); err != nil { //nolint:gosec // A plan of the test's own.
			t.Fatal(err)
		}
		_ = r.Close()
	}
	return all.String()
}

// Each consumer of the guide is given each new value, and the previous one when
// it is rolled back, and nothing when nothing changes. No file has a value in it.
func TestGuide_deliver(t *testing.T) {
	t.Parallel()
	d := newDelivery(t)
	all := []string{"glab"}
	for name := range consumers {
		if name != "github_actions_secret" {
			all = append(all, name)
		}
	}
	// want are the values that each consumer has been given.
	var want []string
	expect := func(when string, value func(before []string, last string) bool) {
		t.Helper()
		last := d.output(t)
		if !d.Authenticates(last) || !value(want, last) {
			t.Fatalf("%s: the delivered value is not the right one", when)
		}
		want = append(want, last)
		for _, name := range all {
			if got := d.delivered(t, name); !slices.Equal(got, want) {
				t.Errorf("%s: %s was given %d values, not the right %d", when, name, len(got), len(want))
			}
		}
	}
	isNew := func(before []string, last string) bool { return !slices.Contains(before, last) }
	d.run(t)
	expect("create", isNew)
	d.run(t)
	if got := d.delivered(t, all[1]); len(got) != 1 {
		t.Errorf("nothing changed, and %d values were delivered", len(got)-1)
	}
	d.run(t, "-var=rotate_because=a test")
	expect("rotation", isNew)
	d.run(t, "-var=rotate_because=a test", "-replace=prefactor_api_token.ci", "-replace=prefactor_api_token.support_bot")
	expect("replacement", isNew)
	d.run(t, "-var=rotate_because=another test")
	expect("second rotation", isNew)
	d.run(t, "-var=rotate_because=another test", "-var=roll_back=true")
	expect("roll-back", func(before []string, last string) bool { return last == before[2] })
	d.run(t, "-var=rotate_because=another test", "-var=roll_back=true")
	d.run(t, "-var=rotate_because=another test")
	expect("forward again", func(before []string, last string) bool { return last == before[3] })

	sealed := d.delivered(t, "github_actions_secret")
	if len(sealed) != 2 || !d.Authenticates(sealed[1]) || d.Authenticates(sealed[0]) {
		t.Errorf("GitHub was given %d values, of which the last one has to work and the others not", len(sealed))
	}
	d.cli.MustRun(t, "destroy", "-auto-approve")
	if err := d.NothingLeft(nil); err != nil {
		t.Error(err)
	}
}

// The recipes use no argument that the stand-ins have and the guide does not.
func TestGuide_deliverArguments(t *testing.T) {
	t.Parallel()
	text := read(t, "templates", "guides", guide)
	for name, shape := range consumers {
		for _, argument := range append(slices.Concat(shape.Arguments, shape.Metadata), shape.Secret, shape.Version) {
			if argument != "" && !regexp.MustCompile(`\b`+argument+`\b`).MatchString(text) {
				t.Errorf("%s of %s is not in the guide", argument, name)
			}
		}
	}
}
