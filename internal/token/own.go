package token

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// Finding out which token the provider authenticates with, where the value of a
// token is not known, as after an import.
//
// The API does not say it. Two things tell it:
//
//  1. The value is a JWT. If its payload has the id of an active account token
//     that GET /api_token/:id confirms, that is the token.
//  2. Each request of the provider is a use of its token. Of the tokens whose last
//     use moves while the tokens are listed, each is read again after pauses of
//     random length. The last use of the provider's own token then follows the
//     requests to the fraction of a second.
//
// That a last use moves proves nothing by itself: the API may show that of the
// provider's token late or not at all while another token is in regular use, and
// to take that one for our own would let the real one be revoked. A token that
// others use follows the random pauses only if it is used more often than a
// request takes. Where the API shows whole seconds, or requests take longer than
// ownTolerance, nothing is concluded. If it cannot be determined, the action is rejected.

// ownTokens are the tokens that can be the provider's own; a single one is it, and
// no other token is. Empty where it cannot be determined.
type ownTokens []prefactor.Token

// refusal is what speaks against an action on an active account token.
func (o ownTokens) refusal(ctx context.Context, p *tfkit.Provider, action string, t prefactor.Token) error {
	describe := func(tokens ...prefactor.Token) string {
		return strings.Join(p.Inventory.Describe(ctx, tokens, p.API.Now()), ", ")
	}
	switch {
	case len(o) == 0:
		return unknownOwnError(fmt.Sprintf("The provider does not %s %s, because it cannot be determined whether the provider itself authenticates with this token. The token is unchanged. "+
			"The value of the provider's own token does not contain its id, and the last uses that the API returns did not change with the provider's requests. %s", action, describe(t), unknownOwnWay))
	case !slices.ContainsFunc(o, func(own prefactor.Token) bool { return own.ID == t.ID }):
		return nil
	case len(o) == 1:
		return lockout(action, describe(t))
	default:
		return unknownOwnError(fmt.Sprintf("The provider does not %s %s, because the provider itself authenticates with one of these tokens. All of them are in use now, so it cannot be determined which one: %s. The token is unchanged. %s",
			action, describe(t), describe(o...), unknownOwnWay))
	}
}

// unknownOwnError is the refusal of an action on a token that may be the
// provider's own.
type unknownOwnError string

func (e unknownOwnError) Error() string { return string(e) }

const (
	unknownOwnSummary = "Cannot rule out that the provider locks itself out"

	unknownOwnWay = "If this is not the token of the provider, set allow_self_lockout = true in the provider block for this apply."
)

// guardUnknown refuses an action on a token of unknown value if it is, or can
// be, the provider's own. Only an active token can be that.
func (r *tokenResource) guardUnknown(ctx context.Context, action, id string) error {
	t, status, err := lifecycle{api: r.provider.API, id: id}.get(ctx)
	if err != nil || status != prefactor.StatusActive {
		return err
	}
	own, err := findOwn(ctx, r.provider, t.AccountID.Value)
	if err != nil {
		return err
	}
	return own.refusal(ctx, r.provider, action, t)
}

// findOwn finds the provider's own token, once for a process, whose credentials
// stay the same. accountID is an account that the credentials can see.
func findOwn(ctx context.Context, p *tfkit.Provider, accountID string) (ownTokens, error) {
	return p.OwnTokens.Get(ctx, "", func(ctx context.Context) ([]prefactor.Token, error) {
		found, err := namedOwn(ctx, p)
		if err == nil && len(found) == 0 {
			found, err = probeOwn(ctx, p, accountID)
		}
		return found, err
	})
}

// namedOwn is the active account token that the provider's credentials name;
// empty if they name none, or more than one.
func namedOwn(ctx context.Context, p *tfkit.Provider) (ownTokens, error) {
	var confirmed []prefactor.Token
	for _, id := range p.OwnIDs {
		t, err := p.API.Token(ctx, id)
		switch {
		case errors.Is(err, prefactor.ErrNotFound), errors.Is(err, prefactor.ErrRejected):
			// The id of something else, such as the account.
		case err != nil:
			return nil, err
		case t.Scope.Value == prefactor.ScopeAccount && t.Status.Value == prefactor.StatusActive:
			confirmed = append(confirmed, t)
		}
	}
	if len(confirmed) != 1 {
		return nil, nil
	}
	return confirmed, nil
}

