package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-version"

	"github.com/prefactordev/terraform-provider-prefactor/internal/tfbinary"
)

// The whole demo, with the binary at hand: each step checks itself.
func TestRun(t *testing.T) {
	t.Parallel()
	binary, err := tfbinary.Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	// No keys: neither -step nor -keep waits for a person who is not there.
	err = run(t.Context(), &teller{out: &out, keys: strings.NewReader(""), step: true}, true)
	said := out.String()
	_, left, _ := strings.Cut(said, "\ncd ")
	left, _, _ = strings.Cut(left, "\n")
	t.Cleanup(func() {
		if left != "" {
			_ = os.RemoveAll(filepath.Dir(left))
		}
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	for _, want := range []string{binary.Name() + " " + binary.Version.String() + " at " + binary.Path, "day 69", "lock itself out", "steps"} {
		if !strings.Contains(said, want) {
			t.Errorf("the demo does not say %q:\n%s", want, said)
		}
	}
	if strings.Contains(said, "\x1b") {
		t.Error("there are colours where there is no terminal")
	}
	if told := strings.Contains(said, "own: 01"); told == ephemeralResources.missing(binary) {
		t.Errorf("the step with an ephemeral token was shown: %t", told)
	}
	if _, err := os.Stat(filepath.Join(left, "main.tf")); err != nil {
		t.Errorf("-keep does not leave the working folder: %v", err)
	}
}

// The picture in the README shows all steps.
func TestRecording(t *testing.T) {
	t.Parallel()
	svg, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "demo.svg"))
	if err != nil {
		t.Fatal(err)
	}
	var shown, want []string
	for _, line := range regexp.MustCompile(`class="t">(.*)</text>`).FindAllStringSubmatch(string(svg), -1) {
		shown = append(shown, html.UnescapeString(line[1]))
	}
	for i, s := range story {
		want = append(want, fmt.Sprintf("%2d. %s", i+1, s.title))
	}
	if !slices.Equal(shown, want) {
		t.Errorf("docs/demo.svg shows the steps %q, and the demo has %q; run make demo-svg", shown, want)
	}
}

func TestTell(t *testing.T) {
	t.Parallel()
	tell := func(err error) func(context.Context, *demo) error {
		return func(_ context.Context, d *demo) error {
			return errors.Join(err, d.expect(err == nil, "what it says is so"))
		}
	}
	broken := errors.New("broken")
	for name, test := range map[string]struct {
		steps []step
		err   error
		says  string
	}{
		"all true":     {steps: []step{{title: "one", tell: tell(nil)}}, says: "All 1 steps passed."},
		"one not true": {steps: []step{{title: "one", tell: tell(nil)}, {title: "two", tell: tell(broken)}}, err: broken, says: " 2. two"},
		"one too new": {
			steps: []step{{title: "one", tell: tell(nil)}, {title: "two", tell: tell(broken), needs: ephemeralResources}},
			says:  "not shown: needs Terraform 1.10 or OpenTofu 1.11, and this is Terraform 1.5.7",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			d := &demo{say: &teller{out: &out}, binary: tfbinary.Binary{Version: version.Must(version.NewVersion("1.5.7"))}}
			if err := d.tell(t.Context(), test.steps); !errors.Is(err, test.err) {
				t.Errorf("got %v", err)
			}
			if !strings.Contains(out.String(), test.says) {
				t.Errorf("%q is not said: %s", test.says, &out)
			}
		})
	}
}

// An interrupt ends a wait for a key that does not come.
func TestWait_interrupted(t *testing.T) {
	t.Parallel()
	keys, writer := io.Pipe()
	defer func() { _ = writer.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	say := &teller{out: io.Discard, keys: keys, step: true}
	say.pause(ctx)
	// The key of the next wait is not lost.
	go func() { _, _ = writer.Write([]byte("\n")) }()
	say.pause(t.Context())
}

func TestColours(t *testing.T) {
	t.Parallel()
	for colour, want := range map[bool]string{true: "    \x1b[32mok\x1b[0m so\n", false: "    ok so\n"} {
		var out bytes.Buffer
		(&teller{out: &out, colour: colour}).proof("so")
		if out.String() != want {
			t.Errorf("%q", &out)
		}
	}
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	if isTerminal(file) {
		t.Error("a file is taken for a terminal")
	}
}
