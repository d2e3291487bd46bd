package token_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// between runs something between plan and apply.
type between func()

func (f between) CheckPlan(context.Context, plancheck.CheckPlanRequest, *plancheck.CheckPlanResponse) {
	f()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

// ping uses a token as its holder would.
func ping(t *testing.T, w *acctest.World, token string) {
	t.Helper()
	client, err := prefactor.New(prefactor.Config{BaseURL: w.URL, Token: token, Now: w.Clock.Now})
	must(t, err)
	_, err = client.Ping(t.Context())
	must(t, err)
}

// statusOf compares the platform's status of a token with want.
func statusOf(w *acctest.World, id, want string) error {
	got, found := w.Token(id)
	if !found {
		return fmt.Errorf("the platform has no token %s", id)
	}
	if got.Status != want {
		return fmt.Errorf("the platform has token %s as %s, not %s", id, got.Status, want)
	}
	return nil
}

// waitFor waits until something is so, for half a minute at most.
func waitFor(t *testing.T, so func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); <-tick.C {
		if so() {
			return
		}
	}
	t.Fatal("waited in vain")
}

// secondOf checks that a timestamp lies within the second that begins at a
// moment: an expiry that comes from a lifetime has our mark behind it.
func secondOf(at time.Time) knownvalue.Check {
	return knownvalue.StringFunc(func(text string) error {
		got, err := time.Parse(time.RFC3339Nano, text)
		if err != nil || got.Sub(at) < 0 || got.Sub(at) >= time.Second {
			return fmt.Errorf("%s is not within the second from %s", text, at.Format(time.RFC3339))
		}
		return nil
	})
}
