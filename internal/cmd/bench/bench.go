package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfbinary"
)

// Who is measured.
const (
	coalesced   = "with coalescing"
	uncoalesced = "without coalescing"
	noCalls     = "no calls"
	builtIn     = "built-in"
)

// What is measured: account tokens, and deployment tokens of a platform whose
// tokens do not show their agents (reference: queryapitokenlist).
const (
	ofAccount    = "account"
	ofDeployment = "deployment"
	// ofEstate are deployment tokens with what they are for: as many deployments,
	// the agents, and the environments.
	ofEstate = "estate"
)

// estate is how many tokens an estate has.
const (
	estate       = 120
	environments = 3
)

// agents is how many agents the deployment tokens are for.
const agents = 40

const (
	latency     = 50 * time.Millisecond
	pageLatency = 150 * time.Millisecond
)

// bench is a machine set up for measuring: two providers that were built from
// this tree, and a folder.
type bench struct {
	binary tfbinary.Binary
	folder string
	// profiles is the folder into which a plan of each size is profiled, beside
	// what is measured; empty for none.
	profiles string
}

func newBench(ctx context.Context) (*bench, error) {
	binary, err := tfbinary.Find(ctx)
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "prefactor-bench-")
	if err != nil {
		return nil, err
	}
	b := &bench{binary: binary, folder: folder}
	const module = "github.com/prefactordev/terraform-provider-prefactor"
	for plugins, pkg := range map[string]string{"real": module, "subject": module + "/internal/cmd/bench/subject"} {
		target := filepath.Join(folder, plugins, "terraform-provider-prefactor")
		build := exec.CommandContext(ctx, "go", "build", "-o", target, pkg) //nolint:gosec // The arguments are the bench's own.
		if out, err := build.CombinedOutput(); err != nil {
			b.close()
			return nil, fmt.Errorf("building %s: %w\n%s", pkg, err, out)
		}
		rc := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"prefactordev/prefactor\" = %q\n  }\n  direct {}\n}\n", filepath.Dir(target))
		if err := os.WriteFile(filepath.Join(folder, plugins+".rc"), []byte(rc), 0o600); err != nil {
			b.close()
			return nil, err
		}
	}
	return b, nil
}

func (b *bench) close() { _ = os.RemoveAll(b.folder) }

// scene is a platform with tokens, and a working folder whose state has them.
type scene struct {
	b        *bench
	platform *emulator.Platform
	server   *http.Server
	env      []string
	work     string
	// account, environment and agents are what the tokens are for.
	account, environment string
	agents               []string
}

func (b *bench) newScene(ctx context.Context) (*scene, error) {
	p := emulator.New(emulator.Options{Variant: emulator.Variant{AgentID: "absent"}})
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &scene{b: b, platform: p, server: &http.Server{Handler: p, ReadHeaderTimeout: 10 * time.Second}}
	go func() { _ = s.server.Serve(listener) }()
	s.account = p.AddAccount("Acme").ID
	s.environment = p.AddEnvironment(s.account, "production").ID
	for i := range agents {
		agent := p.AddAgent(s.account, fmt.Sprintf("bot-%d", i)).ID
		p.AddDeployment(agent, s.environment)
		s.agents = append(s.agents, agent)
	}
	_, secret := p.AddToken(emulator.TokenSpec{Scope: "account", AccountID: s.account})
	s.env = []string{"PREFACTOR_API_URL=http://" + listener.Addr().String(), "PREFACTOR_API_TOKEN=" + secret}
	s.work, err = os.MkdirTemp(b.folder, "work-")
	return s, err
}

func (s *scene) close() { _ = s.server.Close() }

// slow gives the platform its latency.
func (s *scene) slow() {
	s.platform.Inject(emulator.Fault{Kind: emulator.FaultLatency, Latency: latency})
	s.platform.Inject(emulator.Fault{Method: "GET", Path: "/api_token", Kind: emulator.FaultLatency, Latency: pageLatency - latency})
}

