package tfkit

import (
	"context"
	"sync"
)

// undelivered is what to undo if Terraform does not receive the response of a call.
type undelivered struct {
	mu    sync.Mutex
	tasks []func(context.Context)
}

type undeliveredKey struct{}

// WithUndelivered lets a call register what to undo if its response cannot be
// delivered, since Terraform was killed. undo carries that out.
func WithUndelivered(ctx context.Context) (with context.Context, undo func(context.Context)) {
	u := &undelivered{}
	return context.WithValue(ctx, undeliveredKey{}, u), u.run
}

// OnUndelivered registers what to undo if Terraform does not receive the
// response of this call: a token whose value nobody will ever know.
func OnUndelivered(ctx context.Context, task func(context.Context)) {
	u, ok := ctx.Value(undeliveredKey{}).(*undelivered)
	if !ok {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.tasks = append(u.tasks, task)
}

func (u *undelivered) run(ctx context.Context) {
	u.mu.Lock()
	tasks := u.tasks
	u.tasks = nil
	u.mu.Unlock()
	for _, task := range tasks {
		task(ctx)
	}
}
