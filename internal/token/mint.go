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

// Creating a token, and settling what became of a create whose answer was lost.
//
// A create that is sent again carries the same idempotency key, and a platform
// that honours it answers as it did the first time. Whether it does is not
// known. If it does not, a token may be left at the platform whose value
// nobody knows and which no state has: an orphan. After every create of which
// an attempt may have been carried out without its answer arriving, the tokens
// are listed and looked through for one.
//
// The rule. A token is ours for certain if and only if
//
//  1. its scope, agent and environment are those that were asked for,
//  2. its id, which has the time of its creation, is not older than the first
//     attempt, give or take the uncertainty of the clocks,
//  3. it was never used,
//  4. this process has not made it known to any state, and
//  5. its expiry is the one that was asked for, to the microsecond, and that
//     expiry bears our mark.
//
// The mark is a random number of microseconds that is added to an expiry that
// comes from a lifetime. Someone else's token that fulfils 1 to 4 has the same
// mark only if it expires within the same second, and then by a chance of one
// in a million. So revoking an orphan touches nobody else's token.
//
// The limits. An expiry that a person wrote down is sent as written and has no
// mark, nor has one that the platform picks; and a platform that keeps whole
// seconds loses it. In these cases nothing is touched: the error, or after a
// success the warning, lists the tokens that fulfil 1 to 4, and do not bear the
// mark of another create, for a person to judge. A token that comes to be only
// after the listing is not found.

// clockSlack is how far a creation time may be from the platform's time as
// this process knows it.
const clockSlack = 2 * time.Minute

// marked adds our mark to an expiry.
func marked(at time.Time) time.Time {
	return at.Truncate(time.Second).Add(time.Duration(1+rand.IntN(999_999)) * time.Microsecond) //nolint:gosec // A mark is no secret.
}

// bearsMark tells whether an expiry can be recognised.
func bearsMark(at time.Time) bool { return at.Nanosecond() != 0 }

// minter creates tokens for the resources and the ephemeral resources.
type minter struct {
	provider *tfkit.Provider
	// known are tokens that the state has already: none of them is an orphan.
	known []string
	// lifetime is what the expiry is counted from, and bears our mark then; 0
	// leaves it as it was asked for.
	lifetime time.Duration
}

// rounds is how often a create begins anew after its orphan was removed.
const rounds = 3

// mint creates a token, and leaves no second one behind.
func (m minter) mint(ctx context.Context, n prefactor.NewToken, diags *diag.Diagnostics) (prefactor.CreatedToken, error) {
	var last error
	for round := range rounds {
		now, started := m.provider.API.Now(), time.Now()
		if m.lifetime > 0 {
			n.ExpiresAt = marked(now.Add(m.lifetime))
		}
		created, err := m.provider.API.CreateToken(ctx, n)
		// The answers may have set the clock right meanwhile.
		began := m.provider.API.Now().Add(-time.Since(started))
		clockWasWrong := m.lifetime > 0 && began.Sub(now).Abs() > clockSlack/2
		if err == nil {
			m.provider.Minted(created.ID)
			if created.Ambiguous {
				m.settleSuccess(ctx, n, began, diags)
			}
			if clockWasWrong && round < rounds-1 && m.takeBack(ctx, created, diags) {
				continue
			}
			return created, nil
		}
		e, ok := errors.AsType[*prefactor.Error](err)
		if ok && !e.Ambiguous && clockWasWrong && refusesExpiry(e) {
			last = err
			continue
		}
		if !ok || !e.Ambiguous {
			return created, err
		}
		again, settled := m.settleFailure(ctx, n, began, err)
		if !again {
			return created, settled
		}
		last = err
	}
	return prefactor.CreatedToken{}, last
}

// takeBack removes a token whose expiry was counted from a clock that was wrong,
// which the answer to its creation has shown. One that cannot be revoked is
// kept: it works, though not for as long as was asked for.
func (m minter) takeBack(ctx context.Context, created prefactor.CreatedToken, diags *diag.Diagnostics) bool {
	l := lifecycle{api: m.provider.API, id: created.ID, accountID: created.AccountID.Value}
	status, err := l.reach(ctx, created.Status.Value, goalGone)
	if err != nil && status == prefactor.StatusRevoked {
		diags.AddWarning("A revoked token is left at the platform", fmt.Sprintf(
			"Token %s was created with an expiry that came from a clock that is wrong. It is revoked, and another one took its place, but its row could not be deleted: %s.", created.ID, err))
	}
	return err == nil || status == prefactor.StatusRevoked
}

func refusesExpiry(e *prefactor.Error) bool {
	for _, f := range e.Fields {
		if f.Field == "expires_at" {
			return true
		}
	}
	return false
}

