package docs

import (
	"path/filepath"
	"regexp"
	"testing"
)

// The workflows in guides use the same major versions of actions as this
// repository's own, which are kept current, and one version of Terraform.
func TestGuides_pins(t *testing.T) {
	t.Parallel()
	own := map[string]string{}
	workflows, err := filepath.Glob(filepath.Join(root, ".github", "workflows", "*.yml"))
	if err != nil || len(workflows) == 0 {
		t.Fatalf("%d workflows, %v", len(workflows), err)
	}
	for _, path := range workflows {
		for _, uses := range regexp.MustCompile(`uses: (\S+)@[0-9a-f]{40} # (v\d+)`).FindAllStringSubmatch(read(t, ".github", "workflows", filepath.Base(path)), -1) {
			own[uses[1]] = uses[2]
		}
	}
	terraform := ""
	for _, guide := range []string{"ci.md", "rotation.md"} {
		text := read(t, "templates", "guides", guide)
		for _, uses := range regexp.MustCompile(`uses: (\S+)@(\S+)`).FindAllStringSubmatch(text, -1) {
			if own[uses[1]] != uses[2] {
				t.Errorf("%s uses %s at %s, and this repository's workflows %q", guide, uses[1], uses[2], own[uses[1]])
			}
		}
		for _, version := range regexp.MustCompile(`(?:terraform_version: "|hashicorp/terraform:)([\d.]+)`).FindAllStringSubmatch(text, -1) {
			if terraform == "" {
				terraform = version[1]
			}
			if version[1] != terraform {
				t.Errorf("%s has Terraform %s, and other examples %s", guide, version[1], terraform)
			}
		}
	}
}
