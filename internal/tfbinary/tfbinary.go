// Package tfbinary finds the Terraform or OpenTofu binary that tests, the demo
// and the benchmarks run.
package tfbinary

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/go-version"
)

// EnvPath names the binary to use. It is the variable of
// terraform-plugin-testing, so that both run the same one.
const EnvPath = "TF_ACC_TERRAFORM_PATH"

// Binary is a Terraform or an OpenTofu that has told its version.
type Binary struct {
	// Path is absolute.
	Path     string
	OpenTofu bool
	Version  *version.Version
}

// Find gives the binary of TF_ACC_TERRAFORM_PATH; else terraform and else tofu
// of PATH; else the latest Terraform, which it downloads once and keeps in the
// user's cache folder. A binary that is there but does not run is an error: to
// pass it over would test another version than the one meant.
func Find(ctx context.Context) (Binary, error) {
	return finder{
		getenv:   os.Getenv,
		lookPath: exec.LookPath,
		cacheDir: os.UserCacheDir,
		install:  download,
	}.find(ctx)
}

// Name is the product's name.
func (b Binary) Name() string {
	if b.OpenTofu {
		return "OpenTofu"
	}
	return "Terraform"
}

// NoPluginTLS has Terraform and a provider talk without TLS. With it each makes a
// key at each start of the provider, which is half of the processor time of a short
// command.
const NoPluginTLS = "TF_DISABLE_PLUGIN_TLS=1"

// Environment is what tests, the demo and the benchmarks run a binary in: that of
// this process without the settings of Terraform and the provider, and with more.
func Environment(more ...string) []string {
	kept := slices.DeleteFunc(os.Environ(), func(entry string) bool {
		return strings.HasPrefix(entry, "TF_") || strings.HasPrefix(entry, "PREFACTOR_")
	})
	return append(append(kept, "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1"), more...)
}

// Registry is the host that provider addresses without one belong to.
func (b Binary) Registry() string {
	if b.OpenTofu {
		return "registry.opentofu.org"
	}
	return "registry.terraform.io"
}

// AtLeast compares with a version of the same product, such as "1.12.0"; the
// numbers of Terraform and OpenTofu have nothing to do with each other. A
// prerelease counts as its release, as it does in terraform-plugin-testing.
// It panics when least is not a version.
func (b Binary) AtLeast(least string) bool {
	return b.Version.Core().GreaterThanOrEqual(version.Must(version.NewVersion(least)))
}

// finder has what Find takes from the machine.
type finder struct {
	getenv   func(string) string
	lookPath func(string) (string, error)
	cacheDir func() (string, error)
	install  installer
}

func (f finder) find(ctx context.Context) (Binary, error) {
	if named := f.getenv(EnvPath); named != "" {
		// Absolute, since the runs will be in other folders, and since
		// LookPath would search PATH for a bare name.
		path, err := filepath.Abs(named)
		if err == nil {
			path, err = exec.LookPath(path)
		}
		if err != nil {
			return Binary{}, fmt.Errorf("%s is set to %s, which is not a program that can be run: %w", EnvPath, named, err)
		}
		return inspect(ctx, path)
	}
	for _, name := range []string{"terraform", "tofu"} {
		path, err := f.lookPath(name)
		if err != nil {
			continue
		}
		if path, err = filepath.Abs(path); err != nil {
			return Binary{}, fmt.Errorf("no absolute path for %s: %w", name, err)
		}
		return inspect(ctx, path)
	}
	b, err := f.installed(ctx)
	if err != nil {
		return Binary{}, fmt.Errorf("neither terraform nor tofu is on PATH, and Terraform could not be installed (%w): "+
			"install Terraform or OpenTofu, or set %s to a binary of one of them", err, EnvPath)
	}
	return b, nil
}

// inspect asks a binary what it is. `version -json` has the same fields in
// Terraform and OpenTofu, "terraform_version" included; only the text for
// people tells the two apart.
func inspect(ctx context.Context, path string) (Binary, error) {
	out, err := run(ctx, path, "version", "-json")
	if err != nil {
		return Binary{}, err
	}
	var answer struct {
		Version string `json:"terraform_version"`
	}
	if err := json.Unmarshal(out, &answer); err != nil {
		return Binary{}, fmt.Errorf("%s version -json did not print JSON: %w", path, err)
	}
	v, err := version.NewVersion(answer.Version)
	if err != nil {
		return Binary{}, fmt.Errorf("%s version -json told no version: %w", path, err)
	}
	if out, err = run(ctx, path, "version"); err != nil {
		return Binary{}, err
	}
	for line := range strings.Lines(string(out)) {
		switch {
		case strings.HasPrefix(line, "Terraform v"):
			return Binary{Path: path, Version: v}, nil
		case strings.HasPrefix(line, "OpenTofu v"):
			return Binary{Path: path, Version: v, OpenTofu: true}, nil
		}
	}
	return Binary{}, fmt.Errorf("%s is neither Terraform nor OpenTofu, going by what its version command prints", path)
}

// run gives what the binary prints to standard output. Warnings, such as that
// of a missing CLI configuration file, go to standard error.
func run(ctx context.Context, path string, args ...string) ([]byte, error) {
	var stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, path, args...) //nolint:gosec // The binary is what the person chose.
	cmd.Stderr = &stderr
	// No request for news of versions, and no flags that the user has set for
	// other commands.
	cmd.Env = append(os.Environ(), "CHECKPOINT_DISABLE=1", "TF_CLI_ARGS=", "TF_CLI_ARGS_version=")
	// A wrapper script may leave a child behind which holds the pipes open.
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	if ctxErr := ctx.Err(); ctxErr != nil {
		err = ctxErr
	}
	if err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		err = fmt.Errorf("%s %s failed: %w", path, strings.Join(args, " "), err)
		if said := strings.TrimSpace(stderr.String()); said != "" {
			err = fmt.Errorf("%w: %s", err, said)
		}
		return nil, err
	}
	return out, nil
}
