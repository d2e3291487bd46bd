package token

import (
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// versionAfter is the version of a token that replaces one with the version old:
// its creation time in seconds, and more than old in any case.
func versionAfter(old int64, t prefactor.Token) types.Int64 {
	return types.Int64Value(max(t.CreatedAt().Unix(), old+1))
}

// noteDestroyed notes the version of a token that is destroyed. The create of its
// replacement has no state to compare with, and must not repeat the version, even
// within the same second.
func noteDestroyed(p *tfkit.Provider, version int64) {
	for old := p.DestroyedVersion.Load(); version > old; old = p.DestroyedVersion.Load() {
		p.DestroyedVersion.CompareAndSwap(old, version)
	}
}
