package tfkit

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// Complete reads one by one the rows of a list that lack fields: a missing
// field is not a null one. Objects deleted meanwhile are left out. The rows
// that are given stay as they are.
func Complete[T any](ctx context.Context, rows []T, whole func(T) bool, read func(ctx context.Context, row T) (T, error)) ([]T, error) {
	found, gone := make([]T, len(rows)), make([]bool, len(rows))
	group, ctx := errgroup.WithContext(ctx)
	// The client caps the requests in flight; this only caps the goroutines.
	group.SetLimit(32)
	for i, row := range rows {
		if whole(row) {
			found[i] = row
			continue
		}
		group.Go(func() error {
			var err error
			if found[i], err = read(ctx, row); errors.Is(err, prefactor.ErrNotFound) {
				gone[i] = true
				return nil
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	kept := make([]T, 0, len(rows))
	for i, row := range found {
		if !gone[i] {
			kept = append(kept, row)
		}
	}
	return kept, nil
}
