package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfbinary"
)

// demo is the stage: a platform, a provider, and a folder in which Terraform
// is run.
type demo struct {
	say      *teller
	keep     bool
	binary   tfbinary.Binary
	clock    clock
	platform *emulator.Platform
	server   *http.Server
	url      string
	folder   string
	work     string

	account     emulator.Account
	production  emulator.Environment
	agent       emulator.Agent
	admin       emulator.Token
	adminSecret string
}

// clock is the real time and what the demo has skipped, for the platform and
// for the provider.
type clock struct{ skipped atomic.Int64 }

func (c *clock) now() time.Time { return time.Now().Add(c.ahead()) }

func (c *clock) ahead() time.Duration { return time.Duration(c.skipped.Load()) }

func (c *clock) skip(d time.Duration) { c.skipped.Add(int64(d)) }

func newDemo(ctx context.Context, say *teller, keep bool) (*demo, error) {
	d := &demo{say: say, keep: keep}
	var err error
	if d.binary, err = tfbinary.Find(ctx); err != nil {
		return nil, err
	}
	if d.folder, err = os.MkdirTemp("", "prefactor-demo-"); err != nil {
		return nil, err
	}
	d.work = filepath.Join(d.folder, "work")
	ready := false
	defer func() {
		if !ready {
			d.close()
		}
	}()
	if err := os.Mkdir(d.work, 0o700); err != nil {
		return nil, err
	}
	say.line("%s %s at %s", d.binary.Name(), d.binary.Version, d.binary.Path)
	if err := d.buildProvider(ctx); err != nil {
		return nil, err
	}
	if err := d.startPlatform(ctx); err != nil {
		return nil, err
	}
	say.line("the emulated platform at %s, with the account %q in it", d.url, d.account.Name)
	ready = true
	return d, nil
}

// buildProvider builds the provider and points Terraform to it by dev_overrides.
func (d *demo) buildProvider(ctx context.Context) error {
	plugins := filepath.Join(d.folder, "plugins")
	//nolint:gosec // The arguments are the demo's own.
	build := exec.CommandContext(ctx, "go", "build", "-o", filepath.Join(plugins, "terraform-provider-prefactor"+executableSuffix()), "github.com/prefactordev/terraform-provider-prefactor/internal/cmd/demo/subject")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building the provider: %w\n%s", err, out)
	}
	rc := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"prefactordev/prefactor\" = %q\n  }\n  direct {}\n}\n", plugins)
	return os.WriteFile(d.cliConfig(), []byte(rc), 0o600)
}

func executableSuffix() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}

func (d *demo) cliConfig() string { return filepath.Join(d.folder, "terraform.rc") }

func (d *demo) startPlatform(ctx context.Context) error {
	d.platform = emulator.New(emulator.Options{Now: d.clock.now})
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	d.server = &http.Server{Handler: d.platform, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = d.server.Serve(listener) }()
	d.url = "http://" + listener.Addr().String()

	d.account = d.platform.AddAccount("Acme")
	d.production = d.platform.AddEnvironment(d.account.ID, "production")
	d.agent = d.platform.AddAgent(d.account.ID, "support-bot")
	d.platform.AddDeployment(d.agent.ID, d.production.ID)
	you := d.platform.AddAdminUser(d.account.ID, "You", "you@example.com")
	d.admin, d.adminSecret = d.platform.AddToken(emulator.TokenSpec{Scope: "account", AccountID: d.account.ID, CreatedBy: you.ID})
	return nil
}

func (d *demo) close() {
	if d.server != nil {
		_ = d.server.Close()
	}
	if !d.keep {
		_ = os.RemoveAll(d.folder)
	}
}

// play leaves the stage to the person, with the platform still up.
func (d *demo) play(ctx context.Context) {
	d.say.print("\nThe working folder is left, and the platform listens until you press Enter:\n\n"+
		"cd %s\nexport TF_CLI_CONFIG_FILE=%s\nexport PREFACTOR_API_URL=%s\nexport PREFACTOR_API_TOKEN=%s\nexport DEMO_SKIPPED=%s\n\n",
		d.work, d.cliConfig(), d.url, d.adminSecret, d.clock.ahead())
	d.say.wait(ctx, "(Enter to end the platform)")
}

// write puts the configuration of the next step down.
func (d *demo) write(config string) error {
	return os.WriteFile(filepath.Join(d.work, "main.tf"), []byte(preamble+config), 0o600)
}

// preamble stands in front of every configuration of the demo.
const preamble = `terraform {
  required_providers {
    prefactor = { source = "prefactordev/prefactor" }
  }
}

# The token and the address come from PREFACTOR_API_TOKEN and PREFACTOR_API_URL.
provider "prefactor" {}

`

