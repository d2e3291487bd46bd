package acctest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

func TestMain(m *testing.M) { Main(m) }

// driver is what brings one resource from a configuration to the next: Core or
// the binary.
type driver interface {
	// apply plans and applies; nil destroys.
	apply(config map[string]any) error
	taint() error
	imports(id string) error
	// forget removes the resource from the state only.
	forget() error
	// state is the resource in the state, and whether it is tainted; "" is none.
	state() (string, error)
}

// coreDriver is Core.
type coreDriver struct {
	t        *testing.T
	instance *Instance
}

func (d *coreDriver) apply(config map[string]any) error {
	_, err := d.instance.Run(d.t.Context(), config)
	return err
}

func (d *coreDriver) taint() error { d.instance.Tainted = true; return nil }

func (d *coreDriver) imports(id string) error { return d.instance.Import(d.t.Context(), id) }

func (d *coreDriver) forget() error { d.instance.State, d.instance.private = nil, nil; return nil }

func (d *coreDriver) state() (string, error) {
	if d.instance.State == nil {
		return "", nil
	}
	return fmt.Sprintf("tainted %t: %s", d.instance.Tainted, d.instance.stateValue()), nil
}

// binaryDriver is Terraform.
type binaryDriver struct {
	t   *testing.T
	cli *CLI
	// like has the type of the resource.
	like *Instance
}

func (d *binaryDriver) address() string { return d.like.typeName + ".test" }

func (d *binaryDriver) run(args ...string) error {
	if out, err := d.cli.Run(d.t, args...); err != nil {
		return fmt.Errorf("%v: %w: %s", args, err, out)
	}
	return nil
}

func (d *binaryDriver) write(config map[string]any) error {
	raw, err := json.Marshal(map[string]any{
		"terraform": map[string]any{"required_providers": map[string]any{"prefactor": map[string]any{"source": "prefactordev/prefactor"}}},
		"provider":  map[string]any{"prefactor": d.like.core.block},
		"resource":  map[string]any{d.like.typeName: map[string]any{"test": config}},
	})
	d.cli.WriteFile(d.t, "main.tf.json", string(raw))
	return err
}

func (d *binaryDriver) apply(config map[string]any) error {
	plan := []string{"plan", "-out=plan"}
	if config == nil {
		plan = append(plan, "-destroy")
	} else if err := d.write(config); err != nil {
		return err
	}
	if err := d.run(plan...); err != nil {
		return err
	}
	return d.run("apply", "plan")
}

func (d *binaryDriver) taint() error { return d.run("taint", d.address()) }

func (d *binaryDriver) imports(id string) error { return d.run("import", d.address(), id) }

func (d *binaryDriver) forget() error { return d.run("state", "rm", d.address()) }

func (d *binaryDriver) state() (string, error) {
	out, err := d.cli.Run(d.t, "show", "-json")
	if err != nil {
		return "", err
	}
	var shown struct {
		Values struct {
			RootModule struct {
				Resources []struct {
					Values  json.RawMessage `json:"values"`
					Tainted bool            `json:"tainted"`
				} `json:"resources"`
			} `json:"root_module"`
		} `json:"values"`
	}
	if err := json.Unmarshal([]byte(out), &shown); err != nil {
		return "", err
	}
	resources := shown.Values.RootModule.Resources
	if len(resources) == 0 {
		return "", nil
	}
	raw := tfprotov6.RawState{JSON: resources[0].Values}
	value, err := raw.Unmarshal(d.like.schema.ValueType())
	return fmt.Sprintf("tainted %t: %s", resources[0].Tainted, value), err
}

var (
	mark = regexp.MustCompile(`\.\d+Z`)
	uuid = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	id   = regexp.MustCompile(`\b[0-9a-hjkmnp-tv-z]{32}\b`)
)

// comparable leaves out what is random: the marks of expiries, idempotency keys,
// ids and token values. Ids and values are numbered.
func (w *World) comparable(text string, seen map[string]string) string {
	// First, for the others find what they look for in some values.
	for _, secret := range w.Secrets() {
		text = strings.ReplaceAll(text, secret, name(seen, secret, "secret"))
	}
	text = uuid.ReplaceAllString(mark.ReplaceAllString(text, "Z"), "uuid")
	return id.ReplaceAllStringFunc(text, func(id string) string { return name(seen, id, "id") })
}

func name(seen map[string]string, text, noun string) string {
	if seen[text] == "" {
		seen[text] = fmt.Sprintf("%s-%d", noun, len(seen))
	}
	return seen[text]
}

// A value that has what looks like a fraction of a second in it is still a value.
func TestComparable(t *testing.T) {
	t.Parallel()
	w := NewWorld(t, emulator.Variant{})
	for range 100_000 {
		_, secret := w.AddToken(emulator.TokenSpec{Scope: "account", AccountID: w.Account.ID})
		if mark.MatchString(secret) {
			if got := w.comparable(secret, map[string]string{secret: "secret-1"}); got != "secret-1" {
				t.Errorf("%s instead of secret-1", got)
			}
			return
		}
	}
}

