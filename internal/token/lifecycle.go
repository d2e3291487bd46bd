package token

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// goal is what a token is to become.
type goal string

const (
	goalActive    goal = prefactor.StatusActive
	goalSuspended goal = prefactor.StatusSuspended
	goalRevoked   goal = prefactor.StatusRevoked
	// goalGone is a token that is no longer there: revoked, then deleted.
	goalGone goal = "gone"
)

// step is one call to the platform.
type step string

const (
	stepNone     step = ""
	stepSuspend  step = "suspend"
	stepActivate step = "activate"
	stepRevoke   step = "revoke"
	stepDelete   step = "delete"
)

// statusGone stands for a token that the platform does not have.
const statusGone = "gone"

// errNoWay is the end of all ways: what is revoked stays revoked, and what is
// gone stays gone.
var errNoWay = errors.New("there is no way back")

// next is the platform's rule book: the step that brings a token of some
// status nearer to its goal. A status that is not one of the three, such as
// that of an expired token, is taken for one that can still be revoked.
func next(status string, g goal) (step, error) {
	if status == statusGone {
		if g == goalGone {
			return stepNone, nil
		}
		return stepNone, fmt.Errorf("the token is not there any more: %w", errNoWay)
	}
	revoked := status == prefactor.StatusRevoked
	switch g {
	case goalActive:
		switch {
		case revoked:
			return stepNone, fmt.Errorf("a revoked token cannot be used again: %w", errNoWay)
		case status == prefactor.StatusSuspended:
			return stepActivate, nil
		}
	case goalSuspended:
		switch {
		case revoked:
			return stepNone, fmt.Errorf("a revoked token cannot be used again: %w", errNoWay)
		case status == prefactor.StatusActive:
			return stepSuspend, nil
		}
	case goalRevoked:
		if !revoked {
			return stepRevoke, nil
		}
	case goalGone:
		if revoked {
			return stepDelete, nil
		}
		return stepRevoke, nil
	}
	return stepNone, nil
}

// lifecycle moves one token from whatever state it is really in to a goal.
type lifecycle struct {
	api tfkit.API
	id  string
	// accountID is the account that the token was last seen in, if known.
	accountID string
	// deleteSent tells that a request to delete the token may have been carried out.
	deleteSent bool
}

// object is the token as tfkit.Get confirms its deletion.
func (l lifecycle) object() tfkit.Object {
	return tfkit.Object{
		Noun: "token", ID: l.id, AccountID: l.accountID, HasOwnToken: true, DeleteSent: l.deleteSent,
		List: func(ctx context.Context) ([]tfkit.Listed, error) {
			rows, err := l.api.Tokens(ctx, l.accountID)
			return tfkit.ListedAll(rows, err, func(t prefactor.Token) tfkit.Listed { return tfkit.Listed{ID: t.ID, AccountID: t.AccountID.Value} })
		},
	}
}

// look asks the platform for the token. A token that is confirmed not to be
// there has the status gone and no error.
func (l lifecycle) look(ctx context.Context) (prefactor.Token, string, error) {
	t, deleted, err := tfkit.Get(ctx, l.api, l.object(), func(ctx context.Context) (prefactor.Token, error) { return l.api.Token(ctx, l.id) })
	switch {
	case err != nil:
		return t, "", err
	case deleted:
		return t, statusGone, nil
	default:
		return t, t.Status.Value, nil
	}
}