// terraform runs the binary with the admin's token and gives what it printed.
// The command is shown, its output is not.
func (d *demo) terraform(ctx context.Context, args ...string) (string, error) {
	d.say.command(append([]string{d.name()}, args...)...)
	return d.quiet(ctx, args...)
}

func (d *demo) quiet(ctx context.Context, args ...string) (string, error) {
	return d.runAs(ctx, d.adminSecret, args...)
}

// runAs runs the binary with a token for the provider.
func (d *demo) runAs(ctx context.Context, token string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, d.binary.Path, args...) //nolint:gosec // The binary that the person chose.
	cmd.Dir = d.work
	cmd.Env = tfbinary.Environment(
		"TF_CLI_CONFIG_FILE="+d.cliConfig(), "TF_CLI_ARGS=-no-color", tfbinary.NoPluginTLS,
		"PREFACTOR_API_URL="+d.url, "PREFACTOR_API_TOKEN="+token, "DEMO_SKIPPED="+d.clock.ahead().String(),
	)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	text := strings.ReplaceAll(out.String(), "\r\n", "\n")
	if err != nil {
		return text, fmt.Errorf("%s %s: %w\n%s", d.binary.Name(), strings.Join(args, " "), err, text)
	}
	return text, nil
}

// apply writes a configuration, applies it, and wants nothing to be left to do.
func (d *demo) apply(ctx context.Context, config string, args ...string) (string, error) {
	if err := d.write(config); err != nil {
		return "", err
	}
	out, err := d.terraform(ctx, append([]string{"apply", "-auto-approve"}, args...)...)
	if err != nil {
		return out, err
	}
	d.say.quote(last(out, "Apply complete!"))
	return out, d.settled(ctx)
}

// settled wants a plan to have nothing to do.
func (d *demo) settled(ctx context.Context) error {
	if _, err := d.quiet(ctx, "plan", "-detailed-exitcode"); err != nil {
		return fmt.Errorf("the plan after the apply is not empty: %w", err)
	}
	return nil
}

// outputs are those of the root module.
type outputs struct {
	CI   output[string]   `json:"ci"`
	CIID output[string]   `json:"ci_id"`
	Bot  output[string]   `json:"bot"`
	All  output[[]string] `json:"all"`
}

type output[T any] struct {
	Value T `json:"value"`
}

func (d *demo) outputs(ctx context.Context) (outputs, error) {
	var o outputs
	out, err := d.quiet(ctx, "output", "-json")
	if err != nil {
		return o, err
	}
	// Warnings, such as that of dev_overrides, go to the error stream, which
	// is in the same text.
	_, object, _ := strings.Cut(out, "{")
	return o, json.NewDecoder(strings.NewReader("{" + object)).Decode(&o)
}

func (d *demo) expect(ok bool, what string) error {
	if !ok {
		return errors.New("not so: " + what)
	}
	d.say.proof(what)
	return nil
}

// last is the last line of text that begins with prefix.
func last(text, prefix string) string {
	found := ""
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, prefix) {
			found = line
		}
	}
	return found
}

// part is the warning or error of a title, without what stands around it.
func part(text, title string) string {
	var lines []string
	for line := range strings.Lines(text) {
		// Terraform draws a frame where it takes the output for a terminal.
		line = strings.TrimSpace(strings.TrimLeft(line, "│╷╵ "))
		begins := strings.HasPrefix(line, "Warning:") || strings.HasPrefix(line, "Error:") || strings.HasPrefix(line, "Plan:")
		switch {
		case len(lines) == 0 && begins && strings.Contains(line, title):
			lines = append(lines, line)
		case len(lines) > 0 && begins:
			return strings.Join(lines, "\n")
		case len(lines) > 0:
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

var warning = regexp.MustCompile(`(?m)^[│ ]*Warning: (.*)$`)

// anID is a token's id within a title.
var anID = regexp.MustCompile(` [0-7][0-9a-z]{31}\b`)

// warnings are the titles of the warnings in what Terraform printed, without
// ids and without the one of dev_overrides that each command has.
func warnings(text string) []string {
	var titles []string
	for _, found := range warning.FindAllStringSubmatch(text, -1) {
		if title := anID.ReplaceAllString(strings.TrimSpace(found[1]), ""); !strings.Contains(title, "overrides") && !slices.Contains(titles, title) {
			titles = append(titles, title)
		}
	}
	return titles
}

// name is what a person types.
func (d *demo) name() string { return filepath.Base(d.binary.Path) }
