package docs

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every relative link leads to a file that is there, and to a heading in it.
func TestLinks(t *testing.T) {
	t.Parallel()
	for _, path := range texts(t) {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			for _, problem := range broken(t, path) {
				t.Error(problem)
			}
		})
	}
}

var (
	link       = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	inlineCode = regexp.MustCompile("`[^`\n]*`")
	heading    = regexp.MustCompile(`(?m)^#{1,6} +(.+?) *$`)
	anchor     = regexp.MustCompile(`<a id="([^"]+)"`)
	notInSlugs = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// broken gives the links of a text that lead nowhere.
func broken(t *testing.T, path string) []string {
	t.Helper()
	prose, _ := split(read(t, path))
	// A template's links are those of the page that comes of it.
	page := path
	if inside, ok := strings.CutPrefix(path, "templates"+string(filepath.Separator)); ok {
		page = filepath.Join("docs", strings.TrimSuffix(inside, ".tmpl"))
	}
	var problems []string
	for i, line := range strings.Split(prose, "\n") {
		for _, found := range link.FindAllStringSubmatch(inlineCode.ReplaceAllString(line, ""), -1) {
			target := found[1]
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			file, id, _ := strings.Cut(target, "#")
			if file == "" {
				file = page
			} else {
				file = filepath.Join(filepath.Dir(page), file)
			}
			if why := leadsNowhere(t, file, id); why != "" {
				problems = append(problems, fmt.Sprintf("%s:%d: %s: %s", path, i+1, target, why))
			}
		}
	}
	return problems
}

func leadsNowhere(t *testing.T, file, id string) string {
	t.Helper()
	if _, err := os.Stat(filepath.Join(root, file)); err != nil {
		return "there is no " + file
	}
	if id == "" {
		return ""
	}
	if !anchors(read(t, file))[id] {
		return file + " has no heading of this name"
	}
	return ""
}

// anchors are the names of a text's headings, as GitHub and the registry make
// them.
func anchors(text string) map[string]bool {
	prose, _ := split(text)
	all := map[string]bool{}
	for _, found := range heading.FindAllStringSubmatch(prose, -1) {
		slug := strings.ReplaceAll(notInSlugs.ReplaceAllString(strings.ToLower(found[1]), ""), " ", "-")
		for name, n := slug, 1; ; n++ {
			if !all[name] {
				all[name] = true
				break
			}
			name = fmt.Sprintf("%s-%d", slug, n)
		}
	}
	for _, found := range anchor.FindAllStringSubmatch(prose, -1) {
		all[found[1]] = true
	}
	return all
}

func TestAnchors(t *testing.T) {
	t.Parallel()
	got := anchors("# A `token` leaked, now!\n## Twice\n## Twice\n```\n# no heading\n```\n<a id=\"nestedatt--x\"></a>\n")
	for name, want := range map[string]bool{"a-token-leaked-now": true, "twice": true, "twice-1": true, "nestedatt--x": true, "no-heading": false} {
		if got[name] != want {
			t.Errorf("%s: %t", name, got[name])
		}
	}
}

func TestLeadsNowhere(t *testing.T) {
	t.Parallel()
	for target, nowhere := range map[string]bool{
		"README.md": false, "README.md#documentation": false, "docs": false,
		"READYOU.md": true, "README.md#what-it-does-not-offer": true,
	} {
		file, id, _ := strings.Cut(target, "#")
		if why := leadsNowhere(t, file, id); (why != "") != nowhere {
			t.Errorf("%s: %q", target, why)
		}
	}
}
