package token

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// Creating a token, and reconciling a create whose response was lost.
//
// The attempts of a create carry one idempotency key. Whether the platform
// responds to a repeated key with the first response, with the code
// idempotency_key_already_used or with a second token is not known. So an
// attempt that was carried out without its response arriving may leave an
// orphan: a token whose value nobody knows and which is in no state. After each
// create that had such an attempt, the tokens are listed to find it.
//
// An orphan is recognized by its mark: an expiry that is counted from a lifetime
// gets a random number of microseconds. A token is certain to be ours if
//
//  1. its expiry is the one that was asked for, to the microsecond,
//  2. its scope, agent and environment are those that were asked for,
//  3. it was never used, and
//  4. no state knows it, as far as this process can tell.
//
// Someone else's token passes 1 only if it expires within the same second, and
// then with a chance of one in a million. What is certain to be ours is revoked
// and deleted.
//
// An expiry that a person configured or that the platform chose has no mark, and
// a platform that keeps whole seconds loses it. Then no changes are made: the
// error, or after a success the warning, lists the possible orphans: tokens that
// pass 2 to 4, expire within a second of what was asked for, and were created
// since the first attempt.

const (
	// maxCreates is how often a create starts again after its orphan or its
	// token was removed.
	maxCreates = 3

	// maxSearches is how often the list is searched for a token that is known
	// to exist.
	maxSearches = 3
)

// minter creates tokens for the resources and the ephemeral resources.
type minter struct {
	provider *tfkit.Provider
	// known are tokens that the state has already: none of them is an orphan.
	known []string
	// lifetime is what the expiry is counted from; 0 leaves the expiry as asked for.
	lifetime time.Duration
}

// mint creates a token and leaves no second one behind.
func (m minter) mint(ctx context.Context, n prefactor.NewToken, diags *diag.Diagnostics) (prefactor.CreatedToken, error) {
	var err error
	for round := range maxCreates {
		c := m.start(n)
		var created prefactor.CreatedToken
		created, err = m.provider.API.CreateToken(ctx, c.asked)
		if err == nil {
			m.provider.Minted(created.ID)
			tfkit.OnUndelivered(ctx, created.ID, func(ctx context.Context) { _ = Remove(ctx, m.provider.API, created.ID, created.AccountID.Value) })
			if created.Ambiguous {
				c.reconcileDuplicate(ctx, created, diags)
			}
			// A token that cannot be removed works, but expires at another time than
			// asked for.
			if round < maxCreates-1 && c.clockWasWrong(created) && c.remove(ctx, created.Token, diags) == nil {
				continue
			}
			return created, nil
		}
		e, ok := errors.AsType[*prefactor.Error](err)
		switch {
		case ok && c.expiryRejectedByMistake(ctx, e):
			// So was every earlier attempt, or its token has expired already.
		case ok && (e.Ambiguous || errors.Is(e, prefactor.ErrIdempotencyKeyUsed)):
			if err := c.reconcileFailed(ctx, e, diags); err != nil {
				return prefactor.CreatedToken{}, err
			}
		default:
			return prefactor.CreatedToken{}, err
		}
	}
	return prefactor.CreatedToken{}, err
}

// creation is one create with all its attempts.
type creation struct {
	minter

	asked prefactor.NewToken
	// started is the local time of the first attempt, platformTime the
	// platform's, as far as it was known then.
	started, platformTime time.Time
}

func (m minter) start(n prefactor.NewToken) creation {
	c := creation{minter: m, asked: n, started: time.Now(), platformTime: m.provider.API.Now()}
	if m.lifetime > 0 {
		mark := time.Duration(1+rand.IntN(999_999)) * time.Microsecond //nolint:gosec // A mark is no secret.
		c.asked.ExpiresAt = c.platformTime.Add(m.lifetime).Truncate(time.Second).Add(mark)
	}
	return c
}

// since is the platform's time of the first attempt, as far as it is known by
// now: the responses may have corrected the clock.
func (c creation) since() time.Time { return c.provider.API.Now().Add(-time.Since(c.started)) }

// clockWasWrong tells whether the token's lifetime was counted from a wrong
// clock: the token was not created between the first attempt and now.
func (c creation) clockWasWrong(created prefactor.CreatedToken) bool {
	at := created.CreatedAt()
	if c.lifetime == 0 || at.IsZero() {
		return false
	}
	late := at.Sub(c.platformTime)
	return late < -tfkit.ClockSlack || late > time.Since(c.started)+tfkit.ClockSlack
}

