package token

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// nothing is a platform that takes a second to say that there is no such object, as
// for an id that was created just now.
type nothing struct{ tfkit.API }

func missing() error {
	<-time.After(time.Second)
	return prefactor.ErrNotFound
}

func (nothing) Account(context.Context, string) (prefactor.Account, error) {
	return prefactor.Account{}, missing()
}

func (nothing) Agent(context.Context, string) (prefactor.Agent, error) {
	return prefactor.Agent{}, missing()
}

func (nothing) Environment(context.Context, string) (prefactor.Environment, error) {
	return prefactor.Environment{}, missing()
}

func (nothing) Deployment(context.Context, string) (prefactor.Deployment, error) {
	return prefactor.Deployment{}, missing()
}

// What ids are instead is asked of all kinds of objects at once.
func TestCheckReferences_atOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		wrong := checkReferences(t.Context(), nothing{}, reference{"agent_id", "one", anAgent}, reference{"environment_id", "two", anEnvironment})
		if took := time.Since(began); len(wrong) != 2 || took != 2*time.Second {
			t.Errorf("%d wrong ids after %s", len(wrong), took)
		}
	})
}
