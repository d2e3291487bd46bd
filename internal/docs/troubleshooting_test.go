package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Each title of a diagnostic that a guide explains is one that the provider
// has. A title is in the first column of a table with that heading; where it
// has a name or an id in it, each part around these is looked for.
func TestGuides_titles(t *testing.T) {
	t.Parallel()
	known := literals(t)
	guides, err := filepath.Glob(filepath.Join(root, "templates", "guides", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, guide := range guides {
		for _, title := range titles(read(t, "templates", "guides", filepath.Base(guide))) {
			count++
			for part := range strings.SplitSeq(regexp.MustCompile("`<[a-z]+>`").ReplaceAllString(title, "\n"), "\n") {
				if part = strings.TrimSpace(part); part != "" && !known[part] {
					t.Errorf("%s explains %q, and the provider says %q nowhere", filepath.Base(guide), title, part)
				}
			}
		}
	}
	if count < 60 {
		t.Errorf("found only %d titles", count)
	}
}

// titles are those in the tables of a text; one row may have several.
func titles(text string) []string {
	var found []string
	inside := false
	for line := range strings.Lines(text) {
		switch {
		case !strings.HasPrefix(line, "|"):
			inside = false
		case strings.HasPrefix(line, "| title |"):
			inside = true
		case inside && !strings.HasPrefix(line, "|---"):
			found = append(found, strings.Split(strings.TrimSpace(strings.Split(line, "|")[1]), ", ")...)
		}
	}
	return found
}

// literals are the texts of the provider's code, in the pieces between the
// verbs of a format, and the summaries that are made of an argument's name.
func literals(t *testing.T) map[string]bool {
	t.Helper()
	known := map[string]bool{"Empty api_token": true, "Empty api_url": true, "Empty profile": true}
	verb := regexp.MustCompile(`%[a-z]|: $|:$`)
	for _, folder := range []string{"credentials", "directory", "provider", "tfkit", "token"} {
		err := filepath.WalkDir(filepath.Join(root, "internal", folder), func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(node ast.Node) bool {
				if literal, ok := node.(*ast.BasicLit); ok && literal.Kind == token.STRING {
					if text, err := strconv.Unquote(literal.Value); err == nil {
						for _, part := range verb.Split(text, -1) {
							known[strings.TrimSpace(part)] = true
						}
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return known
}