// expiryRejectedByMistake tells whether the API rejected an expiry that was
// counted from a wrong clock. One more response lets the client see whether the
// clock is wrong.
func (c creation) expiryRejectedByMistake(ctx context.Context, e *prefactor.Error) bool {
	if c.lifetime == 0 || !slices.ContainsFunc(e.Fields, func(f prefactor.FieldError) bool { return f.Field == "expires_at" }) {
		return false
	}
	_, _ = c.provider.API.Accounts(ctx) // Its Date is all that matters.
	return c.since().Sub(c.platformTime).Abs() > tfkit.ClockSlack/2
}

// reconcileFailed removes what a failed create has left behind. Its error says
// why the create cannot start again.
func (c creation) reconcileFailed(ctx context.Context, cause *prefactor.Error, diags *diag.Diagnostics) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tfkit.CleanupTimeout)
	defer cancel()
	// What follows says what the API did with it.
	settled := *cause
	settled.Ambiguous, cause = false, &settled
	exists := errors.Is(cause, prefactor.ErrIdempotencyKeyUsed)
	certain, possible, err := c.search(ctx, func([]prefactor.Token) bool { return !exists })
	since := c.since().UTC().Format(time.RFC3339)
	switch {
	case errors.Is(err, errListBehind):
		return fmt.Errorf("%w. A token was created, but its value was lost with an earlier response, and the list of tokens does not contain it yet. The token is active. Look on the platform's API tokens page for a token that was created since %s and never used, revoke it, then apply again",
			cause, since)
	case err != nil:
		return fmt.Errorf("%w. Whether a token was created could not be determined: %w. Look on the platform's API tokens page for a token that was created since %s and never used, and revoke it",
			cause, err, since)
	case len(certain) > 0:
		for _, t := range certain {
			if err := c.remove(ctx, t, diags); err != nil {
				return fmt.Errorf("%w. Token %s was created, but its value was lost with the response, and it could not be removed: %w. Before you apply again, %s",
					cause, t.ID, err, howToRevoke(t.ID))
			}
		}
		return nil
	case len(possible) > 0:
		return fmt.Errorf("%w. A token may have been created whose value was lost with the response. It may be one of these: %s. "+
			"No changes were made, because they may also belong to another resource of this apply or to another run. Revoke the tokens that nobody uses on the platform's API tokens page, then apply again",
			cause, describe(possible))
	default:
		return fmt.Errorf("%w. The list of tokens contains no token that this request created, so apply again. If a token that was created since %s and was never used appears later, revoke it on the platform's API tokens page",
			cause, since)
	}
}

// reconcileDuplicate removes a second token that an earlier attempt of a
// successful create has made.
func (c creation) reconcileDuplicate(ctx context.Context, created prefactor.CreatedToken, diags *diag.Diagnostics) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tfkit.CleanupTimeout)
	defer cancel()
	certain, possible, err := c.search(ctx, func(rows []prefactor.Token) bool {
		// A list that lacks the new token is behind, and may lack an older one too.
		return slices.ContainsFunc(rows, func(t prefactor.Token) bool { return t.ID == created.ID })
	})
	if err != nil {
		diags.AddWarning("Token "+created.ID+" may have a duplicate", fmt.Sprintf(
			"Token %s was created by a repeated request. Whether an earlier request created another token could not be determined: %s. "+
				"Look on the platform's API tokens page for a token that was created since %s and never used, and revoke it.", created.ID, err, c.since().UTC().Format(time.RFC3339)))
		return
	}
	for _, t := range certain {
		if err := c.remove(ctx, t, diags); err != nil {
			diags.AddWarning("Token "+t.ID+" is a duplicate", fmt.Sprintf(
				"Token %s was created by a repeated request. The first request created token %s, whose value was lost with the response, and which could not be removed: %s. It may still work. %s",
				created.ID, t.ID, err, tfkit.UpperFirst(howToRevoke(t.ID))))
		}
	}
	// Next to a certain one, the possible ones are other people's.
	if len(certain) == 0 && len(possible) > 0 {
		diags.AddWarning("Possible duplicates of token "+created.ID+": "+strings.Join(ids(possible), ", "), fmt.Sprintf(
			"Token %s was created by a repeated request. An earlier request may have created another token, whose value was lost with the response. It may be one of these: %s. "+
				"They may also belong to another resource of this apply or to another run: revoke the tokens that nobody uses on the platform's API tokens page.", created.ID, describe(possible)))
	}
}

