package credentials_test

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/prefactordev/terraform-provider-prefactor/internal/credentials"
)

// A file of the work tree is not used without a word, and neither is one that
// others can read. One that was named is expected.
func TestResolve_warnings(t *testing.T) {
	t.Parallel()
	const inWorkTree, readable = "Credentials of the work tree are used", "Credentials can be read by other users"
	for name, c := range map[string]struct {
		file  string
		mode  os.FileMode
		named bool
		want  []string
	}{
		"work tree":               {"work/prefactor.json", 0o600, false, []string{inWorkTree}},
		"work tree, readable":     {"work/prefactor.json", 0o640, false, []string{inWorkTree, readable}},
		"work tree, named":        {"work/prefactor.json", 0o600, true, nil},
		"home":                    {"home/.prefactor/prefactor.json", 0o600, false, nil},
		"home, readable":          {"home/.prefactor/prefactor.json", 0o604, false, []string{readable}},
		"elsewhere, as committed": {"work/conf.json", 0o644, true, []string{readable}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if runtime.GOOS == "windows" {
				t.Skip("other permissions")
			}
			root := t.TempDir()
			path := filepath.Join(root, filepath.FromSlash(c.file))
			mkdir(t, filepath.Dir(path))
			mkdir(t, filepath.Join(root, "work", ".git"))
			if err := os.WriteFile(path, []byte(twoProfiles), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, c.mode); err != nil {
				t.Fatal(err)
			}
			in := credentials.Input{WorkDir: filepath.Join(root, "work"), HomeDir: filepath.Join(root, "home")}
			if c.named {
				in.ProfilesFile = &path
			}
			result, err := credentials.Resolve(in)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, w := range result.Warnings {
				got = append(got, w.Summary)
				if !strings.Contains(w.Detail, path) || strings.Contains(w.Detail, result.Token) {
					t.Errorf("the detail is %q", w.Detail)
				}
				if w.Summary == inWorkTree && !strings.Contains(w.Detail, result.URL) {
					t.Errorf("the address is not in %q", w.Detail)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
