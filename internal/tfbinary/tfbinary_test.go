package tfbinary

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-version"
)

var errNoNetwork = errors.New("no network in tests")

// machine is a finder of an empty machine: nothing is on PATH but what the
// test puts into the folder.
func machine(t *testing.T, named string) (f finder, pathFolder string) {
	t.Helper()
	pathFolder = t.TempDir()
	cache := t.TempDir()
	return finder{
		getenv: func(name string) string {
			if name == EnvPath {
				return named
			}
			return ""
		},
		lookPath: func(name string) (string, error) { return exec.LookPath(filepath.Join(pathFolder, name)) },
		cacheDir: func() (string, error) { return cache, nil },
		install:  func(context.Context, string) (string, error) { return "", errNoNetwork },
	}, pathFolder
}

func TestFindOrder(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		named, terraform, tofu string
		want                   string
	}{
		"named before both":      {"1.5.7", "1.15.9", "1.11.14", "Terraform 1.5.7"},
		"terraform before tofu":  {"", "1.15.9", "1.11.14", "Terraform 1.15.9"},
		"only terraform":         {"", "1.15.9", "", "Terraform 1.15.9"},
		"only tofu":              {"", "", "1.11.14", "OpenTofu 1.11.14"},
		"prerelease":             {"", "1.16.0-beta1", "", "Terraform 1.16.0-beta1"},
		"named and nothing else": {"1.5.7", "", "", "Terraform 1.5.7"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			named := ""
			if c.named != "" {
				named = putFake(t, t.TempDir(), "fake-named", terraformAnswers(c.named))
			}
			f, folder := machine(t, named)
			if c.terraform != "" {
				putFake(t, folder, "terraform", terraformAnswers(c.terraform))
			}
			if c.tofu != "" {
				putFake(t, folder, "tofu", tofuAnswers(c.tofu))
			}
			b, err := f.find(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got := b.Name() + " " + b.Version.String(); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if !filepath.IsAbs(b.Path) {
				t.Errorf("path %s is not absolute", b.Path)
			}
		})
	}
}

func TestFindNamedIsNoProgram(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	data := filepath.Join(folder, "data.txt")
	if err := os.WriteFile(data, []byte("no program"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, named := range map[string]string{
		"missing":        filepath.Join(folder, "missing"),
		"not executable": data,
		"folder":         folder,
		// A bare name is a file of the current folder, not one to search PATH for.
		"bare name": "go",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, path := machine(t, named)
			putFake(t, path, "terraform", terraformAnswers("1.15.9"))
			b, err := f.find(t.Context())
			if err == nil {
				t.Fatalf("found %s", b.Path)
			}
			for _, part := range []string{EnvPath, named} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not name %s", err, part)
				}
			}
		})
	}
}

// A terraform that does not work is not passed over for a tofu that does.
func TestFindBrokenBinary(t *testing.T) {
	t.Parallel()
	good := terraformAnswers("1.15.9")
	for name, c := range map[string]struct {
		answers answers
		want    string
	}{
		"fails":         {answers{Exit: 2, Stderr: "no version of terraform is selected"}, "no version of terraform is selected"},
		"no JSON":       {answers{JSON: "Terraform v1.15.9", Text: good.Text}, "did not print JSON"},
		"no version":    {answers{JSON: "{}", Text: good.Text}, "told no version"},
		"bad version":   {answers{JSON: `{"terraform_version":"latest"}`, Text: good.Text}, "told no version"},
		"other product": {answers{JSON: good.JSON, Text: "Packer v1.15.9\n"}, "neither Terraform nor OpenTofu"},
		"name inside":   {answers{JSON: good.JSON, Text: "Unlike Terraform v1.15.9\n"}, "neither Terraform nor OpenTofu"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, folder := machine(t, "")
			path := putFake(t, folder, "terraform", c.answers)
			putFake(t, folder, "tofu", tofuAnswers("1.11.14"))
			b, err := f.find(t.Context())
			if err == nil {
				t.Fatalf("found %s %s", b.Name(), b.Version)
			}
			if !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("%q has not both %q and the path", err, c.want)
			}
		})
	}
}

// A missing CLI configuration file makes both products warn on standard error.
func TestFindIgnoresWarnings(t *testing.T) {
	t.Parallel()
	f, folder := machine(t, "")
	a := tofuAnswers("1.11.14")
	a.Stderr = "There are some problems with the CLI configuration:\nTerraform v9.9.9\n"
	a.Text = "\nWarning: something else\n\n" + a.Text
	putFake(t, folder, "tofu", a)
	b, err := f.find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !b.OpenTofu || b.Version.String() != "1.11.14" {
		t.Errorf("got %s %s", b.Name(), b.Version)
	}
}

func TestFindEndsWithContext(t *testing.T) {
	t.Parallel()
	f, folder := machine(t, "")
	putFake(t, folder, "terraform", answers{Hang: true})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := f.find(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want a deadline exceeded", err)
	}
}

func TestBinary(t *testing.T) {
	t.Parallel()
	b := Binary{Version: version.Must(version.NewVersion("1.12.0-beta2"))}
	if b.Name() != "Terraform" || b.Registry() != "registry.terraform.io" {
		t.Errorf("got %s of %s", b.Name(), b.Registry())
	}
	for least, want := range map[string]bool{"1.11.9": true, "1.12.0": true, "1.12": true, "1.12.1": false, "1.13.0": false, "2.0.0": false, "1.9.0": true} {
		if got := b.AtLeast(least); got != want {
			t.Errorf("%s at least %s: got %t", b.Version, least, got)
		}
	}
	b.OpenTofu = true
	if b.Name() != "OpenTofu" || b.Registry() != "registry.opentofu.org" {
		t.Errorf("got %s of %s", b.Name(), b.Registry())
	}
	defer func() {
		if recover() == nil {
			t.Error("took \"newest\" for a version")
		}
	}()
	b.AtLeast("newest")
}

// What real binaries print. Runs where one can be found without a download.
func TestFindRealBinary(t *testing.T) {
	t.Parallel()
	_, terraformErr := exec.LookPath("terraform")
	_, tofuErr := exec.LookPath("tofu")
	if path := os.Getenv(EnvPath); path == "none" || path == "" && terraformErr != nil && tofuErr != nil {
		t.Skip("no Terraform or OpenTofu on this machine")
	}
	b, err := Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !b.AtLeast("1.0.0") {
		t.Errorf("%s %s is older than any that this package was written for", b.Name(), b.Version)
	}
	t.Logf("%s %s", b.Name(), b.Version)
}
