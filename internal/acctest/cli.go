package acctest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/prefactordev/terraform-provider-prefactor/internal/tfbinary"
)

// CLI runs Terraform as a person does: commands in a folder, with the provider
// as a process of its own. It is for what a test within one process cannot
// show, such as logs, signals and files.
type CLI struct {
	// Dir is the working folder.
	Dir string
	// Env is added to the environment of each command.
	Env []string

	binary string
	log    string
}

// built is the folder of the built provider, which Main removes.
var built string

// buildProvider builds the provider once for all tests of a process, unless make
// has done it for those of all packages.
var buildProvider = sync.OnceValues(func() (string, error) {
	if folder := os.Getenv("PREFACTOR_BUILT"); folder != "" {
		return folder, nil
	}
	folder, err := os.MkdirTemp("", "prefactor-acctest-")
	if err != nil {
		return "", err
	}
	built = folder
	//nolint:gosec // The arguments are the test's own.
	build := exec.CommandContext(context.Background(), "go", "build", "-o", folder+string(filepath.Separator),
		"github.com/prefactordev/terraform-provider-prefactor")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the provider: %w\n%s", err, out)
	}
	return folder, nil
})

// NewCLI prepares a folder with a configuration, for this platform.
func (w *World) NewCLI(tb testing.TB, config string) *CLI {
	tb.Helper()
	RequireTerraform(tb)
	plugins, err := buildProvider()
	if err != nil {
		tb.Fatal(err)
	}
	c := w.newCLI(tb)
	rc := filepath.Join(tb.TempDir(), "terraform.rc")
	overrides := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"prefactordev/prefactor\" = %q\n  }\n  direct {}\n}\n", plugins)
	if err := os.WriteFile(rc, []byte(overrides), 0o600); err != nil {
		tb.Fatal(err)
	}
	c.Env = append(c.Env, "TF_CLI_CONFIG_FILE="+rc)
	c.Write(tb, config)
	return c
}

// NewAttachedCLI is a CLI whose provider is in this process, with the clock of
// the world.
func (w *World) NewAttachedCLI(t *testing.T) *CLI {
	t.Helper()
	c := w.newCLI(t)
	server, err := w.Factories()["prefactor"]()
	if err != nil {
		t.Fatal(err)
	}
	c.attach(t, server, "prefactordev/prefactor")
	return c
}

func (w *World) newCLI(tb testing.TB) *CLI {
	tb.Helper()
	c := &CLI{Dir: tb.TempDir(), binary: RequireTerraform(tb).Path}
	c.log = filepath.Join(tb.TempDir(), "trace.log")
	c.Env = []string{
		"TF_CLI_CONFIG_FILE=" + os.DevNull, "TF_CLI_ARGS=-no-color", tfbinary.NoPluginTLS,
		"PREFACTOR_API_URL=" + w.URL, "PREFACTOR_API_TOKEN=" + w.AdminToken,
	}
	return c
}

// attach serves a provider of this process to the commands, under the names of
// one or more sources, for the length of a test.
func (c *CLI) attach(t *testing.T, server tfprotov6.ProviderServer, sources ...string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	configs, closed := make(chan *plugin.ReattachConfig, 1), make(chan struct{})
	go func() {
		_ = tf6server.Serve("registry.terraform.io/"+sources[0], func() tfprotov6.ProviderServer { return server },
			tf6server.WithDebug(ctx, configs, closed), tf6server.WithLoggingSink(t), tf6server.WithGoPluginLogger(hclog.NewNullLogger()))
	}()
	t.Cleanup(func() { cancel(); <-closed })
	var config *plugin.ReattachConfig
	select {
	case config = <-configs:
	case <-time.After(10 * time.Second):
		t.Fatal("the provider does not start")
	}
	reattach := map[string]any{}
	for _, source := range sources {
		reattach[RequireTerraform(t).Registry()+"/"+source] = map[string]any{
			"Protocol": "grpc", "ProtocolVersion": 6, "Pid": config.Pid, "Test": true,
			"Addr": map[string]string{"Network": config.Addr.Network(), "String": config.Addr.String()},
		}
	}
	raw, err := json.Marshal(reattach)
	if err != nil {
		t.Fatal(err)
	}
	c.Env = append(c.Env, "TF_REATTACH_PROVIDERS="+string(raw))
}

// Write replaces the configuration.
func (c *CLI) Write(tb testing.TB, config string) {
	tb.Helper()
	if !strings.Contains(config, "required_providers") {
		config = required + config
	}
	c.WriteFile(tb, "main.tf", config)
}

// WriteFile puts another file beside the configuration.
func (c *CLI) WriteFile(tb testing.TB, name, content string) {
	tb.Helper()
	if err := os.WriteFile(filepath.Join(c.Dir, name), []byte(content), 0o600); err != nil {
		tb.Fatal(err)
	}
}

// Trace has every command log all there is to log.
func (c *CLI) Trace() { c.Env = append(c.Env, "TF_LOG=TRACE", "TF_LOG_PATH="+c.log) }

// Command is a command that is yet to be started; its output goes to out.
func (c *CLI) Command(ctx context.Context, out *bytes.Buffer, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, c.binary, args...) //nolint:gosec // The binary under test.
	cmd.Dir = c.Dir
	cmd.Env = tfbinary.Environment(c.Env...)
	cmd.Stdout, cmd.Stderr = out, out
	return cmd
}

// Run runs a command and gives what it printed. The error is that of a command
// that failed, which a test may well want.
func (c *CLI) Run(tb testing.TB, args ...string) (string, error) {
	tb.Helper()
	var out bytes.Buffer
	err := c.Command(tb.Context(), &out, args...).Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		tb.Fatal(err)
	}
	return out.String(), err
}

// MustRun runs a command that has to succeed.
func (c *CLI) MustRun(tb testing.TB, args ...string) string {
	tb.Helper()
	out, err := c.Run(tb, args...)
	if err != nil {
		tb.Fatalf("%v: %v\n%s", args, err, out)
	}
	return out
}

// Files are the names of all files that the commands have left, the log among
// them, whose content has one of these texts in it.
func (c *CLI) Files(tb testing.TB, texts ...string) []string {
	tb.Helper()
	var found []string
	look := func(path string) {
		raw, err := os.ReadFile(path) //nolint:gosec // A file of the test.
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			tb.Fatal(err)
		}
		for _, text := range texts {
			if bytes.Contains(raw, []byte(text)) {
				found = append(found, path)
				return
			}
		}
	}
	err := filepath.WalkDir(c.Dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			look(path)
		}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	look(c.log)
	return found
}
