package token

import (
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// newestVersion is the highest version of the tokens that this process has
// destroyed. The create of a replacement has no state to compare with, and must
// not repeat the version of the destroyed token, even within the same second.
type newestVersion struct{ seconds *atomic.Int64 }

func newestVersionOf(p *tfkit.Provider) *newestVersion {
	return &newestVersion{&p.DestroyedVersion}
}

// saw notes the version of a token that is destroyed, perhaps to be replaced.
func (n *newestVersion) saw(version types.Int64) {
	for {
		old := n.seconds.Load()
		if version.ValueInt64() <= old || n.seconds.CompareAndSwap(old, version.ValueInt64()) {
			return
		}
	}
}

// after is the version of a token that was created after others.
func (n *newestVersion) after(t prefactor.Token) types.Int64 {
	return versionAfter(n.seconds.Load(), t)
}

// versionAfter is the version of a token that replaces one with the version old:
// its creation time in seconds, and more than old in any case.
func versionAfter(old int64, t prefactor.Token) types.Int64 {
	return types.Int64Value(max(t.CreatedAt().Unix(), old+1))
}
