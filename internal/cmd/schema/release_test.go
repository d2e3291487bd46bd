package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/provider"
)

// A release leaves a snapshot: a folder of testdata/releases that is named after
// its version and has three files. They are never changed afterwards; a major
// release, which may be incompatible, removes the schemas of its predecessors and
// keeps their configurations and states.
const (
	releases   = "testdata/releases"
	schemaFile = "schema.json"       // What `terraform providers schema -json` prints.
	configFile = "main.tf"           // testdata/fixture/main.tf of that release,
	stateFile  = "terraform.tfstate" // and the state after two applies of it.
)

// envSnapshot and envRelease name a version, such as v1.2.0: the one to write a
// snapshot of, by `make snapshot`, and the one that must have a snapshot, by
// `make release-check`.
const (
	envSnapshot = "PREFACTOR_SNAPSHOT"
	envRelease  = "PREFACTOR_RELEASE"
)

func TestMain(m *testing.M) { acctest.Main(m) }

// What works with a release works with the current provider.
func TestRelease_compatible(t *testing.T) {
	t.Parallel()
	if version := os.Getenv(envSnapshot); version != "" {
		snapshot(t, filepath.Join(releases, version))
	}
	if version := os.Getenv(envRelease); version != "" {
		requireSnapshot(t, filepath.Join(releases, version))
	}
	entries, err := os.ReadDir(releases)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	for _, entry := range entries {
		t.Run(entry.Name(), func(t *testing.T) {
			t.Parallel()
			checkRelease(t, filepath.Join(releases, entry.Name()))
		})
	}
}

// As long as there is no release this keeps what a release needs in working order:
// the provider of today is compatible with a snapshot of itself.
func TestRelease_snapshot(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	snapshot(t, folder)
	requireSnapshot(t, folder)
	checkRelease(t, folder)

	// A provider that has lost something would not pass: a resource, or a value.
	old := readSchema(t, folder)
	current := readSchema(t, folder)
	delete(current.Resources, "prefactor_api_token")
	if got, want := incompatible(old, current), []string{"resource prefactor_api_token: removed"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	before, after := instances(t, readFile(t, folder, stateFile)), instances(t, readFile(t, folder, stateFile))
	delete(after, "prefactor_team.support[<nil>]")
	previous, ok := after["prefactor_api_token.delivered[<nil>]"].(map[string]any)["previous"].(map[string]any)
	if !ok {
		t.Fatal("the fixture has no previous token with encrypted values")
	}
	previous["encrypted_token"], previous["github_encrypted_token"] = nil, ""
	want := []string{
		"/prefactor_api_token.delivered[<nil>]/previous/encrypted_token",
		"/prefactor_api_token.delivered[<nil>]/previous/github_encrypted_token",
		"/prefactor_team.support[<nil>]/id",
		"/prefactor_team.support[<nil>]/name",
	}
	if got := lost("", before, after); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// The fixture has every resource in it.
func TestRelease_fixture(t *testing.T) {
	t.Parallel()
	fixture := string(readFile(t, "testdata", "fixture", configFile))
	for name := range parseSchema(t, currentSchema(t)).Resources {
		if !strings.Contains(fixture, fmt.Sprintf("resource %q", name)) {
			t.Errorf("add a %s to testdata/fixture/%s, so that releases have a state of it", name, configFile)
		}
	}
}

func snapshot(t *testing.T, folder string) {
	t.Helper()
	if err := os.MkdirAll(folder, 0o750); err != nil { //nolint:gosec // The folder of a release, or of the test.
		t.Fatal(err)
	}
	config := readFile(t, "testdata", "fixture", configFile)
	state := parseState(t, applied(t, string(config)).state(t))
	// The oldest Terraform that can read the state is not the one which wrote it.
	state["terraform_version"] = json.RawMessage(`"1.5.0"`)
	encoded, err := json.MarshalIndent(state, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(folder, schemaFile), currentSchema(t))
	writeFile(t, filepath.Join(folder, configFile), config)
	writeFile(t, filepath.Join(folder, stateFile), append(encoded, '\n'))
}

// requireSnapshot wants a snapshot of the provider as it is now.
func requireSnapshot(t *testing.T, folder string) {
	t.Helper()
	if !reflect.DeepEqual(decode(t, readFile(t, folder, schemaFile)), decode(t, currentSchema(t))) {
		t.Errorf("%s/%s is not the schema of the provider: make snapshot writes it", folder, schemaFile)
	}
	if !bytes.Equal(readFile(t, folder, configFile), readFile(t, "testdata", "fixture", configFile)) {
		t.Errorf("%s/%s is not testdata/fixture/%s: make snapshot writes it", folder, configFile, configFile)
	}
	if len(instances(t, readFile(t, folder, stateFile))) == 0 {
		t.Errorf("%s/%s has no resources: make snapshot writes it", folder, stateFile)
	}
}

// checkRelease wants the current provider to offer what the release offered, and
// to plan no change for the configuration and the state that the release wrote.
func checkRelease(t *testing.T, folder string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(folder, schemaFile)); err == nil {
		for _, problem := range incompatible(readSchema(t, folder), parseSchema(t, currentSchema(t))) {
			t.Error(problem)
		}
	}
	f := applied(t, string(readFile(t, folder, configFile)))
	state := string(readFile(t, folder, stateFile))
	// The objects of the state are at no platform. It is given the ids of those
	// that the current provider has just made for the same configuration.
	ids := map[string]string{}
	pair(ids, instances(t, []byte(state)), instances(t, f.state(t)))
	if len(ids) == 0 {
		t.Fatal("no ids were found in the state")
	}
	for old, current := range ids {
		state = strings.ReplaceAll(state, old, current)
	}
	f.WriteFile(t, stateFile, state)
	if out, err := f.Run(t, "plan", "-detailed-exitcode"); err != nil {
		t.Errorf("the current provider does not take over the state of the release: %v\n%s", err, out)
	}
	// Nothing of what the release wrote is lost, such as the value of a previous token.
	f.MustRun(t, "apply", "-refresh-only", "-auto-approve")
	for _, place := range lost("", instances(t, []byte(state)), instances(t, f.state(t))) {
		t.Errorf("the current provider loses %s", place)
	}
}

// lost are the places of values in old that current has not.
func lost(at string, old, current any) []string {
	var places []string
	switch old := old.(type) {
	case nil:
	case map[string]any:
		current, _ := current.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(old)) {
			places = append(places, lost(at+"/"+name, old[name], current[name])...)
		}
	case []any:
		current, _ := current.([]any)
		for i := range old {
			if i >= len(current) {
				return append(places, fmt.Sprintf("%s/%d", at, i))
			}
			places = append(places, lost(fmt.Sprintf("%s/%d", at, i), old[i], current[i])...)
		}
	default:
		// Times may differ: the objects were created again.
		if old != "" && (current == nil || current == "") {
			places = append(places, at)
		}
	}
	return places
}

