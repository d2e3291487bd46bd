package tfkit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/memo"
	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

const (
	// readLag is how long after its creation an object may be missing in
	// responses: 30 seconds, and a minute by which the clocks may differ before
	// the client corrects its own.
	readLag = 90 * time.Second

	// confirmPause is the time between the two reads of an object that is not found.
	confirmPause = time.Second

	// confirmFreshness is how long a list confirms deletions. It is shorter than
	// readLag: what is missing in a list existed when the list was requested.
	confirmFreshness = time.Minute
)

// Object is what a resource manages, and the list that it is in while it exists.
type Object struct {
	// Noun is what people call it, such as "environment".
	Noun, ID string
	// AccountID is the account that it was last seen in. If it is empty, the
	// partition of the id, which all ids of an account share, tells the account.
	AccountID string
	// Of is the id that its list is requested for, such as an agent's for
	// deployments; empty for the whole account.
	Of string
	// List lists the object and others of its type, each with its account, if known. It
	// is nil for an object that was never read, as in an import: Of is not known then,
	// and no state can be lost.
	List func(ctx context.Context) ([]Listed, error)
	// Parent is the object that it is deleted with; it may be nil. Without the parent,
	// the list cannot be requested.
	Parent *Parent
	// DeleteSent tells that this process has sent a request to delete the
	// object. Then it may be confirmed however recently it was created.
	DeleteSent bool
}

// Parent is an object without which another one cannot exist.
type Parent struct {
	Object

	Read func(ctx context.Context) error
}

// Listed is an object in a list. AccountID is empty if the list does not have it.
type Listed struct{ ID, AccountID string }

// ListedAll converts the objects of a list.
func ListedAll[T any](objects []T, err error, convert func(T) Listed) ([]Listed, error) {
	all := make([]Listed, 0, len(objects))
	for _, o := range objects {
		all = append(all, convert(o))
	}
	return all, err
}

// Get reads an object. If the API responds that it does not exist, Get confirms that
// it is deleted. One wrong response must not remove an existing object from the state:
// it would be created a second time, and nobody would know of the first one. A wrong
// address, a router during a deployment, and credentials of another account all cause
// such responses. So an object is deleted only if
//
//   - the API responds so twice, with a pause,
//   - the list that it would be in does not have it, nor is that list empty while
//     the list of tokens, which has the provider's own, is empty too, and
//   - these credentials can see its account at this address: in the list of
//     accounts, by its id, or by other objects of the account in the list.
//
// Everything else is an error that says what could not be confirmed. It does not
// match prefactor.ErrNotFound.
func Get[T any](ctx context.Context, api API, o Object, read func(ctx context.Context) (T, error)) (found T, deleted bool, err error) {
	found, err = read(ctx)
	if !errors.Is(err, prefactor.ErrNotFound) {
		return found, false, err
	}
	if age, known := ageOf(api, o.ID); known && age < readLag && !o.DeleteSent {
		return found, false, o.unconfirmed(nil, fmt.Sprintf(
			"it was created less than %s ago, and the API may not return it yet. Run the same command again in two minutes", readLag))
	}
	c := confirmerOf(api)
	select {
	case <-time.After(c.pause):
	case <-ctx.Done():
		return found, false, ctx.Err()
	}
	found, err = read(ctx)
	if !errors.Is(err, prefactor.ErrNotFound) {
		return found, false, err
	}
	err = c.confirm(ctx, o)
	return found, err == nil, err
}

// ageOf is how long ago an object was created, by the time in its id.
func ageOf(api API, id string) (age time.Duration, known bool) {
	parsed, err := pfid.Parse(id)
	if err != nil {
		return 0, false
	}
	return api.Now().Sub(parsed.Time()), true
}

// unconfirmedError does not match prefactor.ErrNotFound, whatever its cause:
// it must not be taken for a confirmed deletion.
type unconfirmedError struct {
	text, reason string
	cause        error
}