// settleFailure finds out what a failed create has left behind. It tells
// whether the create may begin anew, and gives the error if not.
func (m minter) settleFailure(ctx context.Context, n prefactor.NewToken, began time.Time, cause error) (again bool, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
	defer cancel()
	ours, others, err := m.orphans(ctx, n, began)
	if err == nil && len(ours) == 0 && len(others) == 0 {
		// The list may lag behind, or the platform may still be at it.
		select {
		case <-time.After(m.provider.SettleWait):
		case <-ctx.Done():
		}
		ours, others, err = m.orphans(ctx, n, began)
	}
	if err != nil {
		return false, fmt.Errorf("%w; whether a token came of it could not be told (%w): look on the platform's API tokens page for one that was created since %s and never used",
			cause, err, began.UTC().Format(time.RFC3339))
	}
	if len(ours) == 0 && len(others) == 0 {
		return false, fmt.Errorf("%w; as far as the platform's list shows, no token came of it. Should one turn up that was created since %s and is never used, revoke it on the platform's API tokens page",
			cause, began.UTC().Format(time.RFC3339))
	}
	for _, t := range ours {
		if err := m.remove(ctx, t); err != nil {
			return false, fmt.Errorf("%w; token %s came of it, its value is lost, and it could not be removed (%w): revoke it on the platform's API tokens page", cause, t.ID, err)
		}
	}
	if len(ours) > 0 {
		return true, nil
	}
	return false, fmt.Errorf("%w; %s. Whether one of them came of it cannot be told for certain, so nothing was touched. "+
		"Others may be of this apply or of another one that runs now: revoke on the platform's API tokens page what no state has and nobody uses, and apply again", cause, listOrphans(others))
}

// settleSuccess removes a second token that an earlier attempt of a successful
// create has made.
func (m minter) settleSuccess(ctx context.Context, n prefactor.NewToken, began time.Time, diags *diag.Diagnostics) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
	defer cancel()
	ours, others, err := m.orphans(ctx, n, began)
	if err != nil {
		diags.AddWarning("A second token may have been created", fmt.Sprintf(
			"The token was created by a repeated request, and whether the first one has made another could not be told: %s. "+
				"Look on the platform's API tokens page for one that was created since %s and never used.", err, began.UTC().Format(time.RFC3339)))
		return
	}
	for _, t := range ours {
		if err := m.remove(ctx, t); err != nil {
			others = append(others, t)
		}
	}
	if len(others) > 0 {
		diags.AddWarning("A second token may have been created", fmt.Sprintf(
			"The token was created by a repeated request, and the first one may have made another, whose value is lost: %s. Others may be of this apply or of another one that runs now: revoke on the platform's API tokens page what no state has and nobody uses.", listOrphans(others)))
	}
}

func (m minter) remove(ctx context.Context, t prefactor.Token) error {
	_, err := lifecycle{api: m.provider.API, id: t.ID, accountID: t.AccountID.Value}.reach(ctx, t.Status.Value, goalGone)
	if err == nil {
		tflog.Info(ctx, "removed a token whose create had lost its answer", map[string]any{"id": t.ID})
	}
	return err
}

// orphans are the tokens that may have come of a create: ours for certain, and
// those that fit but could be anybody's.
func (m minter) orphans(ctx context.Context, n prefactor.NewToken, began time.Time) (ours, others []prefactor.Token, err error) {
	// Not the whole list: in an apply of many tokens it never holds still.
	tokens, err := m.provider.API.TokensSince(ctx, n.AccountID, began.Add(-clockSlack))
	if err != nil {
		return nil, nil, err
	}
	var young []prefactor.Token
	for _, t := range tokens {
		// The id alone rules out nearly all of them.
		if id, err := pfid.Parse(t.ID); err == nil && id.Time().After(began.Add(-clockSlack)) && !m.provider.HasMinted(t.ID) && !slices.Contains(m.known, t.ID) {
			young = append(young, t)
		}
	}
	if young, err = complete(ctx, m.provider.API, young); err != nil {
		return nil, nil, err
	}
	for _, t := range young {
		if t.Scope.Value != n.Scope || t.AgentID.Value != n.AgentID || t.EnvironmentID.Value != n.EnvironmentID || t.LastUsedAt.Known() {
			continue
		}
		expires := t.ExpiresAt.Value.Time
		switch marks := m.lifetime > 0 && bearsMark(n.ExpiresAt); {
		case marks && expires.Equal(n.ExpiresAt):
			ours = append(ours, t)
		case marks && !expires.Truncate(time.Millisecond).Equal(expires):
			// It has the mark of another one, such as one that this process is
			// creating at the same time.
		case n.ExpiresAt.IsZero() || expires.Sub(n.ExpiresAt).Abs() < time.Second:
			others = append(others, t)
		}
	}
	return ours, others, nil
}

func listOrphans(tokens []prefactor.Token) string {
	names := make([]string, len(tokens))
	for i, t := range tokens {
		names[i] = fmt.Sprintf("%s, created at %s", t.ID, formatTime(t.CreatedAt()))
	}
	return "these tokens fit and were never used: " + strings.Join(names, "; ")
}
