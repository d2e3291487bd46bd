package release

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	uses    = regexp.MustCompile(`(?m)^[ -]*uses: (.*)$`)
	pinned  = regexp.MustCompile(`^([\w.-]+/[\w./-]+)@([0-9a-f]{40}) # v[0-9.]+$`)
	matrix  = regexp.MustCompile(`(?m)^ +- \{ tool: (terraform|tofu), version: ([0-9.]+)\.x \}$`)
	version = regexp.MustCompile(`\b1\.[0-9]+\b`)
)

// Every action is pinned to a commit, and each to one commit in all workflows.
func TestWorkflows_pinned(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob(filepath.Join(root, ".github", "workflows", "*.yml"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no workflows: %v", err)
	}
	commits := map[string]string{}
	for _, path := range paths {
		for _, found := range uses.FindAllStringSubmatch(string(read(t, path)), -1) {
			action := pinned.FindStringSubmatch(found[1])
			switch {
			case strings.HasPrefix(found[1], "./"):
			case action == nil:
				t.Errorf("%s: %s is not pinned to a commit, with its version in a comment", path, found[1])
			default:
				// github/codeql-action/init and .../analyze are one repository.
				repository := strings.Join(strings.SplitN(action[1], "/", 3)[:2], "/")
				if other, ok := commits[repository]; ok && other != action[2] {
					t.Errorf("%s is pinned to %s and to %s", repository, other, action[2])
				}
				commits[repository] = action[2]
			}
		}
	}
	if len(commits) < 5 {
		t.Errorf("found only %v", commits)
	}
}

// README names the versions that the workflow tests.
func TestWorkflows_versions(t *testing.T) {
	t.Parallel()
	tested := map[string][]string{}
	for _, found := range matrix.FindAllStringSubmatch(string(read(t, root, ".github", "workflows", "test.yml")), -1) {
		tested[found[1]] = append(tested[found[1]], found[2])
	}
	readme := string(read(t, root, "README.md"))
	for tool, name := range map[string]string{"terraform": "Terraform", "tofu": "OpenTofu"} {
		_, row, ok := strings.Cut(readme, "\n| "+name+" | ")
		row, _, _ = strings.Cut(row, "\n")
		_, row, told := strings.Cut(row, "Tested: ")
		if got := version.FindAllString(row, -1); !ok || !told || !slices.Equal(got, tested[tool]) {
			t.Errorf("README names %v as tested with %s, the workflow tests %v", got, name, tested[tool])
		}
	}
}
