package acctest

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

var notRun struct {
	sync.Mutex
	tests []string
}

// NotRun skips a test that the binary at hand is too old for, or that needs what
// is not there, and keeps its name for the closing table: no test is left out
// in silence.
func NotRun(tb testing.TB, why string) {
	tb.Helper()
	notRun.Lock()
	notRun.tests = append(notRun.tests, fmt.Sprintf("  %-40s %s", tb.Name(), why))
	notRun.Unlock()
	tb.Skip(why)
}

// Main runs the tests of a package, cleans up behind them, looks for goroutines
// that they have left, and names the tests that did not run. It is for TestMain.
func Main(m *testing.M) {
	code := m.Run()
	if code == 0 {
		// A failed test may have left something half done. The testing library's
		// plugin servers keep reading from pipes that nobody closes.
		if err := goleak.Find(goleak.IgnoreAnyFunction("github.com/hashicorp/go-plugin.copyChan")); err != nil {
			_, _ = fmt.Fprintf(os.Stderr, "goroutines are left after the tests: %v\n", err)
			code = 1
		}
	}
	if built != "" {
		_ = os.RemoveAll(built)
	}
	notRun.Lock()
	defer notRun.Unlock()
	if len(notRun.tests) > 0 {
		slices.Sort(notRun.tests)
		lines := strings.Join(notRun.tests, "\n") + "\n"
		_, _ = fmt.Fprintf(os.Stdout, "not run here (TF_ACC_TERRAFORM_PATH chooses a newer binary):\n%s", lines)
		if err := keep(os.Getenv(tableVariable), lines); err != nil {
			_, _ = fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code) //nolint:gocritic // Nothing is left to unlock for.
}

// tableVariable names a file for the lines of the table as well: of packages
// whose tests pass, `go test ./...` shows no output.
const tableVariable = "PREFACTOR_NOT_RUN"

func keep(path, lines string) error {
	if path == "" {
		return nil
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600) //nolint:gosec // The file that whoever runs the tests has named.
	if err != nil {
		return err
	}
	_, err = f.WriteString(lines)
	return errors.Join(err, f.Close())
}