// Core does what Terraform does: the same configurations, one after the other,
// give the same states by the same requests.
func TestCore_likeTerraform(t *testing.T) {
	t.Parallel()
	RequireTerraform(t)
	rotating := func(n string) map[string]any {
		return map[string]any{"lifetime": "2160h", "rotation": map[string]any{
			"before_expiry": "336h", "overlap": "24h", "suspend_for": "72h", "triggers": map[string]any{"n": n},
		}}
	}
	type step struct {
		name string
		// wait is before the step.
		wait time.Duration
		do   func(w *World, d driver) error
	}
	apply := func(name string, wait time.Duration, config map[string]any) step {
		return step{name: name, wait: wait, do: func(_ *World, d driver) error { return d.apply(config) }}
	}
	again := func(name string, do func(w *World, d driver) error, config map[string]any) []step {
		return []step{{name, Later, do}, apply("after it: "+name, 0, config)}
	}
	taint := func(_ *World, d driver) error { return d.taint() }
	for typeName, steps := range map[string][]step{
		"prefactor_api_token": slices.Concat(
			[]step{
				apply("create", 0, rotating("1")),
				apply("no change", time.Hour, rotating("1")),
				apply("rotation that is due", 77*24*time.Hour, rotating("1")),
				apply("suspension of the previous token", 25*time.Hour, rotating("1")),
				apply("removal of the previous token", 73*time.Hour, rotating("1")),
				apply("rotation by a trigger", 0, rotating("2")),
				apply("rotation within the overlap", time.Hour, rotating("3")),
				{"taint within the overlap", 0, taint},
				apply("replacement within the overlap", time.Hour, rotating("3")),
				apply("end of rotation", time.Hour, map[string]any{"lifetime": "100h"}),
				apply("replacement", 0, map[string]any{"lifetime": "200h"}),
				apply("change", 0, map[string]any{"lifetime": "200h", "status": "suspended"}),
				apply("change back", 0, map[string]any{"lifetime": "200h", "status": "active"}),
			},
			again("taint", taint, map[string]any{"lifetime": "200h"}),
			again("import", func(w *World, d driver) error {
				return errors.Join(d.forget(), d.imports(w.Others()[0].ID))
			}, map[string]any{"lifetime": "200h"}),
			again("deleted by somebody else", func(w *World, _ driver) error { return w.DeleteToken(w.Others()[0].ID) }, map[string]any{}),
			[]step{
				apply("rotation of a token without an end", 0, rotating("4")),
				apply("destruction", 0, nil),
				{"rejected create", 0, func(w *World, d driver) error {
					w.Inject(emulator.Fault{Method: http.MethodPost, Path: "/api_token", Kind: emulator.FaultStatus, Status: 400, Code: "bad_request", Times: 1})
					if err := d.apply(map[string]any{}); err == nil {
						return errors.New("the create succeeded")
					}
					return nil
				}},
				{"failed suspension of what was created", 0, func(w *World, d driver) error {
					w.Inject(emulator.Fault{Method: http.MethodPost, Path: "/api_token/:id/suspend", Kind: emulator.FaultStatus, Status: 403, Code: "not_permitted", Times: 1})
					if err := d.apply(map[string]any{"status": "suspended"}); err == nil {
						return errors.New("the create succeeded")
					}
					return nil
				}},
				apply("replacement of what was created halfway", 0, map[string]any{"status": "suspended"}),
				apply("destruction", 0, nil),
			},
		),
		"prefactor_agent": slices.Concat(
			[]step{
				apply("create", 0, map[string]any{"name": "bot", "external_identifier": "crm"}),
				apply("change", 0, map[string]any{"name": "bot", "description": "changed", "status": "retired"}),
				apply("change back", 0, map[string]any{"name": "bot", "status": "active"}),
			},
			again("taint", taint, map[string]any{"name": "bot"}),
			again("import", func(_ *World, d driver) error {
				text, err := d.state()
				if err != nil {
					return err
				}
				return errors.Join(d.forget(), d.imports(regexp.MustCompile(`"id":tftypes.String<"([^"]*)">`).FindStringSubmatch(text)[1]))
			}, map[string]any{"name": "bot"}),
			[]step{apply("destruction", 0, nil)},
		),
	} {
		t.Run(typeName, func(t *testing.T) {
			t.Parallel()
			start := NewClock().Now()
			var outcomes [2][]string
			for n := range outcomes {
				w := NewWorld(t, emulator.Variant{})
				w.Clock.Advance(start.Sub(w.Clock.Now()))
				seen := map[string]string{}
				like := w.NewCore(nil).Resource(t, typeName)
				d := driver(&coreDriver{t, like})
				if n == 1 {
					d = &binaryDriver{t, w.NewAttachedCLI(t), like}
				}
				for _, s := range steps {
					w.Clock.Advance(s.wait)
					w.ResetRequests()
					err := s.do(w, d)
					if err != nil {
						t.Fatalf("%T: %s: %v", d, s.name, err)
					}
					var requests strings.Builder
					for _, r := range w.Requests() {
						fmt.Fprintf(&requests, "%s %s?%s %s\n", r.Method, r.Path, r.Query.Encode(), r.Body)
					}
					state, err := d.state()
					if err != nil {
						t.Fatal(err)
					}
					outcomes[n] = append(outcomes[n], s.name+"\n"+w.comparable(requests.String()+state, seen))
				}
			}
			for n, got := range outcomes[0] {
				if want := outcomes[1][n]; got != want {
					t.Errorf("Core did:\n%s\nTerraform did:\n%s", got, want)
				}
			}
		})
	}
}
