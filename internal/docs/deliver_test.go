package docs

import (
	"archive/zip"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"maps"
	"net/http"
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
	"kubernetes_secret_v1":                 {Metadata: []string{"name", "namespace"}, Secret: "data_wo", SecretIsMap: true, Version: "data_wo_revision", SavesFailed: true},
	"vault_kv_secret_v2":                   {Arguments: []string{"mount", "name"}, Secret: "data_json_wo", Version: "data_json_wo_version"}, //nolint:gosec // No credentials.
	"aws_secretsmanager_secret_version":    {Arguments: []string{"secret_id"}, Secret: "secret_string_wo", Version: "secret_string_wo_version"},
	"google_secret_manager_secret_version": {Arguments: []string{"secret"}, Secret: "secret_data_wo", Version: "secret_data_wo_version", Replaces: true},
	"azurerm_key_vault_secret":             {Arguments: []string{"name", "key_vault_id"}, Secret: "value_wo", Version: "value_wo_version"},
	"onepassword_item":                     {Arguments: []string{"vault", "title", "category"}, Secret: "password_wo", Version: "password_wo_version", OnlyIncreases: true},
	"github_actions_secret":                {Arguments: []string{"repository", "secret_name", "key_id"}, Secret: "value_encrypted"},
}

// delivery is configurations of the guide "Deliver a token", together in a real
// Terraform.
type delivery struct {
	*acctest.World

	cli       *acctest.CLI
	consumers *acctest.Consumers
	identity  *age.X25519Identity
	// given are the values that each consumer is known to have been given.
	given map[string][]string
	// glab is the folder in which the stand-in for GitLab's command line keeps
	// what it was given, outside of what is searched for values.
	glab            string
	public, private *[32]byte
}

const guide = "deliver.md"

