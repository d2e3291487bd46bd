package contract

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/token"
)

const (
	// longestRun bounds a run; Sweep relies on it.
	longestRun = 10 * time.Minute
	// cleaning bounds the end of a run, be it interrupted.
	cleaning = 2 * time.Minute
	// clockSlack is how far the time in an id may be from the platform's time
	// as this process knows it.
	clockSlack = 2 * time.Minute
)

// lifetimes are what is asked for, the next one where the platform refuses one
// for being too short.
var lifetimes = []time.Duration{15 * time.Minute, 25 * time.Hour}

// suite is one run on its way.
type suite struct {
	*platform

	report Report
	began  time.Time
	// lifetime is the one that the platform takes.
	lifetime time.Duration
	// account is the one that the tokens turned out to belong to.
	account string
	// living are the tokens that this run has created and has not seen deleted.
	living []string
	// unclear are the expiries of creates of which no id came back.
	unclear []time.Time
	// deploying is set once a token has been requested that deploys an agent.
	deploying *deploying
	// base is the token that most is tried on, as its creation showed it.
	base exchange
}

// Run tries out what is not known. The report has what came out until an
// error, if there is one; the tokens are deleted in any case, or the error
// names them.
func Run(ctx context.Context, o Options) (report *Report, err error) {
	if o.Wait == nil {
		o.Wait = wait
	}
	p, err := dial(o)
	if err != nil {
		return nil, err
	}
	defer p.close()
	ctx, cancel := context.WithTimeout(ctx, longestRun)
	defer cancel()
	s := &suite{platform: p}
	// It sets the clock right, too.
	if _, err := p.api.Ping(ctx); err != nil {
		return nil, err
	}
	s.began = p.api.Now()
	defer func() {
		err = errors.Join(err, s.cleanUp(ctx))
	}()
	for _, check := range []func(context.Context) error{
		s.ping, s.create, s.otherLists, s.invalid, s.replay, s.tokenList, s.transitions, s.deployment, s.expiry, s.remove,
	} {
		if err := ctx.Err(); err != nil {
			return &s.report, err
		}
		if err := check(ctx); err != nil {
			return &s.report, err
		}
	}
	p.seen.report(&s.report)
	return &s.report, nil
}

// createToken sends a create whose token expires at a marked moment. Its answer
// is waited for, be the run interrupted: it says what there is to delete.
func (s *suite) createToken(ctx context.Context, key string, expires time.Time, details map[string]string) (exchange, error) {
	if err := ctx.Err(); err != nil {
		return exchange{}, err
	}
	body := map[string]string{"token_scope": prefactor.ScopeAccount, "expires_at": expires.UTC().Format(time.RFC3339Nano)}
	if s.options.AccountID != "" {
		body["account_id"] = s.options.AccountID
	}
	maps.Copy(body, details)
	x, err := s.call(context.WithoutCancel(ctx), http.MethodPost, "/api_token", nil, map[string]any{"details": body, "idempotency_key": key})
	id := x.detail("id")
	switch parsed, malformed := pfid.Parse(id); {
	case err == nil && !x.ok() && x.status < 500:
		// Refused.
	case err != nil || !x.ok() || malformed != nil:
		s.unclear = append(s.unclear, expires)
	case parsed.Time().Before(s.began.Add(-clockSlack)):
		return x, fmt.Errorf("the platform answered a create with token %s, which is older than this run: it was not touched", id)
	default:
		s.created(id)
	}
	return x, err
}

func (s *suite) created(id string) {
	if !slices.Contains(s.living, id) {
		s.living = append(s.living, id)
	}
}

func (s *suite) deleted(id string) {
	s.living = slices.DeleteFunc(s.living, func(known string) bool { return known == id })
}

func newKey() string { return uuid.NewString() }

// inAccount is the query of a list that is asked of one account.
func (s *suite) inAccount(account string) url.Values {
	query := url.Values{}
	if account != "" {
		query.Set("account_id", account)
	}
	return query
}

// cleanUp deletes what the run has created.
func (s *suite) cleanUp(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleaning)
	defer cancel()
	var failed []error
	for _, id := range s.living {
		if err := token.Remove(ctx, s.api, id, s.account); err != nil {
			failed = append(failed, fmt.Errorf("token %s of this run is left at the platform: %w", id, err))
		}
	}
	failed = append(failed, s.settle(ctx))
	if s.deploying == nil {
		return errors.Join(failed...)
	}
	created, err := s.createdDeployments(ctx)
	if err != nil {
		failed = append(failed, fmt.Errorf("whether a deployment of agent %s that this run created is left could not be determined: %w", s.deploying.agent, err))
	}
	for _, id := range created {
		x, err := s.call(ctx, http.MethodDelete, "/agent_deployment/"+url.PathEscape(id), nil, nil)
		if err == nil && !x.ok() && x.status != http.StatusNotFound {
			err = errors.New(x.words())
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("deployment %s, which the platform made for a token of this run, is left: %w", id, err))
		}
	}
	return errors.Join(failed...)
}

// settle removes what came of creates of which no id came back: tokens with
// exactly the expiry that was asked for, made since the run began and never
// used. A token that bears the mark and is none of this run is one of another
// run of this package.
func (s *suite) settle(ctx context.Context) error {
	if len(s.unclear) == 0 {
		return nil
	}
	const why = "a create had no clear answer, and whether a token came of it could not be told; make sweep removes it once it has expired"
	tokens, err := s.api.Tokens(ctx, s.options.AccountID)
	if err != nil {
		return fmt.Errorf("%s: %w", why, err)
	}
	var failed []error
	for _, t := range tokens {
		id, err := pfid.Parse(t.ID)
		if err != nil || id.Time().Before(s.began.Add(-clockSlack)) {
			continue
		}
		if t, err = s.api.Token(ctx, t.ID); err != nil {
			if !errors.Is(err, prefactor.ErrNotFound) {
				failed = append(failed, fmt.Errorf("%s: %w", why, err))
			}
			continue
		}
		if !s.asked(t.ExpiresAt.Value.Time) || !t.LastUsedAt.Null {
			continue
		}
		if err := token.Remove(ctx, s.api, t.ID, t.AccountID.Value); err != nil {
			failed = append(failed, fmt.Errorf("token %s of this run is left at the platform: %w", t.ID, err))
		}
	}
	return errors.Join(failed...)
}

func (s *suite) asked(expires time.Time) bool {
	return slices.ContainsFunc(s.unclear, expires.Equal)
}
