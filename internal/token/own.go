package token

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
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
//  2. Each request of the provider is a use of its token. The tokens are listed
//     several times, and the one whose last use moves along with that is it.
//
// The second is sound also where the API shows a last use only after some time,
// provided that this time is the same for all tokens. If it is shorter than the
// probing, the provider's own token moves too, beside any other one that is in
// use, and all of these are possible. If it is longer, what is shown is older
// than ownFresh, and nothing is concluded. The same goes for a clock that is
// wrong. What cannot be determined is refused.

// ownToken is what was found out.
type ownToken struct {
	// ids are the tokens that can be the provider's own; a single one is it, and
	// no other token is. Empty where it cannot be determined.
	ids []string
}

// refusal is what speaks against an action on an active account token.
func (o ownToken) refusal(action, id string) error {
	switch {
	case len(o.ids) == 0:
		return unknownOwnError(fmt.Sprintf("Refused to %s token %s: whether the provider itself authenticates with it cannot be determined. "+
			"The value of the provider's token does not name its id, and the last uses that the API shows did not follow the provider's requests. %s", action, id, unknownOwnWay))
	case !slices.Contains(o.ids, id):
		return nil
	case len(o.ids) == 1:
		return lockoutError(lockout(action, id))
	default:
		return unknownOwnError(fmt.Sprintf("Refused to %s token %s: the provider itself authenticates with one of %s, and which one cannot be determined, since all of them are in use now. %s",
			action, id, strings.Join(o.ids, ", "), unknownOwnWay))
	}
}

// unknownOwnError is the refusal of an action on a token that may be the
// provider's own.
type unknownOwnError string

func (e unknownOwnError) Error() string { return string(e) }

const (
	unknownOwnSummary = "Cannot rule out that the provider locks itself out"

	unknownOwnWay = "If it is another token, set allow_self_lockout = true in the provider block for this apply."
)

// guardUnknown refuses an action on a token of unknown value if it is, or can
// be, the provider's own. Only an active token can be that.
func (r *tokenResource) guardUnknown(ctx context.Context, action, id string) error {
	t, status, err := lifecycle{api: r.provider.API, id: id}.look(ctx)
	if err != nil || status != prefactor.StatusActive {
		return err
	}
	own, err := findOwn(ctx, r.provider, t.AccountID.Value)
	if err != nil {
		return err
	}
	return own.refusal(action, id)
}

// ownFinder finds the provider's own token once for a process, whose
// credentials stay the same. A failure is not kept.
type ownFinder struct {
	mu    sync.Mutex
	done  bool
	found ownToken
}

// findOwn finds the provider's own token. accountID is an account that the
// credentials can see, if one is known.
func findOwn(ctx context.Context, p *tfkit.Provider, accountID string) (ownToken, error) {
	f := tfkit.Shared(p, func() *ownFinder { return new(ownFinder) })
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.done {
		return f.found, nil
	}
	id, err := namedOwn(ctx, p)
	found := ownToken{ids: []string{id}}
	if err == nil && id == "" {
		found, err = probeOwn(ctx, p, accountID)
	}
	if err != nil {
		return ownToken{}, err
	}
	f.done, f.found = true, found
	return found, nil
}

// namedOwn is the active account token that the provider's credentials name;
// empty if they name none, or more than one.
func namedOwn(ctx context.Context, p *tfkit.Provider) (string, error) {
	var confirmed []string
	for _, id := range p.OwnIDs {
		t, err := p.API.Token(ctx, id)
		switch {
		case errors.Is(err, prefactor.ErrNotFound), errors.Is(err, prefactor.ErrRejected):
			// The id of something else, such as the account.
		case err != nil:
			return "", err
		case t.Scope.Value == prefactor.ScopeAccount && t.Status.Value == prefactor.StatusActive:
			confirmed = append(confirmed, id)
		}
	}
	if len(confirmed) != 1 {
		return "", nil
	}
	return confirmed[0], nil
}

const (
	// ownProbes is how often the tokens are listed, and ownPause the time in
	// between, which has to be longer than what timestamps of whole seconds hide.
	ownProbes = 3
	ownPause  = 3 * time.Second

	// ownFresh is how far the last use of a token may be from the present for it
	// to count as one of now. With the second by which the Date of a response can
	// be off it is no longer than the whole probing.
	ownFresh = 5 * time.Second
)

// probeOwn lists the tokens several times and looks for the one whose last use
// follows from that.
func probeOwn(ctx context.Context, p *tfkit.Provider, accountID string) (ownToken, error) {
	accounts, err := visibleAccounts(ctx, p.API, accountID)
	if err != nil {
		return ownToken{}, err
	}
	moved := map[string]int{}
	var before map[string]time.Time
	for range ownProbes {
		if before != nil {
			select {
			case <-time.After(min(ownPause, p.SettleWait)):
			case <-ctx.Done():
				return ownToken{}, ctx.Err()
			}
		}
		began := p.API.Now()
		uses, err := lastUses(ctx, p.API, accounts)
		if err != nil {
			return ownToken{}, err
		}
		for id, at := range uses {
			then, known := before[id]
			if known && at.After(then) && at.After(began.Add(-ownFresh)) && at.Before(p.API.Now().Add(ownFresh)) {
				moved[id]++
			}
		}
		before = uses
	}
	if !slices.Contains(slices.Collect(maps.Values(moved)), ownProbes-1) {
		return ownToken{}, nil
	}
	return ownToken{ids: slices.Sorted(maps.Keys(moved))}, nil
}

// visibleAccounts are the accounts whose tokens can be the provider's own; an
// empty id is the account that the API takes by default.
func visibleAccounts(ctx context.Context, api tfkit.API, accountID string) ([]string, error) {
	var ids []string
	if accountID != "" {
		ids = append(ids, accountID)
	}
	accounts, err := api.Accounts(ctx)
	if err != nil && !errors.Is(err, prefactor.ErrNotPermitted) && !errors.Is(err, prefactor.ErrNotFound) {
		return nil, err
	}
	for _, a := range accounts {
		if a.ID != accountID {
			ids = append(ids, a.ID)
		}
	}
	if len(ids) == 0 {
		ids = []string{""}
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
				uses[t.ID] = lastUse(t)
			}
		}
	}
	return uses, nil
}
