package token

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// warnOfExpiry lists the tokens that end within the provider's expiry_warning,
// in one warning for the whole plan: the first token that is read asks for the
// list, the others find that it has been said.
func (r *tokenResource) warnOfExpiry(ctx context.Context, accountID string, diags *diag.Diagnostics) {
	within := r.provider.ExpiryWarning
	if within <= 0 {
		return
	}
	r.provider.Once("expiry warning", func() {
		tokens, err := r.provider.API.Tokens(ctx, accountID)
		if err != nil {
			// An early warning is a courtesy; what is wrong will be said by
			// what needs the platform in earnest.
			tflog.Warn(ctx, "cannot list the tokens for expiry_warning", map[string]any{"error": err.Error()})
			return
		}
		now := r.provider.API.Now()
		soon := slices.DeleteFunc(tokens, func(t prefactor.Token) bool {
			return t.Status.Value != prefactor.StatusActive || !isWithin(now, within, t.ExpiresAt.Value.Time)
		})
		if len(soon) == 0 {
			return
		}
		// The next ones come first.
		slices.SortStableFunc(soon, func(a, b prefactor.Token) int { return a.ExpiresAt.Value.Compare(b.ExpiresAt.Value.Time) })
		names := r.provider.Inventory.DescribeSome(ctx, soon, now)
		diags.AddWarning("Tokens expire soon", fmt.Sprintf("These active tokens of the account expire within %s:\n  - %s", tfkit.FormatDuration(within), strings.Join(names, "\n  - ")))
	})
}

// warnOfOwnExpiry says that the provider's own token expires soon, as far as it
// is among the managed ones.
func (r *tokenResource) warnOfOwnExpiry(m model, digest string, diags *diag.Diagnostics) {
	if r.provider.ExpiryWarning <= 0 || digest == "" || digest != r.provider.OwnDigest || m.ExpiresAt.IsNull() {
		return
	}
	left := timeOf(m.ExpiresAt).Sub(r.provider.API.Now())
	if left >= r.provider.ExpiryWarning {
		return
	}
	r.provider.Once("own expiry warning", func() {
		diags.AddWarning("The provider's own token expires soon", fmt.Sprintf(
			"The provider authenticates with token %s, which expires at %s. After that, the provider can no longer manage anything. Give the provider another token before then.",
			m.ID.ValueString(), m.ExpiresAt.ValueString()))
	})
}

// isWithin tells that a moment comes within a time from now.
func isWithin(now time.Time, within time.Duration, at time.Time) bool {
	return at.After(now) && !at.After(now.Add(within))
}
