package tfkit

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"
)

// AtExit is what the provider's process has to bring to an end before it
// exits. Terraform does not close the ephemeral resources of a run that failed
// (seen with 1.11 and 1.15); it does tell the provider to exit, and then waits
// for about two seconds.
type AtExit struct {
	mu    sync.Mutex
	tasks map[string]func(context.Context)
}

// Add registers a task under a name. A nil AtExit registers nothing.
func (a *AtExit) Add(name string, task func(context.Context)) {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.tasks == nil {
		a.tasks = map[string]func(context.Context){}
	}
	a.tasks[name] = task
}

// Done takes a task back.
func (a *AtExit) Done(name string) {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.tasks, name)
}

// Run carries out what is registered, all at once.
func (a *AtExit) Run(ctx context.Context) {
	a.mu.Lock()
	tasks := a.tasks
	a.tasks = nil
	a.mu.Unlock()
	var group errgroup.Group
	for _, task := range tasks {
		group.Go(func() error {
			task(ctx)
			return nil
		})
	}
	_ = group.Wait() // The tasks give no errors: nobody is left to hear them.
}
