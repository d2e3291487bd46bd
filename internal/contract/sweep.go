package contract

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/token"
)

// minAge is how old a token must be to be swept: twice as old as a run can get.
const minAge = 2 * longestRun

// Leftover is a token that a killed run has left.
type Leftover struct {
	ID, Status           string
	CreatedAt, ExpiresAt time.Time
}

// Sweep removes what killed runs have left, and gives it; dryRun only looks.
// The rule by which it tells is in the package's documentation. The error names
// what could not be removed.
func Sweep(ctx context.Context, o Options, dryRun bool) ([]Leftover, error) {
	p, err := dial(o)
	if err != nil {
		return nil, err
	}
	defer p.close()
	tokens, err := p.api.Tokens(ctx, o.AccountID)
	if err != nil {
		return nil, err
	}
	var found []Leftover
	var failed []error
	for _, t := range tokens {
		if !oldEnough(t.ID, p.api.Now()) || (t.ExpiresAt.Known() && !bearsMark(t.ExpiresAt.Value.Time)) {
			continue
		}
		// A row need not be complete, nor up to date.
		t, err := p.api.Token(ctx, t.ID)
		if errors.Is(err, prefactor.ErrNotFound) {
			continue
		}
		if err != nil {
			return found, errors.Join(append(failed, err)...)
		}
		if !leftover(t, p.api.Now()) {
			continue
		}
		found = append(found, Leftover{ID: t.ID, Status: t.Status.Value, CreatedAt: t.CreatedAt(), ExpiresAt: t.ExpiresAt.Value.Time})
		if dryRun {
			continue
		}
		if err := token.Remove(ctx, p.api, t.ID, t.AccountID.Value); err != nil {
			failed = append(failed, fmt.Errorf("token %s is left at the platform: %w", t.ID, err))
		}
	}
	return found, errors.Join(failed...)
}

func oldEnough(id string, now time.Time) bool {
	parsed, err := pfid.Parse(id)
	return err == nil && now.Sub(parsed.Time()) >= minAge
}

// leftover is the rule of the package's documentation.
func leftover(t prefactor.Token, now time.Time) bool {
	id, err := pfid.Parse(t.ID)
	if err != nil || !t.ExpiresAt.Known() {
		return false
	}
	expires := t.ExpiresAt.Value.Time
	return bearsMark(expires) &&
		!expires.After(now.Add(-clockSlack)) &&
		oldEnough(t.ID, now) &&
		expires.Sub(id.Time()) <= slices.Max(lifetimes)+time.Minute+clockSlack &&
		t.LastUsedAt.Null &&
		slices.Contains([]string{prefactor.ScopeAccount, prefactor.ScopeAgentDeployment}, t.Scope.Value)
}