const header = "terraform {\n  required_providers {\n    prefactor = { source = \"prefactordev/prefactor\" }\n  }\n}\n"

func (s *scene) write(config string) error {
	return os.WriteFile(filepath.Join(s.work, "main.tf"), []byte(config), 0o600)
}

// tokens is a configuration of n tokens of a kind.
func (s *scene) tokens(kind string, n int) string {
	if kind == ofAccount {
		return header + blocks(n, "prefactor_api_token", `lifetime = "2160h"`)
	}
	return header + fmt.Sprintf("locals {\n  agents = [\"%s\"]\n}\n", strings.Join(s.agents, `", "`)) +
		blocks(n, "prefactor_deployment_token", fmt.Sprintf("lifetime       = \"2160h\"\n  environment_id = %q\n  agent_id       = local.agents[count.index %% %d]", s.environment, agents))
}

// estate is the configuration of an estate.
func (s *scene) estate() string {
	return header + fmt.Sprintf(`
resource "prefactor_environment" "all" {
  count      = %d
  account_id = %q
  name       = "environment ${count.index}"
}

resource "prefactor_agent" "all" {
  count = %d
  name  = "agent ${count.index}"
}

resource "prefactor_agent_deployment" "all" {
  count          = %d
  agent_id       = prefactor_agent.all[floor(count.index / %[1]d)].id
  environment_id = prefactor_environment.all[count.index %% %[1]d].id
}

resource "prefactor_deployment_token" "all" {
  count          = %[4]d
  lifetime       = "2160h"
  agent_id       = prefactor_agent_deployment.all[count.index].agent_id
  environment_id = prefactor_agent_deployment.all[count.index].environment_id
}
`, environments, s.account, estate/environments, estate)
}

func data(n int) string { return blocks(n, "terraform_data", `input = "a"`) }

// block is how many instances a resource has. For each instance Terraform
// copies all of the same resource: with thousands in one, most of what is
// measured would be that.
const block = 100

// blocks are n instances in resources of a block each.
func blocks(n int, typeName, argument string) string {
	var config strings.Builder
	for i := 0; i*block < n; i++ {
		fmt.Fprintf(&config, "resource %q \"many_%d\" {\n  count = %d\n  %s\n}\n", typeName, i, min(block, n-i*block), argument)
	}
	return config.String()
}

// lists are the paths of the lists.
var lists = []string{"/api/v1/api_token", "/api/v1/environment", "/api/v1/agent", "/api/v1/agent_deployment"}