func (e *unconfirmedError) Error() string { return e.text }

func (e *unconfirmedError) Unwrap() error {
	if errors.Is(e.cause, prefactor.ErrNotFound) {
		return nil
	}
	return e.cause
}

func (o Object) unconfirmed(cause error, reason string) error {
	return &unconfirmedError{cause: cause, reason: reason, text: fmt.Sprintf(
		"the API responds that %s %s does not exist, but the deletion could not be confirmed: %s. "+
			"The state is unchanged. If you know that it was deleted and a state still has it, run terraform state rm on its address", o.Noun, o.ID, reason)}
}

// WithConfirmation returns an API whose confirmations share their lists, so that one
// list confirms many deletions. pause is the time between the two reads of an object; 0
// is the default.
func WithConfirmation(api API, pause time.Duration) API {
	return &confirmer{API: api, pause: cmp.Or(pause, confirmPause)}
}

// confirmer is an API with the lists that confirm deletions.
type confirmer struct {
	API

	pause time.Duration
	lists memo.Map[listing]
}

// listing is a list or its error, and when it was requested. An error is shared too:
// the same request would fail for other objects again.
type listing struct {
	objects []Listed
	err     error
	asked   time.Time
}

func confirmerOf(api API) *confirmer {
	if c, ok := api.(*confirmer); ok {
		return c
	}
	return &confirmer{API: api, pause: confirmPause}
}

// list requests a list that all confirmations need, unless it was requested
// within confirmFreshness and after a moment. If the context ends, that is its error.
func (c *confirmer) list(ctx context.Context, key string, after time.Time, request func(context.Context) ([]Listed, error)) listing {
	usable := func(l listing) bool { return time.Since(l.asked) < confirmFreshness && !l.asked.Before(after) }
	l, err := c.lists.GetIf(ctx, key, usable, func(ctx context.Context) (listing, error) {
		l := listing{asked: time.Now()}
		l.objects, l.err = request(ctx)
		return l, ctx.Err()
	})
	if err != nil {
		return listing{err: err}
	}
	return l
}

// contains tells whether a list was read and has an object.
func (l listing) contains(is func(Listed) bool) bool {
	return l.err == nil && slices.ContainsFunc(l.objects, is)
}

// confirm checks by the lists that an object, which was not found twice, is deleted.
func (c *confirmer) confirm(ctx context.Context, o Object) error {
	var l listing
	isSame := func(listed Listed) bool { return listed.ID == o.ID }
	if o.List != nil {
		key, began := o.Noun+" "+o.AccountID+" "+o.Of, time.Now()
		l = c.list(ctx, key, time.Time{}, o.List)
		if l.asked.Before(began) && l.contains(isSame) {
			l = c.list(ctx, key, began, o.List)
		}
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case o.Parent != nil && errors.Is(l.err, prefactor.ErrNotFound):
		return c.confirmParent(ctx, o, l.err)
	case l.contains(isSame):
		return o.unconfirmed(nil, fmt.Sprintf("the list of %ss still contains it. Run the same command again later", o.Noun))
	case l.contains(o.sharesAccount):
		return nil
	}
	// This is checked also if the list failed: another account explains both.
	visible, why, accountErr := c.seesAccount(ctx, o)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case l.err != nil && (visible || accountErr != nil):
		return o.unconfirmed(l.err, fmt.Sprintf("the list of %ss could not be read (%v). Check that api_url is the platform's address and that the provider's token is valid, then run the same command again",
			o.Noun, l.err))
	case !visible:
		return o.unconfirmed(accountErr, why)
	case o.List != nil && len(l.objects) == 0 && !c.listsOwnAccount(ctx, o):
		return o.unconfirmed(nil, fmt.Sprintf("the list of %ss is empty, and the list of the account's tokens is not complete: the provider's own token must be in it", o.Noun))
	}
	return nil
}