// newDelivery takes the configuration of the token, and those of consumers.
func newDelivery(t *testing.T, names ...string) *delivery {
	t.Helper()
	parts := []string{shows(t, guide, `variable "age_public_key"`), shows(t, guide, `output "ci_encrypted"`)}
	for _, name := range names {
		parts = append(parts, shows(t, guide, `resource "`+name+`"`))
	}
	config := strings.Join(parts, "\n") + "\n"
	if why := whyNot(acctest.RequireTerraform(t), config+"\naction_wo"); why != "" {
		acctest.NotRun(t, why)
	}
	d := &delivery{World: acctest.NewWorld(t, emulator.Variant{}), glab: t.TempDir(), given: map[string][]string{}}
	for _, name := range names {
		d.given[name] = nil
	}
	var err error
	if d.identity, err = age.GenerateX25519Identity(); err != nil {
		t.Fatal(err)
	}
	if d.public, d.private, err = box.GenerateKey(rand.Reader); err != nil {
		t.Fatal(err)
	}
	d.cli = d.NewCLI(t, config)
	d.consumers = acctest.NewConsumers(t, d.cli, base64.StdEncoding.EncodeToString(d.public[:]), consumers)
	tools := t.TempDir()
	// As glab: update fails as long as there is no such variable. Both fail while
	// there is a file named down.
	script := "#!/bin/sh\nvalue=$(cat)\ncd " + d.glab + "\n[ ! -e down ] || exit 1\n[ \"$2\" = set ] || [ -e values ] || exit 1\nprintf '%s\\n' \"$value\" >>values\n"
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
	if name == "terraform_data" {
		raw, err := os.ReadFile(filepath.Join(d.glab, "values"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
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

// run plans into a file and applies it. What was printed, and every file, must
// have no value in it.
func (d *delivery) run(t *testing.T, args ...string) {
	t.Helper()
	if out, err := d.try(t, args...); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
}

// try is like run, but the apply may fail.
func (d *delivery) try(t *testing.T, args ...string) (string, error) {
	t.Helper()
	// The token of a run is not created within the second of the one before.
	d.Clock.Advance(time.Second)
	d.ResetRequests()
	plan := d.cli.MustRun(t, append([]string{"plan", "-out=saved.tfplan"}, args...)...)
	applied, err := d.cli.Run(t, "apply", "saved.tfplan")
	printed := plan + applied + planned(t, filepath.Join(d.cli.Dir, "saved.tfplan"))
	for _, secret := range append(d.Secrets(), d.identity.String()) {
		if strings.Contains(printed, secret) {
			t.Errorf("a secret is in the plan, or was printed, with %v", args)
		}
	}
	if files := d.cli.Files(t, append(d.Secrets(), d.identity.String())...); len(files) > 0 {
		t.Errorf("a secret is in %v", files)
	}
	return applied, err
}

// which value a consumer is given: that of a new token, or the one before the
// last that it was given.
type which bool

const newValue, formerValue which = false, true

// expect checks that each of these consumers, or each consumer, was given one
// more value, and that it works.
func (d *delivery) expect(t *testing.T, when string, want which, names ...string) {
	t.Helper()
	if len(names) == 0 {
		names = slices.Collect(maps.Keys(d.given))
	}
	output := d.output(t)
	for _, name := range names {
		before, all := d.given[name], d.delivered(t, name)
		if len(all) != len(before)+1 || !slices.Equal(before, all[:len(before)]) {
			t.Fatalf("%s: %s was given %d values in place of one more than %d", when, name, len(all), len(before))
		}
		last := all[len(before)]
		switch {
		case !d.Authenticates(last):
			t.Errorf("%s: the value that %s was given does not work", when, name)
		case want == newValue && slices.Contains(before, last), want == formerValue && last != before[len(before)-2]:
			t.Errorf("%s: %s was given the value of another token", when, name)
		case name != "github_actions_secret" && last != output:
			t.Errorf("%s: %s was given another value than the output has", when, name)
		}
		d.given[name] = all
	}
}

// nothing checks that no consumer was given a value.
func (d *delivery) nothing(t *testing.T, when string) {
	t.Helper()
	for name, before := range d.given {
		if got := d.delivered(t, name); !slices.Equal(got, before) {
			t.Errorf("%s: %s was given %d values", when, name, len(got)-len(before))
		}
	}
}

// createsFirst tells whether the last run created a token before it revoked one.
func (d *delivery) createsFirst(t *testing.T) bool {
	t.Helper()
	step := func(suffix string) int {
		i := slices.IndexFunc(d.Requests(), func(r emulator.Request) bool {
			return r.Method == http.MethodPost && strings.HasSuffix(r.Path, suffix)
		})
		if i < 0 {
			t.Fatalf("no request %s", suffix)
		}
		return i
	}
	return step("/api_token") < step("/revoke")
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
	d := newDelivery(t, append(slices.Collect(maps.Keys(consumers)), "terraform_data")...)
	d.run(t)
	d.expect(t, "create", newValue)
	d.run(t)
	d.nothing(t, "nothing changed after the create")
	d.run(t, "-var=rotate_because=a test")
	d.expect(t, "rotation", newValue)
	d.run(t, "-var=rotate_because=a test")
	d.nothing(t, "nothing changed after the rotation")
	d.run(t, "-var=rotate_because=a test", "-replace=prefactor_api_token.ci")
	d.expect(t, "replacement", newValue, slices.DeleteFunc(slices.Collect(maps.Keys(d.given)), func(name string) bool { return name == "github_actions_secret" })...)
	d.nothing(t, "replacement of the other token")
	if !d.createsFirst(t) {
		t.Error("with create_before_destroy of a consumer the token is revoked first")
	}
	d.run(t, "-var=rotate_because=another test")
	d.expect(t, "second rotation", newValue)
	// 1Password is given a value with a lower version only in a new item.
	d.run(t, "-var=rotate_because=another test", "-var=roll_back=true", "-replace=onepassword_item.prefactor")
	d.expect(t, "roll-back", formerValue)
	d.run(t, "-var=rotate_because=another test", "-var=roll_back=true")
	d.nothing(t, "nothing changed after the roll-back")
	d.run(t, "-var=rotate_because=another test")
	d.expect(t, "end of the roll-back", formerValue)
	d.cli.MustRun(t, "destroy", "-auto-approve")
	if err := d.NothingLeft(nil); err != nil {
		t.Error(err)
	}
}

// Without create_before_destroy, a replaced token is revoked first, and the
// consumers are given the value of the new one.
func TestGuide_deliverDestroyFirst(t *testing.T) {
	t.Parallel()
	d := newDelivery(t, "kubernetes_secret_v1", "github_actions_secret", "terraform_data")
	d.run(t)
	d.expect(t, "create", newValue)
	d.run(t, "-replace=prefactor_api_token.ci", "-replace=prefactor_api_token.support_bot")
	d.expect(t, "replacement", newValue)
	if d.createsFirst(t) {
		t.Error("the token is created before the old one is revoked")
	}
	d.run(t)
	d.nothing(t, "nothing changed")
}

// A delivery that failed is made up for as the guide says, and a consumer that
// takes only rising versions is given the previous value by a replacement.
func TestGuide_deliverFailure(t *testing.T) {
	t.Parallel()
	const saves, retries = "kubernetes_secret_v1", "onepassword_item"
	d := newDelivery(t, saves, retries, "terraform_data")
	fails := func(when string, args ...string) {
		t.Helper()
		if out, err := d.try(t, args...); err == nil {
			t.Fatalf("%s: the apply does not fail:\n%s", when, out)
		}
	}
	d.consumers.FailNext(saves)
	d.consumers.FailNext(retries)
	fails("create")
	d.run(t)
	d.expect(t, "create", newValue)

	down := filepath.Join(d.glab, "down")
	write(t, down, "")
	d.consumers.FailNext(saves)
	d.consumers.FailNext(retries)
	fails("rotation", "-var=rotate_because=a test")
	if err := os.Remove(down); err != nil {
		t.Fatal(err)
	}
	d.run(t, "-var=rotate_because=a test")
	d.expect(t, "the apply after the failed rotation", newValue, retries, "terraform_data")
	d.nothing(t, "the failed update was saved in the state")
	d.run(t, "-var=rotate_because=a test", "-replace="+saves+".prefactor")
	d.expect(t, "replacement of the consumer", newValue, saves)

	d.run(t, "-var=rotate_because=a test", "-var=roll_back=true")
	d.expect(t, "roll-back", formerValue, saves, "terraform_data")
	d.nothing(t, "the version does not increase")
	d.run(t, "-var=rotate_because=a test", "-var=roll_back=true", "-replace="+retries+".prefactor")
	d.expect(t, "replacement of the item", formerValue, retries)
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
