package provider

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

const (
	// parentCheck is how often it is checked that Terraform is still running.
	parentCheck = 500 * time.Millisecond

	// OrphanExitTime is what a provider takes to clean up whose Terraform was
	// killed: nobody waits for it.
	OrphanExitTime = 30 * time.Second
)

// ignoreSignals leaves it to Terraform to stop the provider. A pipeline or a
// terminal sends SIGTERM and SIGHUP to the whole process group. A provider that
// ends at once loses the response of a create: a live token that no state has.
// (go-plugin ignores SIGINT.)
func ignoreSignals() { signal.Ignore(syscall.SIGTERM, syscall.SIGHUP) }

// parent is the process that started this one under Terraform, else 0.
var parent int

// isOrphaned tells whether the Terraform that started this process does not
// exist any more. (Windows does not say so.)
func isOrphaned() bool { return parent != 0 && os.Getppid() != parent }

// running are the calls whose responses may have to be undone.
var running sync.WaitGroup

// onOrphaned calls f once the process that started this one does not exist any
// more, and the calls under way have ended: killed by SIGKILL, or by a SIGHUP,
// which Terraform does not handle, it does not stop its providers.
func onOrphaned(ctx context.Context, f func()) {
	ticker := time.NewTicker(parentCheck)
	defer ticker.Stop()
	for !isOrphaned() {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
	done := make(chan struct{})
	go func() {
		running.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(OrphanExitTime):
	}
	f()
}