// fixture is a folder in which a configuration was applied.
type fixture struct{ *acctest.CLI }

// applied applies a configuration twice, so that its tokens are rotated once.
func applied(t *testing.T, config string) fixture {
	t.Helper()
	w := acctest.NewWorld(t, emulator.Variant{})
	c := w.NewCLI(t, config)
	c.Env = append(c.Env, "TF_VAR_account_id="+w.Account.ID, "TF_VAR_agent_id="+w.Agent.ID, "TF_VAR_environment_id="+w.Production.ID, "TF_VAR_round=2")
	c.MustRun(t, "apply", "-auto-approve", "-var=round=1")
	c.MustRun(t, "apply", "-auto-approve")
	return fixture{c}
}

func (f fixture) state(t *testing.T) []byte {
	t.Helper()
	return readFile(t, f.Dir, stateFile)
}

func parseState(t *testing.T, raw []byte) map[string]json.RawMessage {
	t.Helper()
	var state map[string]json.RawMessage
	if err := json.Unmarshal(raw, &state); err != nil {
		t.Fatal(err)
	}
	return state
}

// instances are the attributes of the managed resources of a state, by address.
func instances(t *testing.T, raw []byte) map[string]any {
	t.Helper()
	var resources []struct {
		Type      string `json:"type"`
		Name      string `json:"name"`
		Instances []struct {
			Key        any            `json:"index_key"`
			Attributes map[string]any `json:"attributes"`
		} `json:"instances"`
	}
	if err := json.Unmarshal(parseState(t, raw)["resources"], &resources); err != nil {
		t.Fatal(err)
	}
	all := map[string]any{}
	for _, r := range resources {
		for _, i := range r.Instances {
			all[fmt.Sprintf("%s.%s[%v]", r.Type, r.Name, i.Key)] = i.Attributes
		}
	}
	return all
}

var id = regexp.MustCompile(`^[0-9a-z]{32}$`)

// pair notes which id of one value is at the place of which id of the other.
func pair(ids map[string]string, old, current any) {
	switch old := old.(type) {
	case string:
		if current, ok := current.(string); ok && id.MatchString(old) && id.MatchString(current) {
			ids[old] = current
		}
	case map[string]any:
		current, _ := current.(map[string]any)
		for name := range old {
			pair(ids, old[name], current[name])
		}
	case []any:
		current, _ := current.([]any)
		for i := range min(len(old), len(current)) {
			pair(ids, old[i], current[i])
		}
	}
}

func currentSchema(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := write(t.Context(), &out, provider.NewServer("test")()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func readSchema(t *testing.T, folder string) providerJSON {
	t.Helper()
	return parseSchema(t, readFile(t, folder, schemaFile))
}

func parseSchema(t *testing.T, raw []byte) providerJSON {
	t.Helper()
	var d document
	if err := json.Unmarshal(raw, &d); err != nil {
		t.Fatal(err)
	}
	p, ok := d.Providers[key]
	if !ok {
		t.Fatalf("the schema has no provider %s", key)
	}
	return p
}

func readFile(t *testing.T, parts ...string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(parts...)) //nolint:gosec // A file of a release, or of the test.
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func writeFile(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil { //nolint:gosec // A file of a release, or of the test.
		t.Fatal(err)
	}
}
