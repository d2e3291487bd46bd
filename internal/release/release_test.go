package release

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

// envDist names a folder that `make release-snapshot` has filled; "build" has
// the test build the archive of this machine's platform itself.
const envDist = "PREFACTOR_DIST"

const (
	root    = "../.."
	project = "terraform-provider-prefactor"
)

func TestMain(m *testing.M) { acctest.Main(m) }

// A release is installed as the registry's users install it, from an archive
// by terraform init, and says of itself what it was built from.
func TestInstall(t *testing.T) {
	t.Parallel()
	dist := os.Getenv(envDist)
	switch dist {
	case "":
		t.Skip("it builds goreleaser first: make release-test runs it")
	case "build":
		dist = snapshot(t)
		first := archives(t, dist)
		if second := archives(t, snapshot(t)); !maps.Equal(first, second) {
			t.Errorf("the same commit was built into other archives: %v, %v", first, second)
		}
	}
	var built struct {
		Version string `json:"version"`
		Commit  string `json:"commit"`
	}
	if err := json.Unmarshal(read(t, dist, "metadata.json"), &built); err != nil || len(built.Commit) < 7 {
		t.Fatalf("metadata.json says %+v, %v", built, err)
	}
	platform := fmt.Sprintf("%s_%s_%s_%s", project, built.Version, runtime.GOOS, runtime.GOARCH)
	checkSums(t, dist, built.Version, platform)

	binary := acctest.RequireTerraform(t)
	w := acctest.NewWorld(t, emulator.Variant{})
	mirror := t.TempDir()
	folder := filepath.Join(mirror, binary.Registry(), "prefactordev", "prefactor")
	if err := os.MkdirAll(folder, 0o750); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder, platform+".zip"), read(t, dist, platform+".zip"))
	rc := filepath.Join(mirror, "terraform.rc")
	write(t, rc, fmt.Appendf(nil, "provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror))

	c := w.NewCLI(t, fmt.Sprintf(`
terraform {
  required_providers {
    prefactor = {
      source  = "prefactordev/prefactor"
      version = %q
    }
  }
}

data "prefactor_api_tokens" "all" {}

resource "prefactor_api_token" "ci" {
  lifetime = "720h"
}
`, built.Version))
	c.Env = append(c.Env, "TF_CLI_CONFIG_FILE="+rc)
	c.MustRun(t, "init")
	if out := c.MustRun(t, "plan"); !strings.Contains(out, "1 to add") {
		t.Errorf("the plan is not that of the configuration:\n%s", out)
	}

	requests := w.Requests()
	if len(requests) == 0 {
		t.Fatal("the plan asked the platform for nothing")
	}
	for _, r := range requests {
		if got, want := r.Header.Get("X-Prefactor-Sdk"), project+"@"+built.Version; got != want {
			t.Errorf("%s %s: X-Prefactor-SDK is %q, not %q", r.Method, r.Path, got, want)
		}
		if got, want := r.Header.Get("User-Agent"), " "+project+"/"+built.Version+" "; !strings.Contains(got, want) {
			t.Errorf("%s %s: the user agent is %q, which has no %q", r.Method, r.Path, got, want)
		}
	}
	installed, err := filepath.Glob(filepath.Join(c.Dir, ".terraform", "providers", "*", "*", "*", "*", "*", project+"_v"+built.Version+"*"))
	if err != nil || len(installed) != 1 {
		t.Fatalf("installed is %v, %v", installed, err)
	}
	said, err := exec.CommandContext(t.Context(), installed[0], "-version").Output() //nolint:gosec // What was just installed.
	if want := fmt.Sprintf("%s %s %s", project, built.Version, built.Commit[:7]); err != nil || strings.TrimSpace(string(said)) != want {
		t.Errorf("the binary says %q, not %q (%v)", said, want, err)
	}
}

// snapshot builds a release of this machine's platform only, for which
// goreleaser has no option.
func snapshot(t *testing.T) string {
	t.Helper()
	dist := filepath.Join(root, "dist", "test")
	config := read(t, root, ".goreleaser.yml")
	for name, value := range map[string]string{"goos": runtime.GOOS, "goarch": runtime.GOARCH} {
		list := regexp.MustCompile(`(?m)^    ` + name + `: \[.*\]$`)
		if !list.Match(config) {
			t.Fatalf(".goreleaser.yml has no list of %s", name)
		}
		config = list.ReplaceAll(config, []byte("    "+name+": ["+value+"]"))
	}
	// One folder deeper than the real one, and so is the way out of it.
	config = append(bytes.ReplaceAll(config, []byte("-modfile=../"), []byte("-modfile=../../")), "\ndist: dist/test\n"...)
	reduced := filepath.Join(t.TempDir(), "goreleaser.yml")
	write(t, reduced, config)
	//nolint:gosec // The arguments are the test's own.
	cmd := exec.CommandContext(t.Context(), "go", "tool", "-modfile=internal/tools/goreleaser/go.mod", "goreleaser",
		"release", "--snapshot", "--clean", "--skip=sign", "--config", reduced)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("goreleaser: %v\n%s", err, out)
	}
	return dist
}

// archives are the checksums of the archives by their names.
func archives(t *testing.T, dist string) map[string][sha256.Size]byte {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dist, "*.zip"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no archive in %s: %v", dist, err)
	}
	sums := map[string][sha256.Size]byte{}
	for _, path := range paths {
		sums[filepath.Base(path)] = sha256.Sum256(read(t, path))
	}
	return sums
}

// checkSums wants what the registry wants: every file of a platform, and the
// manifest, in the list of checksums.
func checkSums(t *testing.T, dist, version, platform string) {
	t.Helper()
	sums := string(read(t, dist, project+"_"+version+"_SHA256SUMS"))
	for _, name := range []string{platform + ".zip", platform + ".sbom.json"} {
		sum := sha256.Sum256(read(t, dist, name))
		if line := hex.EncodeToString(sum[:]) + "  " + name; !strings.Contains(sums, line) {
			t.Errorf("the checksums have no %q:\n%s", line, sums)
		}
	}
	sum := sha256.Sum256(read(t, root, "terraform-registry-manifest.json"))
	if line := hex.EncodeToString(sum[:]) + "  " + project + "_" + version + "_manifest.json"; !strings.Contains(sums, line) {
		t.Errorf("the checksums have no %q:\n%s", line, sums)
	}
	if sbom := read(t, dist, platform+".sbom.json"); !bytes.Contains(sbom, []byte("terraform-plugin-framework")) {
		t.Error("the SBOM does not name what the provider is built from")
	}
}

func read(t *testing.T, parts ...string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(parts...)) //nolint:gosec // A file of the release.
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil { //nolint:gosec // Into the test's own folder.
		t.Fatal(err)
	}
}
