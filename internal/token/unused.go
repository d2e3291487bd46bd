package token

import (
	"context"
	"fmt"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

func lastUse(t prefactor.Token) time.Time {
	if !t.LastUsedAt.Known() {
		return time.Time{}
	}
	return t.LastUsedAt.Value.Time
}

// recentUse says in words that a token was used within require_unused_for;
// empty if it was not, or if nothing is required.
func recentUse(m model, id string, last, now time.Time) string {
	need := tfkit.DurationOr(m.RequireUnusedFor, 0)
	if need <= 0 || last.IsZero() || now.Sub(last) >= need {
		return ""
	}
	return fmt.Sprintf("Token %s was last used at %s, %s ago, and require_unused_for asks for %s without use before it is removed. "+
		"Find out who uses it and wait. To remove it all the same, set require_unused_for = \"0s\", apply, and try again.",
		id, formatTime(last), tfkit.FormatDuration(now.Sub(last).Round(time.Second)), m.RequireUnusedFor.ValueString())
}

// checkUnused asks the platform for the last use of a token that is to be
// removed. It is not in the state, where it would be a difference after each use.
func (r *tokenResource) checkUnused(ctx context.Context, m model, id string) error {
	if tfkit.DurationOr(m.RequireUnusedFor, 0) <= 0 {
		return nil
	}
	l := lifecycle{api: r.provider.API, id: id, accountID: m.AccountID.ValueString()}
	t, status, err := l.look(ctx)
	if err != nil || status == statusGone || status == prefactor.StatusRevoked || past(l.api, t.ExpiresAt.Value.Time) {
		return err
	}
	if !t.LastUsedAt.Present {
		return inUseError(fmt.Sprintf("The platform does not say when token %s was last used, and require_unused_for asks for %s without use before it is removed. "+
			"To remove it all the same, set require_unused_for = \"0s\", apply, and try again.", id, m.RequireUnusedFor.ValueString()))
	}
	if w := recentUse(m, id, lastUse(t), r.provider.API.Now()); w != "" {
		return inUseError(w)
	}
	return nil
}

// inUseError is the refusal to remove a token that is in use.
type inUseError string

func (e inUseError) Error() string { return string(e) }
