package tfbinary

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// answers is what a fake binary prints, from the file of its name and
// ".answers". The fakes are this test binary under another name: a script that
// was written a moment ago can fail to start with "text file busy" in tests
// which run in parallel, and does not run on Windows.
type answers struct {
	JSON   string `json:"json"`
	Text   string `json:"text"`
	Stderr string `json:"stderr"`
	Exit   int    `json:"exit"`
	Hang   bool   `json:"hang"`
}

func terraformAnswers(v string) answers {
	return answers{
		JSON: fmt.Sprintf(`{"terraform_version": %q, "platform": "linux_amd64", "provider_selections": {}, "terraform_outdated": false}`, v),
		Text: "Terraform v" + v + "\non linux_amd64\n",
	}
}

func tofuAnswers(v string) answers {
	return answers{
		JSON: fmt.Sprintf(`{"terraform_version": %q, "platform": "linux_amd64", "provider_selections": {}}`, v),
		Text: "OpenTofu v" + v + "\non linux_amd64\n",
	}
}

func TestMain(m *testing.M) {
	name := strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe")
	if name == "terraform" || name == "tofu" || strings.HasPrefix(name, "fake") {
		os.Exit(playFake(os.Args[0], os.Args[1:]))
	}
	// For the fakes: a program with the race detector otherwise sleeps a second
	// before it ends.
	if err := os.Setenv("GORACE", "atexit_sleep_ms=0"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func playFake(path string, args []string) int {
	data, err := os.ReadFile(path + ".answers") //nolint:gosec // A file that a test wrote.
	if err != nil {
		fmt.Fprintln(os.Stderr, "the fake has no answers")
		return 1
	}
	var a answers
	if err := json.Unmarshal(data, &a); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if os.Getenv("CHECKPOINT_DISABLE") != "1" || os.Getenv("TF_CLI_ARGS") != "" || os.Getenv("TF_CLI_ARGS_version") != "" {
		fmt.Fprintln(os.Stderr, "wrong environment")
		return 1
	}
	if a.Hang {
		time.Sleep(time.Minute) //nolint:forbidigo // It plays a binary that hangs.
	}
	_, _ = os.Stderr.WriteString(a.Stderr)
	switch strings.Join(args, " ") {
	case "version -json":
		_, _ = os.Stdout.WriteString(a.JSON)
	case "version":
		_, _ = os.Stdout.WriteString(a.Text)
	default:
		fmt.Fprintln(os.Stderr, "unexpected arguments")
		return 1
	}
	return a.Exit
}

// exe is the file name of a program.
func exe(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}

// putFake makes a fake binary in a folder and gives its path.
func putFake(t *testing.T, folder, name string, a answers) string {
	t.Helper()
	path := filepath.Join(folder, exe(name))
	putAnswers(t, path, a)
	putBinary(t, path)
	return path
}

func putAnswers(t *testing.T, path string, a answers) {
	t.Helper()
	data, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+".answers", data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func putBinary(t *testing.T, path string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// Windows lets few users make symbolic links, and hard links everybody.
	if os.Symlink(self, path) == nil || os.Link(self, path) == nil {
		return
	}
	t.Skip("no links can be made here")
}
