package tfbinary

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// installing is a machine without Terraform whose installer works.
func installing(t *testing.T) (f finder, cached string, installs *atomic.Int32) {
	t.Helper()
	f, _ = machine(t, "")
	cache, err := f.cacheDir()
	if err != nil {
		t.Fatal(err)
	}
	cached = filepath.Join(cache, cacheName, exe("terraform"))
	putAnswers(t, cached, terraformAnswers("1.15.9"))
	installs = &atomic.Int32{}
	f.install = func(_ context.Context, folder string) (string, error) {
		installs.Add(1)
		path := filepath.Join(folder, exe("terraform"))
		putBinary(t, path)
		return path, nil
	}
	return f, cached, installs
}

func TestInstallOnce(t *testing.T) {
	t.Parallel()
	f, cached, installs := installing(t)
	for range 2 {
		b, err := f.find(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if b.Path != cached || b.OpenTofu || b.Version.String() != "1.15.9" {
			t.Errorf("got %s %s at %s", b.Name(), b.Version, b.Path)
		}
	}
	if n := installs.Load(); n != 1 {
		t.Errorf("installed %d times, want once", n)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(cached), "install-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestInstallReplacesBrokenBinary(t *testing.T) {
	t.Parallel()
	f, cached, installs := installing(t)
	if err := os.WriteFile(cached, []byte("half a binary"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := f.find(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := installs.Load(); n != 1 {
		t.Errorf("installed %d times, want once", n)
	}
}

func TestInstallAtTheSameTime(t *testing.T) {
	t.Parallel()
	f, _, _ := installing(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := f.find(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestInstallFails(t *testing.T) {
	t.Parallel()
	errNoCache := errors.New("no cache folder")
	noNetwork, _ := machine(t, "")
	noCache, _ := machine(t, "")
	noCache.cacheDir = func() (string, error) { return "", errNoCache }
	for name, c := range map[string]struct {
		finder finder
		cause  error
	}{
		"no network":      {noNetwork, errNoNetwork},
		"no cache folder": {noCache, errNoCache},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := c.finder.find(t.Context())
			if !errors.Is(err, c.cause) {
				t.Fatalf("got %v, want %v in it", err, c.cause)
			}
			for _, part := range []string{"install Terraform or OpenTofu", EnvPath, c.cause.Error()} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not have %q", err, part)
				}
			}
		})
	}
}
