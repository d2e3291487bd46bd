package credentials_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/prefactordev/terraform-provider-prefactor/internal/credentials"
)

// Every token and password in these tests has this in it, so that one check
// finds any of them in a text.
const secret = "s3cr3t"

const (
	blockToken   = secret + "-block"
	envToken     = secret + "-env"
	ciToken      = secret + "-ci"
	defaultToken = secret + "-default"
)

const twoProfiles = `{
  "ci":      {"api_key": "` + ciToken + `", "base_url": "https://ci.example"},
  "default": {"api_key": "` + defaultToken + `", "base_url": "https://default.example/"}
}`

const onlyCI = `{"ci": {"api_key": "` + ciToken + `", "base_url": "https://ci.example"}}`

// The files that are looked for, below a scene's folder.
const (
	workFile = "work/prefactor.json"
	homeFile = "home/.prefactor/prefactor.json"
)

// scene is a provider block, an environment and some files. In its strings,
// %ROOT% stands for the folder that everything is in; the home folder is
// %ROOT%/home and the current folder %ROOT%/work, unless workDir says otherwise.
type scene struct {
	token, url, profile, file *string
	env                       map[string]string
	files                     map[string]string // A name that ends in a slash is a folder.
	workDir                   string
	noHome                    bool
}

// resolve gives the decision with the scene's folder replaced by %ROOT% again,
// and slashes of every system by forward ones.
func (s scene) resolve(t *testing.T) (credentials.Result, *credentials.Error) {
	t.Helper()
	root := t.TempDir()
	for name, text := range s.files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if strings.HasSuffix(name, "/") {
			mkdir(t, path)
			continue
		}
		mkdir(t, filepath.Dir(path))
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	workDir := s.workDir
	if workDir == "" {
		workDir = "work"
		// Else the root would be sought above the temporary folder, too.
		mkdir(t, filepath.Join(root, "work", ".git"))
	}
	in := credentials.Input{
		APIToken: s.token, APIURL: s.url, Profile: s.profile, ProfilesFile: s.file,
		LookupEnv: func(name string) (string, bool) { v, ok := s.env[name]; return v, ok },
		WorkDir:   filepath.Join(root, filepath.FromSlash(workDir)),
		HomeDir:   filepath.Join(root, "home"),
	}
	mkdir(t, in.WorkDir)
	if s.noHome {
		in.HomeDir = ""
	}
	if s.file != nil {
		in.ProfilesFile = new(strings.ReplaceAll(*s.file, "%ROOT%", root))
	}
	plain := func(text string) string {
		return filepath.ToSlash(strings.ReplaceAll(text, root, "%ROOT%"))
	}

	result, err := credentials.Resolve(in)
	if err != nil {
		if result.Token != "" || result.URL != "" || len(result.Warnings) > 0 {
			t.Errorf("an error came with the result %v", result)
		}
		var refusal *credentials.Error
		if !errors.As(err, &refusal) {
			t.Fatalf("got %T, want *credentials.Error: %v", err, err)
		}
		return result, &credentials.Error{Attribute: refusal.Attribute, Summary: plain(refusal.Summary), Detail: plain(refusal.Detail)}
	}
	result.TokenSource, result.URLSource = plain(result.TokenSource), plain(result.URLSource)
	return result, nil
}

func mkdir(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(path, 0o750); err != nil {
		t.Fatal(err)
	}
}

// refuses checks a refusal: where it points, what it says, and that it says
// nothing secret.
func (s scene) refuses(t *testing.T, attribute string, parts ...string) {
	t.Helper()
	result, err := s.resolve(t)
	if err == nil {
		t.Fatalf("got %v, want an error", result)
	}
	checkError(t, err, attribute, parts...)
}

func checkError(t *testing.T, err *credentials.Error, attribute string, parts ...string) {
	t.Helper()
	if err.Attribute != attribute {
		t.Errorf("the error is on %q, want %q", err.Attribute, attribute)
	}
	if err.Summary == "" || strings.Contains(err.Detail, "%!") {
		t.Errorf("malformed: %v", err)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in: %v", part, err)
		}
	}
	if strings.ContainsFunc(err.Error(), func(r rune) bool { return r != '\n' && unicode.IsControl(r) }) {
		t.Errorf("a control character is in: %q", err)
	}
	if strings.Contains(err.Error(), secret) {
		t.Errorf("a secret is in: %v", err)
	}
}

const (
	block       = "provider block"
	fromEnv     = "environment variable PREFACTOR_API_TOKEN"
	urlFromEnv  = "environment variable PREFACTOR_API_URL"
	byDefault   = "default"
	workProfile = `profile "default" in %ROOT%/work/prefactor.json`
	workCI      = `profile "ci" in %ROOT%/work/prefactor.json`
)
