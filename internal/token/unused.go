package token

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// usesKey has in private state when the tokens were last used, for the checks
// of require_unused_for at plan. It is not in the state proper, where it would
// be a difference after each use.
const usesKey = "last_uses"

// uses is what Read saw of the last uses.
type uses struct {
	ObservedAt time.Time `json:"observed_at"`
	Token      time.Time `json:"token"`
	Previous   time.Time `json:"previous"`
}

func usesNoted(ctx context.Context, private privateReader, diags *diag.Diagnostics) uses {
	raw, d := private.GetKey(ctx, usesKey)
	diags.Append(d...)
	var u uses
	if len(raw) > 0 {
		// What cannot be read was not noted; the apply looks again in any case.
		_ = json.Unmarshal(raw, &u)
	}
	return u
}

func noteUses(ctx context.Context, private privateWriter, u uses, diags *diag.Diagnostics) {
	raw, err := json.Marshal(u)
	if err == nil {
		diags.Append(private.SetKey(ctx, usesKey, raw)...)
	}
}

func lastUse(t prefactor.Token) time.Time {
	if !t.LastUsedAt.Known() {
		return time.Time{}
	}
	return t.LastUsedAt.Value.Time
}

// recentUse says in words that a token was used within require_unused_for;
// empty if it was not, or if nothing is required.
func recentUse(m model, id string, last, now time.Time) string {
	need := durationOr(m.RequireUnusedFor, 0)
	if need <= 0 || last.IsZero() || now.Sub(last) >= need {
		return ""
	}
	return fmt.Sprintf("Token %s was last used at %s, %s ago, and require_unused_for asks for %s without use before it is removed. "+
		"Find out who uses it and wait. To remove it all the same, set require_unused_for = \"0s\", apply, and try again.",
		id, formatTime(last), now.Sub(last).Round(time.Second), need)
}

// checkUnused asks the platform for the last use, right before a token is removed.
func (r *tokenResource) checkUnused(ctx context.Context, m model, id string) error {
	if durationOr(m.RequireUnusedFor, 0) <= 0 {
		return nil
	}
	l := lifecycle{api: r.provider.API, id: id, accountID: m.AccountID.ValueString()}
	t, status, err := l.look(ctx)
	if err != nil || status == statusGone || status == prefactor.StatusRevoked {
		return err
	}
	if w := recentUse(m, id, lastUse(t), r.provider.API.Now()); w != "" {
		return inUseError(w)
	}
	return nil
}

// inUseError is the refusal to remove a token that is in use.
type inUseError string

func (e inUseError) Error() string { return string(e) }