const (
	// ownPause is about how long the provider is silent between two requests.
	ownPause = 1200 * time.Millisecond

	// ownReads is how often a token is read to see whether its last use follows
	// the requests.
	ownReads = 5

	// ownTolerance is how long such a read may take, and so how far the last use
	// may be from it.
	ownTolerance = 250 * time.Millisecond

	// ownFresh is how far the last use of a token may be from the present for it
	// to count as one of now.
	ownFresh = 5 * time.Second
)

// probeOwn looks for the tokens whose last use follows the provider's requests.
func probeOwn(ctx context.Context, p *tfkit.Provider, accountID string) (ownTokens, error) {
	accounts, err := visibleAccounts(ctx, p.API, accountID)
	if err != nil {
		return nil, err
	}
	before, err := lastUses(ctx, p.API, accounts)
	if err != nil {
		return nil, err
	}
	if err := pauseOwn(ctx, p); err != nil {
		return nil, err
	}
	began := p.API.Now()
	after, err := lastUses(ctx, p.API, accounts)
	if err != nil {
		return nil, err
	}
	maps.DeleteFunc(after, func(id string, at time.Time) bool {
		then, known := before[id]
		return !known || !at.After(then) || at.Before(began.Add(-ownFresh)) || at.After(p.API.Now().Add(ownFresh))
	})
	moved := slices.Sorted(maps.Keys(after))
	reads, latest := map[string][]ownRead{}, map[string]prefactor.Token{}
	for range ownReads {
		if err := pauseOwn(ctx, p); err != nil {
			return nil, err
		}
		for _, id := range moved {
			read := ownRead{sent: p.API.Now()}
			t, err := p.API.LatestToken(ctx, id)
			if err != nil {
				return nil, err
			}
			read.took, read.lastUse = p.API.Now().Sub(read.sent), t.LastUsedAt.Value.Time
			reads[id], latest[id] = append(reads[id], read), t
		}
	}
	var own ownTokens
	for _, id := range moved {
		if followsReads(reads[id]) {
			own = append(own, latest[id])
		}
	}
	return own, nil
}

// ownRead is a read of a token: when it was sent, how long it took, and the last
// use that it showed.
type ownRead struct {
	sent, lastUse time.Time
	took          time.Duration
}

// followsReads tells whether a last use is always as far from the read that
// showed it, or always as far from the read before: the API may note a use before
// or after it responds.
func followsReads(reads []ownRead) bool {
	var this, previous []time.Duration
	tolerance, fractions := time.Duration(0), false
	for i, r := range reads {
		tolerance = max(tolerance, r.took)
		fractions = fractions || r.lastUse.Nanosecond() != 0
		this = append(this, r.lastUse.Sub(r.sent))
		if i == 0 {
			continue
		}
		if !r.lastUse.After(reads[i-1].lastUse) {
			return false
		}
		previous = append(previous, r.lastUse.Sub(reads[i-1].sent))
	}
	spread := min(slices.Max(this)-slices.Min(this), slices.Max(previous)-slices.Min(previous))
	return fractions && tolerance <= ownTolerance && spread <= tolerance+ownTolerance/10
}

// pauseOwn is silent for a time that nobody can follow by chance.
func pauseOwn(ctx context.Context, p *tfkit.Provider) error {
	pause := min(ownPause, p.SettleWait)
	select {
	case <-time.After(pause/2 + rand.N(pause+1)): //nolint:gosec // No secret.
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// visibleAccounts are the accounts whose tokens can be the provider's own: one that
// is known, and the others that the credentials can see.
func visibleAccounts(ctx context.Context, api tfkit.API, accountID string) ([]string, error) {
	ids := []string{accountID}
	accounts, err := api.Accounts(ctx)
	if err != nil && !errors.Is(err, prefactor.ErrNotPermitted) && !errors.Is(err, prefactor.ErrNotFound) {
		return nil, err
	}
	for _, a := range accounts {
		if a.ID != accountID {
			ids = append(ids, a.ID)
		}
	}
	return ids, nil
}

// lastUses are the last uses of the active account tokens.
func lastUses(ctx context.Context, api tfkit.API, accounts []string) (map[string]time.Time, error) {
	uses := map[string]time.Time{}
	for _, account := range accounts {
		tokens, err := api.Tokens(ctx, account)
		if err != nil {
			return nil, err
		}
		for _, t := range tokens {
			if t.Scope.Value == prefactor.ScopeAccount && t.Status.Value == prefactor.StatusActive {
				uses[t.ID] = t.LastUsedAt.Value.Time
			}
		}
	}
	return uses, nil
}
