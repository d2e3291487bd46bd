package directory_test

import (
	"testing"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
)

func TestMain(m *testing.M) { acctest.Main(m) }
