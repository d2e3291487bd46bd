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
	// goalDeleted needs two steps: revoke, then delete.
	goalDeleted goal = "deleted"
)

// step is one request that changes a status.
type step string

const (
	stepNone     step = ""
	stepSuspend  step = "suspend"
	stepActivate step = "activate"
	stepRevoke   step = "revoke"
	stepDelete   step = "delete"
)

// statusDeleted is the status of a token that the API does not have.
const statusDeleted = "deleted"

// errTerminal tells that a token is revoked or deleted, which cannot be undone.
var errTerminal = errors.New("this cannot be undone")

// next is the step that brings a token of some status nearer to its goal.
func next(status string, g goal) (step, error) {
	revoked := status == prefactor.StatusRevoked
	switch {
	case status == statusDeleted && g == goalDeleted, revoked && g == goalRevoked:
		return stepNone, nil
	case status == statusDeleted:
		return stepNone, fmt.Errorf("the token was deleted: %w", errTerminal)
	case revoked && g == goalDeleted:
		return stepDelete, nil
	case revoked:
		return stepNone, fmt.Errorf("the token is revoked: %w", errTerminal)
	case g == goalRevoked, g == goalDeleted:
		return stepRevoke, nil
	case g == goalActive && status == prefactor.StatusSuspended:
		return stepActivate, nil
	case g == goalSuspended && status == prefactor.StatusActive:
		return stepSuspend, nil
	default:
		return stepNone, nil
	}
}

// lifecycle moves one token from the status that it really has to a goal.
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
		Noun: "token", ID: l.id, AccountID: l.accountID, DeleteSent: l.deleteSent,
		List: func(ctx context.Context) ([]tfkit.Listed, error) {
			rows, err := l.api.Tokens(ctx, l.accountID)
			return tfkit.ListedAll(rows, err, func(t prefactor.Token) tfkit.Listed { return tfkit.Listed{ID: t.ID, AccountID: t.AccountID.Value} })
		},
	}
}

// get reads the token and its status. A confirmed deletion is no error.
func (l lifecycle) get(ctx context.Context) (prefactor.Token, string, error) {
	t, deleted, err := tfkit.Get(ctx, l.api, l.object(), func(ctx context.Context) (prefactor.Token, error) {
		return l.api.Token(prefactor.InList(ctx, l.accountID), l.id)
	})
	switch {
	case err != nil:
		return t, "", err
	case deleted:
		return t, statusDeleted, nil
	default:
		return t, t.Status.Value, nil
	}
}

// moveTo brings the token to a goal and gives the status it ends in. status is
// the last known status; if it is empty, the token is read first. After each
// failure the token is read again: if only the response was lost, or someone else
// was faster, this is no error. Otherwise the error is that of the step, and the
// status is the one that the token really has.
func (l lifecycle) moveTo(ctx context.Context, status string, g goal) (string, error) {
	if status == "" {
		var err error
		if _, status, err = l.get(ctx); err != nil {
			return "", err
		}
	}
	// Each step brings the token nearer. The bound is for the case that someone
	// else keeps undoing it.
	for range 6 {
		s, err := next(status, g)
		if err != nil || s == stepNone {
			return status, err
		}
		after, err := l.do(ctx, s)
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
		_, now, getErr := l.get(ctx)
		switch {
		case getErr != nil:
			return status, errors.Join(err, getErr)
		case now != status:
			status = now
		case errors.Is(err, prefactor.ErrNotFound):
			// The read found it: the 404 was wrong.
		case errors.Is(err, prefactor.ErrInvalidAction):
			return status, fmt.Errorf("%w; the status of the token is %q", err, status)
		default:
			return status, err
		}
	}
	return status, fmt.Errorf("the status of token %s keeps changing, because something else changes it at the same time", l.id)
}

// do takes one step and gives the status after it.
func (l lifecycle) do(ctx context.Context, s step) (string, error) {
	if s == stepDelete {
		return statusDeleted, l.api.DeleteToken(ctx, l.id)
	}
	r := map[step]struct {
		send  func(ctx context.Context, id string) (prefactor.Token, error)
		after string
	}{
		stepSuspend:  {l.api.SuspendToken, prefactor.StatusSuspended},
		stepActivate: {l.api.ActivateToken, prefactor.StatusActive},
		stepRevoke:   {l.api.RevokeToken, prefactor.StatusRevoked},
	}[s]
	t, err := r.send(ctx, l.id)
	if err == nil && t.Status.Known() && t.Status.Value != r.after {
		err = fmt.Errorf("the API accepted the request to %s token %s, but its status is %q", s, l.id, t.Status.Value)
	}
	return r.after, err
}

// remove revokes the token and deletes its record, whatever status it has, and
// gives the status that it ends in. A token that is already deleted is no error.
// expires is its expiry, if known. The error is a recordLeftError where the token
// no longer works.
func (l lifecycle) remove(ctx context.Context, status string, expires time.Time) (string, error) {
	status, err := l.moveTo(ctx, status, goalDeleted)
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
	return fmt.Sprintf("Token %s %s and no longer works, but it could not be deleted: %s. It is no longer in the state. Delete it on the platform's API tokens page.", e.id, e.why, e.err)
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