// reach brings the token to a goal and gives the status it ends in. status is
// what it was last known to be; empty asks the platform first, so that nothing
// is done where all is as wanted already. After each failure the platform is
// asked what became of the step: an answer that was lost on its way back, and
// a refusal because someone was faster, end well. A step that did not happen
// ends in its error, and the status is the one that the token really has.
func (l lifecycle) reach(ctx context.Context, status string, g goal) (string, error) {
	if status == "" {
		var err error
		if _, status, err = l.look(ctx); err != nil {
			return "", err
		}
	}
	// Each step brings the token nearer; the bound only ends a quarrel with
	// someone who keeps undoing it.
	for range 6 {
		s, err := next(status, g)
		if err != nil || s == stepNone {
			return status, err
		}
		after, err := l.take(ctx, s)
		if err == nil {
			status = after
			continue
		}
		if !tfkit.Verifiable(err) {
			return status, err
		}
		if e, ok := errors.AsType[*prefactor.Error](err); ok && s == stepDelete {
			l.deleteSent = l.deleteSent || e.Ambiguous
		}
		_, now, lookErr := l.look(ctx)
		if lookErr != nil {
			return status, errors.Join(err, lookErr)
		}
		if now == status && errors.Is(err, prefactor.ErrNotFound) {
			// The platform found it on second thoughts.
			continue
		}
		if now == status {
			// It did not happen. A token of an unforeseen status, which
			// cannot be revoked, may still be deleted.
			if s == stepRevoke && g == goalGone && unforeseen(status) {
				if _, deleteErr := l.take(ctx, stepDelete); deleteErr == nil {
					return statusGone, nil
				}
			}
			if errors.Is(err, prefactor.ErrInvalidAction) {
				err = fmt.Errorf("%w; the status of the token is %q", err, status)
			}
			return status, err
		}
		status = now
	}
	return status, fmt.Errorf("token %s keeps changing its state; someone else is working on it", l.id)
}

func unforeseen(status string) bool {
	return status != prefactor.StatusActive && status != prefactor.StatusSuspended && status != prefactor.StatusRevoked && status != statusGone
}

// take does one step and gives the status after it.
func (l lifecycle) take(ctx context.Context, s step) (string, error) {
	var t prefactor.Token
	var err error
	want := ""
	switch s {
	case stepSuspend:
		want = prefactor.StatusSuspended
		t, err = l.api.SuspendToken(ctx, l.id)
	case stepActivate:
		want = prefactor.StatusActive
		t, err = l.api.ActivateToken(ctx, l.id)
	case stepRevoke:
		want = prefactor.StatusRevoked
		t, err = l.api.RevokeToken(ctx, l.id)
	case stepDelete:
		want = statusGone
		err = l.api.DeleteToken(ctx, l.id)
	case stepNone:
	}
	if err != nil {
		return "", err
	}
	if t.Status.Known() && t.Status.Value != want {
		return "", fmt.Errorf("the platform took the request to %s token %s and says that its status is %q", s, l.id, t.Status.Value)
	}
	return want, nil
}

// past tells that both clocks, the local one and the platform's, have passed a
// moment. What cannot be undone needs both: one response with a wrong date would
// otherwise be enough.
func past(api tfkit.API, at time.Time) bool {
	return !at.IsZero() && !api.Now().Before(at) && !api.LocalNow().Before(at)
}

// remove revokes the token and deletes its record, whatever status it has, and
// gives the status that it ends in. A token that is already deleted is no error.
// expires is its expiry, if known. The error is a recordLeftError where the token
// no longer works.
func (l lifecycle) remove(ctx context.Context, status string, expires time.Time) (string, error) {
	status, err := l.reach(ctx, status, goalGone)
	switch {
	case err == nil || ctx.Err() != nil:
	case status == prefactor.StatusRevoked:
		err = recordLeftError{l.id, "is revoked", err}
	case past(l.api, expires):
		err = recordLeftError{l.id, "has expired", err}
	}
	return status, err
}

// Remove revokes and deletes a token of an account, if that is known, whatever
// status the token has; one that is already deleted is no error.
func Remove(ctx context.Context, api tfkit.API, id, accountID string) error {
	_, err := lifecycle{api: api, id: id, accountID: accountID}.remove(ctx, "", time.Time{})
	return err
}

// recordLeftError tells that a token no longer works, but that its record could
// not be deleted. That is harmless, and stops nothing.
type recordLeftError struct {
	id, why string
	err     error
}

func (e recordLeftError) Error() string {
	return fmt.Sprintf("Token %s %s and no longer works, but it could not be deleted: %s. It is not in the state; delete it on the platform's API tokens page.", e.id, e.why, e.err)
}

// warnOfRecordLeft turns a recordLeftError into a warning; it tells whether the
// error was one.
func warnOfRecordLeft(diags *diag.Diagnostics, err error) bool {
	e, ok := errors.AsType[recordLeftError](err)
	if ok {
		diags.AddWarning("API token "+e.id+" could not be deleted", e.Error())
	}
	return ok
}

// howToRevoke is what a person can do about a token that could not be removed.
func howToRevoke(id string) string {
	return "revoke it on the platform's API tokens page or with the vendor's command line: prefactor api_tokens revoke " + id
}
