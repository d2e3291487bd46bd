package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
)

const root = "../.."

func TestMain(m *testing.M) { acctest.Main(m) }

func read(t *testing.T, parts ...string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(append([]string{root}, parts...)...))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// texts are all files that people read, relative to the root.
func texts(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(root, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"docs", "templates", "examples"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() && (strings.HasSuffix(path, ".md") || strings.HasSuffix(path, ".md.tmpl")) {
				found = append(found, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(found) < 10 {
		t.Fatalf("found only %v", found)
	}
	for i, path := range found {
		if found[i], err = filepath.Rel(root, path); err != nil {
			t.Fatal(err)
		}
	}
	return found
}

// fence is a block of code in a text.
type fence struct {
	language string
	// line is that of the opening, from 1.
	line int
	// note is the HTML comment in the line before, as in <!-- part -->.
	note, body string
}

// split parts a text into its prose, with empty lines in place of the code so
// that lines keep their numbers, and the code.
func split(text string) (prose string, fences []fence) {
	var kept []string
	var open *fence
	before := ""
	for i, line := range strings.Split(text, "\n") {
		marker := strings.HasPrefix(strings.TrimSpace(line), "```")
		switch {
		case open == nil && marker:
			note, _ := strings.CutPrefix(before, "<!-- ")
			note, _ = strings.CutSuffix(note, " -->")
			if note == before {
				note = ""
			}
			open = &fence{language: strings.TrimPrefix(strings.TrimSpace(line), "```"), line: i + 1, note: note}
			kept = append(kept, "")
		case open != nil && marker:
			fences = append(fences, *open)
			open = nil
			kept = append(kept, "")
		case open != nil:
			open.body += line + "\n"
			kept = append(kept, "")
		default:
			kept = append(kept, line)
		}
		before = strings.TrimSpace(line)
	}
	return strings.Join(kept, "\n"), fences
}
