package prefactor_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// A token that was just created, by the platform's clock, is read again where it is
// not found; not one that this client has deleted.
func TestReadLag(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		age     time.Duration
		deleted bool
		// absent is how many reads do not find it.
		absent int
		want   int
		found  bool
	}{
		"visible at once":   {0, false, 0, 1, true},
		"visible soon":      {0, false, 2, 3, true},
		"visible at last":   {0, false, 4, 5, true},
		"never visible":     {0, false, 99, 5, false},
		"of the future":     {-20 * time.Second, false, 99, 5, false},
		"almost old":        {25 * time.Second, false, 99, 5, false},
		"old":               {31 * time.Second, false, 99, 1, false},
		"of the far future": {-time.Minute, false, 99, 1, false},
		"deleted":           {0, true, 99, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				id, err := pfid.New(time.Now().Add(-c.age), 7)
				if err != nil {
					t.Fatal(err)
				}
				reads := 0
				client := newClient(t, "https://platform.example", overNetwork(func(r *http.Request) (*http.Response, error) {
					if r.Method == http.MethodDelete {
						return canned(http.StatusNoContent, nil, ""), nil
					}
					if reads++; reads <= c.absent {
						return canned(http.StatusNotFound, nil, `{"status":"error","code":"not_found","message":"no such token"}`), nil
					}
					return canned(http.StatusOK, nil, single(id.String())), nil
				}))
				if c.deleted {
					if err := client.DeleteToken(t.Context(), id.String()); err != nil {
						t.Fatal(err)
					}
				}
				began := time.Now()
				_, err = client.Token(t.Context(), id.String())
				if found := err == nil; found != c.found || (!found && !errors.Is(err, prefactor.ErrNotFound)) {
					t.Errorf("read with %v", err)
				}
				if waited := time.Since(began); reads != c.want || waited > 4*time.Second {
					t.Errorf("%d reads in %s, want %d", reads, waited, c.want)
				}
			})
		})
	}
}

// An interrupt during these reads does not mean that the object does not exist.
func TestReadLag_interrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		id, err := pfid.New(time.Now(), 7)
		if err != nil {
			t.Fatal(err)
		}
		client := newClient(t, "https://platform.example", overNetwork(func(*http.Request) (*http.Response, error) {
			return canned(http.StatusNotFound, nil, `{"status":"error","code":"not_found","message":"no such agent"}`), nil
		}))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = client.Agent(ctx, id.String())
		if e := failure(t, err); errors.Is(e, prefactor.ErrNotFound) || !errors.Is(e, context.DeadlineExceeded) {
			t.Errorf("%v", e)
		}
	})
}
