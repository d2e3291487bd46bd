package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What CONTRIBUTING names exists: each path, and each function of the table of
// tasks in its file.
func TestContributing(t *testing.T) {
	t.Parallel()
	text := read(t, "CONTRIBUTING.md")
	found := regexp.MustCompile("`((?:internal|examples|templates|docs)/[a-z_./-]+)`").FindAllStringSubmatch(text, -1)
	if len(found) < 20 {
		t.Fatalf("found only %d paths", len(found))
	}
	for _, path := range found {
		if _, err := os.Stat(filepath.Join(root, path[1])); err != nil {
			t.Errorf("CONTRIBUTING.md names %s, which is not there", path[1])
		}
	}
	_, layout, _ := strings.Cut(text, "```\n")
	layout, _, _ = strings.Cut(layout, "```\n")
	folders, err := filepath.Glob(filepath.Join(root, "internal", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		if name := "internal/" + filepath.Base(folder) + "/"; !strings.Contains(layout, "\n"+name+" ") {
			t.Errorf("the layout in CONTRIBUTING.md has no %s", name)
		}
	}
	tasks := regexp.MustCompile("(?m)^\\|[^|]+\\| `(internal/[a-z_/]+\\.go)` \\| `([A-Za-z]+)` \\|$").FindAllStringSubmatch(text, -1)
	if len(tasks) < 10 {
		t.Errorf("found only %d tasks", len(tasks))
	}
	for _, task := range tasks {
		if !regexp.MustCompile(`(?m)^func (\([^)]*\) )?` + task[2] + `[\[(]`).MatchString(read(t, filepath.FromSlash(task[1]))) {
			t.Errorf("CONTRIBUTING.md names the function %s of %s, which is not there", task[2], task[1])
		}
	}
}
