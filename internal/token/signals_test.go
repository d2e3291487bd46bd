//go:build unix

package token_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

// start starts a command in a process group of its own, as a shell or a
// pipeline does.
func start(t *testing.T, c *acctest.CLI, out *bytes.Buffer, args ...string) *exec.Cmd {
	t.Helper()
	cmd := c.Command(t.Context(), out, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	// What survives Terraform must not keep Wait from returning.
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// A signal for the whole process group while a create is under way: Terraform
// ends the run, and what is created is in the state.
func TestSignal_create(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	w.Inject(emulator.Fault{Method: "POST", Path: "/api_token", Kind: emulator.FaultLatency, Latency: 2 * time.Second})
	c := w.NewCLI(t, apiTokenConfig(""))
	var out bytes.Buffer
	cmd := start(t, c, &out, "apply", "-auto-approve")
	waitFor(t, func() bool { return w.Calls("POST", "/api_token") == 1 })
	must(t, syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM))
	_ = cmd.Wait() // Whether an interrupted apply counts as failed is Terraform's business.
	sameTokens(t, w, c.Dir, 1)
}

// SIGHUP and SIGKILL end Terraform at once. Nobody knows the value of the token
// that is created then, and it is deleted again.
func TestSignal_createWithoutTerraform(t *testing.T) {
	t.Parallel()
	for name, kill := range map[string]func(pid int) error{
		"SIGHUP for the group":  func(pid int) error { return syscall.Kill(-pid, syscall.SIGHUP) },
		"SIGKILL for Terraform": func(pid int) error { return syscall.Kill(pid, syscall.SIGKILL) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, emulator.Variant{})
			w.Inject(emulator.Fault{Method: "POST", Path: "/api_token", Kind: emulator.FaultLatency, Latency: 2 * time.Second})
			c := w.NewCLI(t, apiTokenConfig(""))
			var out bytes.Buffer
			cmd := start(t, c, &out, "apply", "-auto-approve")
			waitFor(t, func() bool { return w.Calls("POST", "/api_token") == 1 })
			must(t, kill(cmd.Process.Pid))
			_ = cmd.Wait()
			waitFor(t, func() bool { return !groupExists(cmd.Process.Pid) })
			if left := w.Others(); len(left) > 0 || len(w.Secrets()) != 2 {
				t.Errorf("left: %+v\n%s", left, out.String())
			}
		})
	}
}

// Ephemeral tokens are closed as after Ctrl-C, also when Terraform cannot ask for it.
func TestSignal_ephemeral(t *testing.T) {
	t.Parallel()
	requireEphemeral(t)
	for name, kill := range map[string]func(pid int) error{
		"SIGTERM for the group": func(pid int) error { return syscall.Kill(-pid, syscall.SIGTERM) },
		"SIGHUP for the group":  func(pid int) error { return syscall.Kill(-pid, syscall.SIGHUP) },
		"SIGKILL for Terraform": func(pid int) error { return syscall.Kill(pid, syscall.SIGKILL) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, emulator.Variant{})
			marker := filepath.Join(t.TempDir(), "running")
			c := w.NewCLI(t, strings.Replace(failingRun, `test -n \"$TOKEN\" && exit 3`, "touch "+marker+" && sleep 5", 1))
			var out bytes.Buffer
			cmd := start(t, c, &out, "apply", "-auto-approve")
			waitFor(t, func() bool { _, err := os.Stat(marker); return err == nil })
			must(t, kill(cmd.Process.Pid))
			_ = cmd.Wait()
			waitFor(t, func() bool { return !groupExists(cmd.Process.Pid) })
			if left := w.Others(); len(left) > 0 || len(w.Secrets()) != 2 {
				t.Errorf("left: %+v\n%s", left, out.String())
			}
		})
	}
}

// groupExists tells whether a process of the group is still running.
func groupExists(group int) bool { return syscall.Kill(-group, 0) == nil }