// confirmParent confirms that an object is deleted whose list does not exist, because
// its parent is deleted.
func (c *confirmer) confirmParent(ctx context.Context, o Object, listErr error) error {
	parent := o.Parent.Object
	parent.AccountID = o.AccountID
	_, deleted, err := Get(ctx, API(c), parent, func(ctx context.Context) (struct{}, error) { return struct{}{}, o.Parent.Read(ctx) })
	var unconfirmed *unconfirmedError
	switch {
	case deleted:
		return nil
	case errors.As(err, &unconfirmed):
		return o.unconfirmed(err, unconfirmed.reason)
	case err != nil:
		return o.unconfirmed(err, err.Error())
	}
	return o.unconfirmed(listErr, fmt.Sprintf("the list of %ss could not be read (%v)", o.Noun, listErr))
}

// listsOwnAccount tells whether the list of tokens has tokens of the object's
// account. An empty list proves something only if it does: the provider's own
// token is in that list, which therefore is never empty.
func (c *confirmer) listsOwnAccount(ctx context.Context, o Object) bool {
	return c.list(ctx, "token "+o.AccountID+" ", time.Time{}, func(ctx context.Context) ([]Listed, error) {
		tokens, err := c.Tokens(ctx, o.AccountID)
		return ListedAll(tokens, err, func(t prefactor.Token) Listed { return Listed{ID: t.ID, AccountID: t.AccountID.Value} })
	}).contains(o.sharesAccount)
}

// CheckAccount returns an error if an account_id is not an account that the credentials
// can see. It is for empty lists: an API that does not know the account may return
// one. If the credentials may not read accounts, it returns no error.
func CheckAccount(ctx context.Context, api API, id string) error {
	visible, _, err := confirmerOf(api).seesAccount(ctx, Object{ID: id, AccountID: id})
	if visible || err != nil {
		return ctx.Err()
	}
	return fmt.Errorf("%s is not an account that the provider's credentials can see. The data source prefactor_accounts lists them", id)
}

// seesAccount tells whether the credentials can see the object's account, and
// why not.
func (c *confirmer) seesAccount(ctx context.Context, o Object) (visible bool, why string, err error) {
	accounts := c.list(ctx, "accounts", time.Time{}, func(ctx context.Context) ([]Listed, error) {
		accounts, err := c.Accounts(ctx)
		return ListedAll(accounts, err, func(a prefactor.Account) Listed { return Listed{ID: a.ID, AccountID: a.ID} })
	})
	if accounts.contains(o.sharesAccount) {
		return true, "", nil
	}
	account := "another account, as its id shows"
	if o.AccountID != "" {
		account = "account " + o.AccountID
		single := c.list(ctx, account, time.Time{}, func(ctx context.Context) ([]Listed, error) {
			_, err := c.Account(ctx, o.AccountID)
			return nil, err
		})
		if single.err == nil {
			return true, "", nil
		}
	}
	switch {
	case accounts.err != nil:
		return false, fmt.Sprintf("it could not be determined whether the provider's credentials can see its account (%v)", accounts.err), accounts.err
	case len(accounts.objects) == 0:
		return false, "the list of accounts is empty, so it could not be determined whether the provider's credentials can see its account", nil
	default:
		return false, fmt.Sprintf("it belongs to %s, which the provider's credentials cannot see. Use credentials of that account", account), nil
	}
}

// sharesAccount tells whether another object is of the same account for certain.
func (o Object) sharesAccount(other Listed) bool {
	if o.AccountID != "" && other.AccountID != "" {
		return o.AccountID == other.AccountID
	}
	same, known := samePartition(o.ID, other.ID)
	return same && known
}

// Verifiable tells whether the result of a failed request can be checked by another one.
func Verifiable(err error) bool {
	return !errors.Is(err, context.Canceled) && !errors.Is(err, prefactor.ErrNotAuthenticated) && !errors.Is(err, prefactor.ErrNotPermitted)
}
