package directory

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// create creates the object with an id that is chosen here: if the response is lost, a
// read of the id shows whether the object was created, even if the platform ignores
// idempotency keys. If the account is not known, the platform chooses the id, and the
// object is searched for among similar ones.
func (r *managedResource[T]) create(ctx context.Context, plan values, diags *diag.Diagnostics) (T, error) {
	began := r.provider.API.Now()
	id := r.chosenID(ctx, plan)
	chosen := plan
	if id != "" {
		chosen = plan.with("id", types.StringValue(id))
	}
	created, err := r.kind.create(ctx, r.provider.API, r.kind.attributes, chosen)
	e, ok := errors.AsType[*prefactor.Error](err)
	switch {
	case err == nil:
		if got := r.kind.entry(created.Object).id; created.Ambiguous && got != id {
			r.warnOfSecond(ctx, plan, got, began, diags)
		}
		return created.Object, nil
	case !ok || !e.Ambiguous:
		return created.Object, err
	}
	return r.reconcileLost(ctx, plan, id, began, e)
}

// reconcileLost finds the result of a create whose response was lost.
func (r *managedResource[T]) reconcileLost(ctx context.Context, plan values, id string, began time.Time, cause *prefactor.Error) (found T, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tfkit.CleanupTimeout)
	defer cancel()
	if id != "" {
		found, err = r.kind.read(ctx, r.provider.Inventory, id)
		if err == nil {
			return found, nil
		}
		if !errors.Is(err, prefactor.ErrNotFound) {
			return found, fmt.Errorf("%w; it could not be determined whether the object was created (%w): look for %s on the platform, and import it if it exists", cause, err, id)
		}
	}
	similar, err := r.createdSince(ctx, plan, began)
	if err != nil {
		return found, fmt.Errorf("%w; it could not be determined whether the object was created (%w): look on the platform for a new %s that was created since %s, and import it if this request created it",
			cause, err, r.kind.noun, began.UTC().Format(time.RFC3339))
	}
	certain := *cause
	certain.Ambiguous = false
	if len(similar) == 0 {
		return found, fmt.Errorf("%w; the object was not created: apply again", &certain)
	}
	return found, fmt.Errorf("%w; since then, %s was created. If this request created it, import it: terraform import <address> <id>", &certain, r.kind.describe(similar))
}

// warnOfSecond warns of objects that an earlier attempt of a successful create may
// have created.
func (r *managedResource[T]) warnOfSecond(ctx context.Context, plan values, id string, began time.Time, diags *diag.Diagnostics) {
	similar, err := r.createdSince(ctx, plan, began)
	similar = slices.DeleteFunc(similar, func(object T) bool { return r.kind.entry(object).id == id })
	if err == nil && len(similar) == 0 {
		return
	}
	what := r.kind.describe(similar)
	if err != nil {
		what = "possibly another one, which could not be searched for: " + err.Error()
	}
	diags.AddWarning("A second "+r.kind.noun+" may have been created", fmt.Sprintf(
		"The %s %s was created by a repeated request. Since the first request, there is also %s. Delete the one that is not used on the platform.", r.kind.noun, id, what))
}

// createdSince lists the objects like the planned one that were created since a time.
func (r *managedResource[T]) createdSince(ctx context.Context, plan values, since time.Time) ([]T, error) {
	similar, _, err := r.kind.findSimilar(ctx, r.provider.Inventory, plan)
	return slices.DeleteFunc(similar, func(object T) bool {
		id, err := pfid.Parse(r.kind.entry(object).id)
		return err == nil && id.Time().Before(since.Add(-tfkit.ClockSlack))
	}), err
}

// adopt returns the existing object because of which a create was rejected, if it was
// created during this apply: a token creates its deployment, and may be created first
// if the configuration does not order the two. An object that an earlier apply or
// someone else created has to be imported. The adopted object is updated as planned.
func (r *managedResource[T]) adopt(ctx context.Context, plan values, err error) (found T, ok bool) {
	e, isAPI := errors.AsType[*prefactor.Error](err)
	if !r.kind.adoptsRecent || !isAPI || e.Ambiguous || !errors.Is(err, prefactor.ErrRejected) {
		return found, false
	}
	similar, listErr := r.createdSince(ctx, plan, r.provider.Started)
	if listErr != nil || len(similar) != 1 {
		return found, false
	}
	m := r.kind.merge(plan, similar[0])
	if !r.kind.changed(plan, m) {
		return similar[0], true
	}
	planned := r.kind.afterWrite(m, plan)
	found, updateErr := r.kind.update.send(ctx, r.provider.API, r.kind.attributes, planned, m)
	return found, updateErr == nil
}

// chosenID is a new id with the partition of the account that the object is created
// in, or empty if that is not known. All ids of an account have it.
func (r *managedResource[T]) chosenID(ctx context.Context, plan values) string {
	known := plan.text(r.kind.of)
	if r.kind.of == "" {
		var ignored diag.Diagnostics
		known, _ = accountFor(ctx, r.provider, types.StringNull(), &ignored)
	}
	other, err := pfid.Parse(known)
	if err != nil {
		return ""
	}
	id, err := pfid.New(r.provider.API.Now(), other.Partition())
	if err != nil {
		return ""
	}
	return id.String()
}

// mayBeAbout tells whether an error is about a field, or does not name any field.
func mayBeAbout(e *prefactor.Error, field string) bool {
	return len(e.Fields) == 0 || slices.ContainsFunc(e.Fields, func(f prefactor.FieldError) bool { return f.Field == field })
}

// addCreateError adds the error of a create. If a similar object exists already, the
// error names it and advises to import it.
func (r *managedResource[T]) addCreateError(ctx context.Context, plan values, err error, diags *diag.Diagnostics) {
	summary := "Cannot create the " + r.kind.noun
	e, ok := errors.AsType[*prefactor.Error](err)
	if ok && !e.Ambiguous && errors.Is(e, prefactor.ErrRejected) {
		similar, attribute, listErr := r.kind.findSimilar(ctx, r.provider.Inventory, plan)
		if listErr == nil && len(similar) > 0 && mayBeAbout(e, attribute) {
			diags.AddAttributeError(path.Root(attribute), summary, fmt.Sprintf(
				"%s At the platform there is already %s.\n\nTo manage it here, import it: terraform import <address> <id>. Otherwise change %s.",
				tfkit.Sentence(tfkit.UpperFirst(err.Error())), r.kind.describe(similar), attribute))
			return
		}
	}
	r.provider.AddAPIError(diags, summary, err, r.kind.attributes.configurable()...)
}