// remove removes a token that is in no state. A record that cannot be deleted is no
// error, but a warning.
func (c creation) remove(ctx context.Context, t prefactor.Token, diags *diag.Diagnostics) error {
	_, err := lifecycle{api: c.provider.API, id: t.ID, accountID: t.AccountID.Value}.remove(ctx, t.Status.Value, t.ExpiresAt.Value.Time)
	switch {
	case err == nil:
		tflog.Info(ctx, "removed a token that no state knows", map[string]any{"id": t.ID})
	case warnOfRecordLeft(diags, err):
		err = nil
	}
	return err
}

// search looks for the orphans of a create: those that are certain to be ours,
// and those that may be anybody's. The platform's list may be behind, and the
// platform may still be at work, so each search waits first. isComplete tells
// whether the list is known to show what there is; if it never is, and shows
// nothing, the error is errListBehind.
func (c creation) search(ctx context.Context, isComplete func(rows []prefactor.Token) bool) (certain, possible []prefactor.Token, err error) {
	for range maxSearches {
		select {
		case <-time.After(c.provider.SettleWait):
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		}
		rows, err := c.list(ctx)
		if err != nil {
			return nil, nil, err
		}
		certain, possible, err = c.orphans(ctx, rows)
		if err != nil || len(certain) > 0 || isComplete(rows) {
			return certain, possible, err
		}
	}
	if len(possible) == 0 {
		err = errListBehind
	}
	return nil, possible, err
}

// errListBehind is the failure of a search in a list that was never complete.
var errListBehind = errors.New("the list of tokens does not contain it yet")

// list gives the tokens since the first attempt, not the whole list: in an apply
// of many tokens that keeps changing.
func (c creation) list(ctx context.Context) ([]prefactor.Token, error) {
	since := c.since()
	rows, err := c.provider.API.TokensSince(ctx, c.asked.AccountID, since.Add(-tfkit.ClockSlack))
	if err == nil && c.since().Before(since.Add(-tfkit.ClockSlack)) {
		// The clock was ahead, as the responses have shown.
		rows, err = c.provider.API.TokensSince(ctx, c.asked.AccountID, c.since().Add(-tfkit.ClockSlack))
	}
	return rows, err
}

// orphans picks the orphans of a create from the rows of the list.
func (c creation) orphans(ctx context.Context, rows []prefactor.Token) (certain, possible []prefactor.Token, err error) {
	hasMark := c.lifetime > 0
	for _, t := range rows {
		expires := t.ExpiresAt.Value.Time
		switch {
		case !c.mayBeOrphan(t):
		case hasMark && expires.Equal(c.asked.ExpiresAt):
			certain = append(certain, t)
		case t.Status.Value == prefactor.StatusRevoked || !c.isRecent(t):
		case hasMark && !expires.Truncate(time.Millisecond).Equal(expires):
			// It has another mark, such as that of a create of this apply.
		case c.asked.ExpiresAt.IsZero() || expires.Sub(c.asked.ExpiresAt).Abs() < time.Second:
			possible = append(possible, t)
		}
	}
	if len(certain) == 0 && len(possible) > 0 {
		possible, err = ofAgent(ctx, c.asked.AgentID, possible, c.provider.API.Deployments)
	}
	return certain, possible, err
}

// mayBeOrphan compares a token with what was asked for. Rows of the list need
// not have agent_id (Reference: queryapitokenlist).
func (c creation) mayBeOrphan(t prefactor.Token) bool {
	sameAgent := t.AgentID.Value == c.asked.AgentID || !t.AgentID.Known()
	return t.Scope.Value == c.asked.Scope && t.EnvironmentID.Value == c.asked.EnvironmentID && sameAgent &&
		!t.LastUsedAt.Known() && !c.provider.HasMinted(t.ID) && !slices.Contains(c.known, t.ID)
}

// isRecent tells whether a token was created since the first attempt: its id has
// the time of its creation.
func (c creation) isRecent(t prefactor.Token) bool {
	id, err := pfid.Parse(t.ID)
	return err == nil && id.Time().After(c.since().Add(-tfkit.ClockSlack))
}

func ids(tokens []prefactor.Token) []string {
	all := make([]string, len(tokens))
	for i, t := range tokens {
		all[i] = t.ID
	}
	return all
}

// describe lists tokens for a person to judge.
func describe(tokens []prefactor.Token) string {
	all := make([]string, len(tokens))
	for i, t := range tokens {
		all[i] = fmt.Sprintf("%s, created at %s", t.ID, formatTime(t.CreatedAt()))
	}
	return strings.Join(all, "; ")
}
