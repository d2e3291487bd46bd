package acctest

import (
	"fmt"
	"os"
	"slices"
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
		_, _ = fmt.Fprintf(os.Stdout, "not run here (TF_ACC_TERRAFORM_PATH chooses a newer binary):\n")
		for _, line := range notRun.tests {
			_, _ = fmt.Fprintln(os.Stdout, line)
		}
	}
	os.Exit(code) //nolint:gocritic // Nothing is left to unlock for.
}
