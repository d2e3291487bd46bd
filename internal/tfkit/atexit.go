package tfkit

import (
	"context"
	"sync"
)

// AtExit has the tasks that the provider's process carries out before it exits.
// Terraform does not close the ephemeral resources of a run that failed (seen with
// 1.11 and 1.15); it tells the provider to exit, and then waits for about two seconds.
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

// Done removes a task.
func (a *AtExit) Done(name string) {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.tasks, name)
}

// Run carries out what is registered, all at once, and removes it.
func (a *AtExit) Run(ctx context.Context) {
	a.mu.Lock()
	tasks := a.tasks
	a.tasks = nil
	a.mu.Unlock()
	var group sync.WaitGroup
	for _, task := range tasks {
		group.Go(func() { task(ctx) })
	}
	group.Wait()
}

type undeliveredKey struct{}

// WithUndelivered lets a call register what to undo if its response cannot be
// delivered because Terraform was killed. undo carries that out.
func WithUndelivered(ctx context.Context) (with context.Context, undo func(context.Context)) {
	tasks := &AtExit{}
	return context.WithValue(ctx, undeliveredKey{}, tasks), tasks.Run
}

// OnUndelivered registers under a name what to undo if Terraform does not receive the
// response of this call: the value of a new token would be lost.
func OnUndelivered(ctx context.Context, name string, task func(context.Context)) {
	tasks, _ := ctx.Value(undeliveredKey{}).(*AtExit)
	tasks.Add(name, task)
}