// terraform runs a command and measures it.
func (s *scene) terraform(ctx context.Context, plugins string, env []string, args ...string) (result, error) {
	s.platform.ResetRequests()
	cmd := exec.CommandContext(ctx, s.b.binary.Path, args...) //nolint:gosec // The binary that the person chose.
	cmd.Dir = s.work
	cmd.Env = tfbinary.Environment(slices.Concat(s.env, env, []string{"TF_CLI_CONFIG_FILE=" + filepath.Join(s.b.folder, plugins+".rc")})...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	watch := watchMemory(filepath.Join(s.b.folder, plugins))
	started := time.Now()
	err := cmd.Run()
	r := result{wall: time.Since(started), memory: watch(), inFlight: s.platform.InFlightMax()}
	if state := cmd.ProcessState; state != nil {
		r.processor = state.UserTime() + state.SystemTime()
	}
	for _, q := range s.platform.Requests() {
		switch {
		case q.Method != http.MethodGet:
			r.changes++
		case slices.Contains(lists, q.Path):
			r.lists++
		default:
			r.reads++
		}
	}
	if err != nil {
		return r, fmt.Errorf("%v: %w\n%s", args, err, out.String())
	}
	return r, nil
}

// runs is how often a plan is measured whose ratio to another one is wanted: in turn
// with the other one. The fastest counts, because everything that disturbs a run makes
// it slower, by up to a tenth.
const runs = 3

// refreshes measures plans and refreshes of n tokens of a kind that exist.
func (b *bench) refreshes(ctx context.Context, kind string, n int, t *table) error {
	s, err := b.newScene(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	if err := s.state(ctx, kind, n); err != nil {
		return err
	}
	s.slow()
	for _, command := range [][]string{{"plan", "-detailed-exitcode"}, {"plan", "-refresh-only"}} {
		what := strings.TrimSuffix(strings.Join(command, " "), " -detailed-exitcode")
		measured := map[string][]result{}
		for run := range runs {
			for _, who := range []struct {
				name, plugins string
				env           []string
			}{{noCalls, "subject", []string{"BENCH_CALLS=none"}}, {coalesced, "real", nil}, {uncoalesced, "real", []string{"PREFACTOR_COALESCE=off"}}} {
				if who.name == uncoalesced && run > 0 {
					continue // Its ratio is far from 1.
				}
				r, err := s.terraform(ctx, who.plugins, who.env, command...)
				if err != nil {
					return err
				}
				r.what, r.kind, r.tokens, r.who = what, kind, n, who.name
				measured[who.name] = append(measured[who.name], r)
			}
		}
		for _, who := range []string{noCalls, coalesced, uncoalesced} {
			t.add(fastest(measured[who]))
		}
	}
	if kind != ofAccount {
		return nil
	}
	if b.profiles != "" {
		if _, err := s.terraform(ctx, "subject", []string{"BENCH_PROFILE=" + b.profiles}, "plan"); err != nil {
			return err
		}
	}
	floor, err := b.newScene(ctx)
	if err != nil {
		return err
	}
	defer floor.close()
	if err := floor.dataState(ctx, n); err != nil {
		return err
	}
	r, err := floor.terraform(ctx, "real", nil, "plan", "-detailed-exitcode")
	r.what, r.kind, r.tokens, r.who, r.memory = "plan", builtIn, n, builtIn, 0
	t.add(r)
	return err
}

// fastest is the result that took the shortest time, with the shortest processor
// time of all of them.
func fastest(all []result) result {
	least := slices.MinFunc(all, func(a, b result) int { return cmp.Compare(a.processor, b.processor) })
	r := slices.MinFunc(all, func(a, b result) int { return cmp.Compare(a.wall, b.wall) })
	r.processor = least.processor
	return r
}

// applies measures the creation and the destruction of n tokens of a kind.
func (b *bench) applies(ctx context.Context, kind string, n int, t *table) error {
	s, err := b.newScene(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	config, who := data(n), builtIn
	if kind != builtIn {
		config, who = s.tokens(kind, n), coalesced
	}
	if err := s.write(config); err != nil {
		return err
	}
	s.slow()
	for _, command := range [][]string{{"apply", "-auto-approve"}, {"destroy", "-auto-approve"}} {
		r, err := s.terraform(ctx, "real", nil, command...)
		if err != nil {
			return err
		}
		r.what, r.kind, r.tokens, r.who = command[0], kind, n, who
		if who == builtIn {
			r.memory = 0
		}
		t.add(r)
	}
	return nil
}

// state makes the state of n tokens: one is created by Terraform, the others
// are copies of it. To create thousands would take Terraform minutes. An estate is
// small, and its objects refer to each other: Terraform creates all of it.
func (s *scene) state(ctx context.Context, kind string, n int) error {
	if kind == ofEstate {
		if err := s.write(s.estate()); err != nil {
			return err
		}
		_, err := s.terraform(ctx, "real", nil, "apply", "-auto-approve")
		return err
	}
	return s.multiply(ctx, s.tokens(kind, 1), s.tokens(kind, n), n, func(index int, attributes map[string]any) {
		expires, err := time.Parse(time.RFC3339Nano, fmt.Sprint(attributes["expires_at"]))
		if err != nil {
			expires = time.Now().AddDate(0, 3, 0)
		}
		spec := emulator.TokenSpec{Scope: "account", AccountID: s.account, ExpiresAt: expires}
		if kind == ofDeployment {
			spec.Scope, spec.AgentID, spec.EnvironmentID = "agent_deployment", s.agents[index%agents], s.environment
		}
		k, secret := s.platform.AddToken(spec)
		attributes["id"], attributes["token"] = k.ID, secret
		attributes["created_at"] = k.InsertedAt.Format(time.RFC3339Nano)
		if kind == ofDeployment {
			attributes["agent_id"], attributes["agent_deployment_id"] = k.AgentID, k.AgentDeploymentID
		}
	})
}

func (s *scene) dataState(ctx context.Context, n int) error {
	count := 0
	return s.multiply(ctx, data(1), data(n), n, func(_ int, attributes map[string]any) {
		count++
		attributes["id"] = fmt.Sprintf("00000000-0000-0000-0000-%012d", count)
	})
}

// multiply applies a configuration of one instance, copies it in the state,
// each copy changed by its index, and leaves the configuration of all.
func (s *scene) multiply(ctx context.Context, one, all string, n int, change func(index int, attributes map[string]any)) error {
	if err := s.write(one); err != nil {
		return err
	}
	if _, err := s.terraform(ctx, "real", nil, "apply", "-auto-approve"); err != nil {
		return err
	}
	path := filepath.Join(s.work, "terraform.tfstate")
	raw, err := os.ReadFile(path) //nolint:gosec // A file of the bench's own.
	if err != nil {
		return err
	}
	var state map[string]any
	if err := json.Unmarshal(raw, &state); err != nil {
		return err
	}
	many, _ := state["resources"].([]any)[0].(map[string]any)
	first := many["instances"].([]any)[0]
	var resources []any
	for i := range n {
		instance, _ := first.(map[string]any)
		if i > 0 {
			instance = nil
			if err := copyJSON(first, &instance); err != nil {
				return err
			}
			attributes, _ := instance["attributes"].(map[string]any)
			change(i%block, attributes)
			delete(instance, "identity")
		}
		instance["index_key"] = i % block
		if i%block == 0 {
			resource := maps.Clone(many)
			resource["name"], resource["instances"] = fmt.Sprintf("many_%d", i/block), []any{}
			resources = append(resources, resource)
		}
		last, _ := resources[len(resources)-1].(map[string]any)
		last["instances"] = append(last["instances"].([]any), instance)
	}
	state["resources"] = resources
	if raw, err = json.Marshal(state); err != nil {
		return err
	}
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		return err
	}
	return s.write(all)
}

func copyJSON(from, into any) error {
	raw, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, into)
}

// watchMemory follows the processes that run from a folder and gives a function
// that ends it and tells the most memory that one of them had, in MiB.
func watchMemory(folder string) func() float64 {
	stop, done := make(chan struct{}), make(chan float64)
	go func() {
		most := 0.0
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				done <- most
				return
			case <-tick.C:
				most = max(most, memoryOf(folder))
			}
		}
	}()
	return func() float64 {
		close(stop)
		return <-done
	}
}

// memoryOf is the peak so far, as Linux tells it; 0 elsewhere.
func memoryOf(folder string) float64 {
	links, err := filepath.Glob("/proc/[0-9]*/exe")
	if err != nil {
		return 0
	}
	most := 0.0
	for _, link := range links {
		target, err := os.Readlink(link)
		if err != nil || !strings.HasPrefix(target, folder) {
			continue
		}
		status, err := os.ReadFile(filepath.Join(filepath.Dir(link), "status"))
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(status)) {
			if fields := strings.Fields(line); len(fields) >= 2 && fields[0] == "VmHWM:" {
				if kib, err := strconv.ParseFloat(fields[1], 64); err == nil {
					most = max(most, kib/1024)
				}
			}
		}
	}
	return most
}
