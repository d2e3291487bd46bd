package contract_test

import (
	"os"
	"testing"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/contract"
)

// TestLive runs the suite against the account of whoever asks for it.
func TestLive(t *testing.T) {
	if os.Getenv("PREFACTOR_LIVE") != "1" {
		acctest.NotRun(t, "needs a real account: PREFACTOR_LIVE=1 make test-live")
	}
	o, err := contract.FromEnvironment()
	if err != nil {
		t.Fatal(err)
	}
	o.TryDeployment = os.Getenv("PREFACTOR_LIVE_DEPLOYMENT") == "1"
	report, err := contract.Run(t.Context(), o)
	if report != nil {
		if err := report.Write(t.Output()); err != nil {
			t.Error(err)
		}
		for _, b := range report.Broken {
			t.Errorf("differs from what is known: %s", b)
		}
	}
	if err != nil {
		t.Error(err)
	}
}
