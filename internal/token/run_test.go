package token_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

// stateIDs are the ids of the tokens in a state file.
func stateIDs(t *testing.T, dir string) []string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "terraform.tfstate")) //nolint:gosec // A file of the test.
	if err != nil {
		t.Fatal(err)
	}
	var state struct {
		Resources []struct {
			Instances []struct {
				Attributes struct {
					ID    string `json:"id"`
					Token string `json:"token"`
				} `json:"attributes"`
			} `json:"instances"`
		} `json:"resources"`
	}
	if err := json.Unmarshal(raw, &state); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, r := range state.Resources {
		for _, i := range r.Instances {
			if i.Attributes.ID != "" && i.Attributes.Token != "" {
				ids = append(ids, i.Attributes.ID)
			}
		}
	}
	return ids
}

// sameTokens wants the platform and a state file to have the same tokens.
func sameTokens(t *testing.T, w *acctest.World, dir string, want int) {
	t.Helper()
	known := map[string]bool{}
	for _, id := range stateIDs(t, dir) {
		known[id] = true
	}
	others := w.Others()
	for _, k := range others {
		if !known[k.ID] {
			t.Errorf("token %s is %s at the platform and in no state", k.ID, k.Status)
		}
	}
	if len(known) != want || len(others) != want {
		t.Errorf("%d tokens in the state and %d at the platform, not %d", len(known), len(others), want)
	}
}

// Ctrl-C while a create is under way: its answer is waited for, and the token
// is in the state.
func TestInterrupt_create(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	w.Inject(emulator.Fault{Method: "POST", Path: "/api_token", Kind: emulator.FaultLatency, Latency: time.Second})
	c := w.NewCLI(t, apiTokenConfig(""))
	var out bytes.Buffer
	cmd := c.Command(t.Context(), &out, "apply", "-auto-approve")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { return w.Calls("POST", "/api_token") == 1 })
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // Whether an interrupted apply counts as failed is Terraform's business.
	sameTokens(t, w, c.Dir, 1)
	w.ClearFaults()
	c.MustRun(t, "plan", "-detailed-exitcode")
}

// Two configurations in one account, applied at the same time.
func TestConcurrentApplies(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	many := "resource \"prefactor_api_token\" \"many\" {\n count = 20\n lifetime = \"100h\"\n}\n"
	var group errgroup.Group
	first, second := w.NewCLI(t, many), w.NewCLI(t, many)
	for _, c := range []*acctest.CLI{first, second} {
		group.Go(func() error {
			_, err := c.Run(t, "apply", "-auto-approve")
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	if a, b := len(stateIDs(t, first.Dir)), len(stateIDs(t, second.Dir)); a != 20 || b != 20 || len(w.Others()) != 40 {
		t.Errorf("%d and %d tokens in the states, %d at the platform", a, b, len(w.Others()))
	}
	for _, c := range []*acctest.CLI{first, second} {
		c.MustRun(t, "plan", "-detailed-exitcode")
		c.MustRun(t, "destroy", "-auto-approve")
	}
	must(t, w.NothingLeft(nil))
}

// One provider creates, rotates and deletes many tokens at once.
func TestTokens_atOnce(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	c := w.NewAttachedCLI(t)
	many := "count = 15\n lifetime = \"100h\"\n rotation = { triggers = { n = var.n } }\n"
	c.Write(t, "variable \"n\" {}\n"+w.ProviderBlock()+"resource \"prefactor_api_token\" \"many\" {\n"+many+"}\n"+
		fmt.Sprintf("resource \"prefactor_deployment_token\" \"many\" {\n agent_id = %q\n environment_id = %q\n %s}\n", w.Agent.ID, w.Production.ID, many))
	for n, tokens := range []int{30, 60} {
		c.MustRun(t, "apply", "-auto-approve", fmt.Sprintf("-var=n=%d", n))
		if others := len(w.Others()); others != tokens {
			t.Errorf("%d tokens, not %d", others, tokens)
		}
	}
	c.MustRun(t, "destroy", "-auto-approve", "-var=n=1")
	must(t, w.NothingLeft(nil))
}

// Many tokens at once on a platform on which one request in twenty fails, in
// each of four ways.
func TestManyUnderFaults(t *testing.T) {
	t.Parallel()
	count := 100
	if os.Getenv("PREFACTOR_CHAOS") == "full" {
		count = 1000
	}
	w := acctest.NewWorld(t, emulator.Variant{Replay: "second"})
	for _, f := range []emulator.Fault{
		{Kind: emulator.FaultCutAfter}, {Kind: emulator.FaultStatusAfter, Status: 502}, {Kind: emulator.FaultStatus, Status: 429, RetryAfter: "0"}, {Kind: emulator.FaultTruncatedJSON},
	} {
		f.Probability = 0.0125
		w.Inject(f)
	}
	c := w.NewCLI(t, "variable \"n\" {}\nresource \"prefactor_api_token\" \"many\" {\n count = var.n\n lifetime = \"100h\"\n}\n")
	n := fmt.Sprintf("-var=n=%d", count)
	if out, err := c.Run(t, "apply", "-auto-approve", "-parallelism=50", n); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	w.ClearFaults()
	sameTokens(t, w, c.Dir, count)
	c.MustRun(t, "plan", "-detailed-exitcode", n)
}
