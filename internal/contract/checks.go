package contract

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// create makes the token that the other checks try things on.
func (s *suite) create(ctx context.Context) error {
	var x exchange
	var expires time.Time
	for _, lifetime := range lifetimes {
		var err error
		s.lifetime = lifetime
		expires = nextMarked(s.api.Now().Add(lifetime))
		if x, err = s.createToken(ctx, newKey(), expires, nil); err != nil {
			return err
		}
		if x.ok() {
			break
		}
	}
	if !x.ok() {
		return fmt.Errorf("no token can be created: %s", x.words())
	}
	if len(s.living) == 0 {
		return fmt.Errorf("the response to a create (%d) has no id under details", x.status)
	}
	s.base = x
	s.account = cmp.Or(x.detail("account_id"), s.options.AccountID)
	s.report.note(PointCreate, "%d", x.status)
	s.report.note(PointCreator, "%s", form(x.details(), "created_by_admin_user_id"))
	s.report.note(PointIDClaim, "%s", idClaims(x.text("token"), x.detail("id")))
	s.report.note(PointTimestamps, "%s", timestamp(x.detail("expires_at"), expires))
	if x.text("token") == "" {
		s.report.broken("the response to a create has no token beside details")
	}
	for _, field := range []string{"inserted_at", "updated_at"} {
		if _, err := time.Parse(time.RFC3339Nano, x.detail(field)); err != nil {
			s.report.broken("%s of a new token is not a timestamp", field)
		}
	}
	if got := x.detail("status"); got != prefactor.StatusActive {
		s.report.broken("a new token is not %s", prefactor.StatusActive)
	}
	return nil
}

// idClaims are the names of the claims of a JWT that have the token's id.
func idClaims(value, id string) string {
	parts := strings.Split(value, ".")
	if len(parts) != 3 {
		return "not a JWT"
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	var claims map[string]json.RawMessage
	if err := errors.Join(err, json.Unmarshal(raw, &claims)); err != nil {
		return "not a JWT"
	}
	maps.DeleteFunc(claims, func(_ string, claim json.RawMessage) bool { return textOf(claim) != id })
	if len(claims) == 0 {
		return "none"
	}
	return names(claims)
}

// form is how a field is there, without its value.
func form(fields map[string]json.RawMessage, name string) string {
	raw, ok := fields[name]
	if !ok {
		return "absent"
	}
	switch raw = bytes.TrimSpace(raw); {
	case bytes.Equal(raw, []byte("null")):
		return "null"
	case raw[0] == '"':
		return "a string"
	case raw[0] == '[':
		return "a list"
	case raw[0] == '{':
		var o map[string]json.RawMessage
		_ = json.Unmarshal(raw, &o) // It is an object: it was decoded before.
		return "an object with " + names(o)
	}
	return "neither a string nor an object"
}

// names lists the names of fields that look like names.
func names(o map[string]json.RawMessage) string {
	if len(o) == 0 {
		return "nothing"
	}
	var all []string
	for _, name := range slices.Sorted(maps.Keys(o)) {
		if !code.MatchString(name) {
			name = "(an unusual name)"
		}
		all = append(all, name)
	}
	return strings.Join(all, ", ")
}

func timestamp(text string, asked time.Time) string {
	got, err := time.Parse(time.RFC3339Nano, text)
	var kept string
	switch {
	case err != nil:
		return "not as a timestamp of RFC 3339"
	case got.Equal(asked):
		kept = "to the microsecond"
	case got.Equal(asked.Truncate(time.Millisecond)):
		kept = "to the millisecond: tokens that a killed run leaves cannot be swept"
	case got.Equal(asked.Truncate(time.Second)):
		kept = "in whole seconds: tokens that a killed run leaves cannot be swept"
	default:
		kept = "as another time than was asked for: tokens that a killed run leaves cannot be swept"
	}
	if strings.HasSuffix(text, "Z") {
		return kept + ", with Z"
	}
	return kept + ", with an offset"
}

// ping finds out what the platform calls an account token.
func (s *suite) ping(ctx context.Context) error {
	x, err := s.call(ctx, http.MethodGet, "/ping", nil, nil)
	if err != nil {
		return err
	}
	kind := x.detail("token_type")
	switch {
	case !x.ok():
		return fmt.Errorf("the platform does not accept the credentials: %s", x.words())
	case !code.MatchString(kind):
		kind = "absent, or an unusual one"
	}
	s.report.note(PointTokenType, "%s", kind)
	return nil
}

// otherLists looks at the lists around tokens.
func (s *suite) otherLists(ctx context.Context) error {
	x, err := s.call(ctx, http.MethodGet, "/account", nil, nil)
	if err != nil {
		return err
	}
	switch details := x.details(); {
	case !x.ok():
		s.report.note(PointAccounts, "%s", x.words())
	case rows(x) != nil:
		s.report.note(PointAccounts, "summaries")
	case textOf(details["id"]) != "":
		s.report.note(PointAccounts, "details, as one object")
	default:
		s.report.note(PointAccounts, "neither summaries nor details")
	}
	for _, path := range []string{"/environment", "/agent"} {
		// The list of agents ignores the account.
		if x, err = s.call(ctx, http.MethodGet, path, s.inAccount(s.account), nil); err != nil {
			return err
		}
		if rows(x) == nil {
			s.report.broken("GET %s has no summaries: %s", path, x.words())
		}
	}
	if x, err = s.call(ctx, http.MethodGet, "/agent_deployment", nil, nil); err != nil {
		return err
	}
	switch {
	case !x.ok():
		s.report.note(PointDeployments, "%s", x.words())
	case len(rows(x)) == 0:
		s.report.note(PointDeployments, "empty")
	default:
		s.report.note(PointDeployments, "has deployments")
	}
	return nil
}

// rows are the rows of a list; nil if there are none, not even an empty list.
func rows(x exchange) []map[string]json.RawMessage {
	var all []map[string]json.RawMessage
	if err := json.Unmarshal(x.fields["summaries"], &all); err != nil {
		return nil
	}
	return all
}

// invalid asks for a scope that does not exist.
func (s *suite) invalid(ctx context.Context) error {
	x, err := s.createToken(ctx, newKey(), nextMarked(s.api.Now().Add(s.lifetime)), map[string]string{"token_scope": "no_such_scope"})
	if err != nil {
		return err
	}
	s.report.note(PointInvalid, "%s", x.words())
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(x.fields["errors"], &fields) // What is no object has no fields.
	switch _, there := fields["token_scope"]; {
	case there:
		s.report.note(PointFieldErrors, "%s", form(fields, "token_scope"))
	case len(fields) > 0:
		s.report.note(PointFieldErrors, "nested under %s", names(fields))
	default:
		s.report.note(PointFieldErrors, "none")
	}
	return nil
}

// replay sends the same create twice.
func (s *suite) replay(ctx context.Context) error {
	key, expires := newKey(), nextMarked(s.api.Now().Add(s.lifetime))
	first, err := s.createToken(ctx, key, expires, nil)
	if err != nil {
		return err
	}
	if !first.ok() {
		return fmt.Errorf("a second token cannot be created: %s", first.words())
	}
	second, err := s.createToken(ctx, key, expires, nil)
	if err != nil {
		return err
	}
	var outcome string
	switch {
	case !second.ok():
		outcome = "an error: " + second.words()
	case second.detail("id") != first.detail("id"):
		outcome = "a second token"
	case second.text("token") == "":
		outcome = "the first response again, without the token's value"
	case second.text("token") != first.text("token"):
		outcome = "the first token, with another value"
	default:
		outcome = "the first response again"
	}
	s.report.note(PointReplay, "%s", outcome)
	return nil
}

// tokenList looks at the list of tokens while some are there.
func (s *suite) tokenList(ctx context.Context) error {
	all, err := s.api.Tokens(ctx, s.options.AccountID)
	if err != nil {
		return err
	}
	list := func(set map[string]string) (exchange, error) {
		query := s.inAccount(s.options.AccountID)
		for name, value := range set {
			query.Set(name, value)
		}
		return s.call(ctx, http.MethodGet, "/api_token", query, nil)
	}
	plain, err := list(nil)
	if err != nil {
		return err
	}
	if !plain.ok() {
		return fmt.Errorf("the tokens cannot be listed: %s", plain.words())
	}
	s.report.note(PointPagination, "%s", pagination(plain))
	s.report.note(PointDefaultPage, "%s", pageSize(plain, len(all)))
	s.report.note(PointDefaultOrder, "%s", order(plain))
	for _, size := range []int{1, 100} {
		x, err := list(map[string]string{"pagination[page_size]": strconv.Itoa(size)})
		if err != nil {
			return err
		}
		if n := len(rows(x)); n != min(size, len(all)) {
			s.report.broken("page_size %d gives %d of %d tokens", size, n, len(all))
		}
	}
	for _, spelling := range []struct {
		point string
		query map[string]string
	}{
		{PointBareSorting, map[string]string{"sorting": "-id"}},
		{PointStructuredSorting, map[string]string{"sorting[field]": "id", "sorting[direction]": "desc"}},
	} {
		x, err := list(spelling.query)
		if err != nil {
			return err
		}
		switch {
		case !x.ok():
			s.report.note(spelling.point, "%s", x.words())
		case order(x) == newestFirst:
			s.report.note(spelling.point, "applied")
		default:
			s.report.note(spelling.point, "accepted, and not applied")
		}
	}
	return s.agentID(ctx, all)
}

// newestFirst is the order that lists are asked for.
const newestFirst = "newest first"

// order is how the ids of a list are sorted, which sort by creation.
func order(x exchange) string {
	var ids []string
	for _, row := range rows(x) {
		ids = append(ids, textOf(row["id"]))
	}
	ascending := slices.IsSorted(ids)
	slices.Reverse(ids)
	switch {
	case len(ids) < 2:
		return NotSeen + ": too few tokens"
	case ascending:
		return "oldest first"
	case slices.IsSorted(ids):
		return newestFirst
	}
	return "neither oldest nor newest first"
}

// agentID finds out where tokens have an agent_id.
func (s *suite) agentID(ctx context.Context, all []prefactor.Token) error {
	id := s.base.detail("id")
	i := slices.IndexFunc(all, func(t prefactor.Token) bool { return t.ID == id })
	if i < 0 {
		s.report.broken("a new token is not in the list")
		return nil
	}
	x, err := s.call(ctx, http.MethodGet, "/api_token/"+url.PathEscape(id), nil, nil)
	if err != nil {
		return err
	}
	if !x.ok() {
		s.report.broken("a token that is in the list cannot be read: %s", x.words())
	}
	_, single := x.details()["agent_id"]
	s.report.note(PointAgentID, "%s", map[[2]bool]string{
		{true, true}: "in lists and in single tokens", {false, true}: "in single tokens only", {true, false}: "in lists only", {}: "nowhere",
	}[[2]bool{all[i].AgentID.Present, single}])
	return nil
}

func pagination(x exchange) string {
	raw, there := x.fields["pagination"]
	var fields map[string]json.RawMessage
	switch err := json.Unmarshal(raw, &fields); {
	case !there:
		return "absent"
	case bytes.Equal(bytes.TrimSpace(raw), []byte("null")):
		return "null"
	case err != nil:
		return "not an object"
	case len(fields) == 0:
		return "an empty object"
	}
	var missing []string
	for _, name := range []string{
		"item_count", "item_start", "item_end", "page_count", "page_index", "page_offset", "page_size", "next_page_offset", "previous_page_offset",
	} {
		if _, ok := fields[name]; !ok {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return "present, without " + strings.Join(missing, ", ")
	}
	return "present"
}

func pageSize(x exchange, total int) string {
	var p struct {
		PageSize int `json:"page_size"`
	}
	_ = json.Unmarshal(x.fields["pagination"], &p) // What does not say it leaves it at 0.
	n := len(rows(x))
	switch {
	case p.PageSize > 0:
		return fmt.Sprintf("%d, as pagination says", p.PageSize)
	case n < total:
		return strconv.Itoa(n)
	}
	return "not less than the account's tokens"
}

// step is a transition of the base token.
func (s *suite) step(ctx context.Context, method, action string) (exchange, error) {
	path := "/api_token/" + url.PathEscape(s.base.detail("id"))
	var body any
	if method == http.MethodPost {
		path += "/" + action
		body = struct{}{}
	}
	return s.call(ctx, method, path, nil, body)
}

// transitions takes the base token through its life, and tries what is not
// legal on the way.
func (s *suite) transitions(ctx context.Context) error {
	for _, t := range []struct {
		method, action string
		// want is the status after a legal transition.
		want string
		// point is what a refused one is noted as.
		point string
	}{
		{http.MethodPost, "activate", "", PointActivate},
		{http.MethodDelete, "", "", PointDeleteActive},
		{http.MethodPost, "suspend", prefactor.StatusSuspended, ""},
		{http.MethodPost, "activate", prefactor.StatusActive, ""},
		{http.MethodPost, "revoke", prefactor.StatusRevoked, ""},
		{http.MethodPost, "suspend", "", PointSuspendEnded},
		{http.MethodPost, "activate", "", PointActivateEnded},
	} {
		x, err := s.step(ctx, t.method, t.action)
		if err != nil {
			return err
		}
		switch {
		case t.point != "":
			s.report.note(t.point, "%s", x.words())
			if x.text("code") != "invalid_action" {
				s.report.broken("%s has another code than invalid_action: %s", t.point, x.words())
			}
		case !x.ok():
			s.report.broken("%s was rejected: %s", t.action, x.words())
		case x.detail("status") != t.want:
			s.report.broken("after %s the response does not say that the token is %s", t.action, t.want)
		}
	}
	return nil
}

// remove deletes the base token.
func (s *suite) remove(ctx context.Context) error {
	id := s.base.detail("id")
	x, err := s.step(ctx, http.MethodDelete, "")
	if err != nil {
		return err
	}
	switch {
	case !x.ok():
		s.report.broken("the deletion of a revoked token was rejected: %s", x.words())
		s.report.note(PointDelete, "%s", x.words())
		return nil
	case len(bytes.TrimSpace(x.raw)) == 0:
		s.report.note(PointDelete, "%d without a body", x.status)
	default:
		s.report.note(PointDelete, "%d with a body", x.status)
	}
	if x, err = s.call(ctx, http.MethodGet, "/api_token/"+url.PathEscape(id), nil, nil); err != nil {
		return err
	}
	if x.status == http.StatusNotFound && x.text("code") == "not_found" {
		s.deleted(id)
	} else {
		s.report.broken("the read of a deleted token is not rejected by 404 not_found: %s", x.words())
	}
	return nil
}

// expiry lets a token expire, and then tries a transition.
func (s *suite) expiry(ctx context.Context) error {
	const (
		soonest = 5 * time.Second
		tick    = 2 * time.Second
		// patience is how long after its expiry a token is watched.
		patience = 15 * time.Second
	)
	expires := nextMarked(s.api.Now().Add(soonest))
	x, err := s.createToken(ctx, newKey(), expires, nil)
	if err != nil {
		return err
	}
	outcome, id := "", x.detail("id")
	if !x.ok() {
		outcome = fmt.Sprintf("%s: a lifetime of seconds was rejected (%s)", NotSeen, x.words())
	} else if d := expires.Sub(s.api.Now()); d > 0 {
		if err := s.options.Wait(ctx, d); err != nil {
			return err
		}
	}
	for outcome == "" {
		if x, err = s.call(ctx, http.MethodGet, "/api_token/"+url.PathEscape(id), nil, nil); err != nil {
			return err
		}
		status := x.detail("status")
		switch {
		case x.status == http.StatusNotFound:
			outcome = "the token is deleted"
		case !x.ok():
			outcome = NotSeen + ": " + x.words()
		case !code.MatchString(status):
			outcome = "absent, or an unusual one"
		case status != prefactor.StatusActive:
			outcome = status
		case s.api.Now().Sub(expires) > patience:
			outcome = "stays " + status
		default:
			if err := s.options.Wait(ctx, tick); err != nil {
				return err
			}
		}
	}
	s.report.note(PointExpired, "%s", outcome)
	if !slices.Contains(s.living, id) {
		s.report.note(PointSuspendExpired, NotSeen)
		return nil
	}
	if x, err = s.call(ctx, http.MethodPost, "/api_token/"+url.PathEscape(id)+"/suspend", nil, struct{}{}); err == nil {
		s.report.note(PointSuspendExpired, "%s", x.words())
	}
	return err
}

// deployment creates a token for an agent in an environment in which it is not
// deployed: that deploys it. The deployment is deleted again before the token.
func (s *suite) deployment(ctx context.Context) error {
	skipped := func(why string) {
		s.report.note(PointDeployedTwice, "%s: %s", NotSeen, why)
		s.report.note(PointUndeployed, "%s: %s", NotSeen, why)
	}
	if !s.options.TryDeployment {
		skipped("off, since it deploys an agent for a moment")
		return nil
	}
	agent, environment, known, err := s.undeployed(ctx)
	if err != nil {
		return err
	}
	if agent == "" {
		skipped("every agent is deployed to every environment")
		return nil
	}
	s.deploying = &deploying{agent, environment, known, s.api.Now()}
	x, err := s.createToken(ctx, newKey(), nextMarked(s.api.Now().Add(s.lifetime)), map[string]string{
		"token_scope": prefactor.ScopeAgentDeployment, "agent_id": agent, "environment_id": environment,
	})
	if err != nil {
		return err
	}
	id, made := x.detail("id"), x.detail("agent_deployment_id")
	if !x.ok() || made == "" || slices.Contains(known, made) {
		s.report.broken("a token for an agent that is not deployed does not deploy it: %s", x.words())
		skipped("no deployment was created")
		return nil
	}
	x, err = s.call(context.WithoutCancel(ctx), http.MethodPost, "/agent_deployment", nil, map[string]any{
		"details": map[string]string{"agent_id": agent, "environment_id": environment},
	})
	if err != nil {
		return err
	}
	s.report.note(PointDeployedTwice, "%s", x.words())
	created, err := s.createdDeployments(ctx)
	if err != nil || !slices.Contains(created, made) {
		return errors.Join(err, fmt.Errorf("deployment %s, which the platform made for a token of this run, is not in the agent's list: it was not deleted", made))
	}
	if x, err = s.call(ctx, http.MethodDelete, "/agent_deployment/"+url.PathEscape(made), nil, nil); err != nil {
		return err
	}
	if !x.ok() {
		s.report.note(PointUndeployed, "%s: the deletion was rejected (%s)", NotSeen, x.words())
		return nil
	}
	if x, err = s.call(ctx, http.MethodGet, "/api_token/"+url.PathEscape(id), nil, nil); err != nil {
		return err
	}
	status := x.detail("status")
	switch {
	case !x.ok():
		status = x.words()
	case !code.MatchString(status):
		status = "an unusual status"
	}
	s.report.note(PointUndeployed, "%s", status)
	return nil
}

// deploying is an agent that a token of this run deploys to an environment.
type deploying struct {
	agent, environment string
	// known are the deployments that the agent had before, since is when the token
	// was requested.
	known []string
	since time.Time
}

// createdDeployments are the deployments that the platform made for the run, or that the
// run created.
func (s *suite) createdDeployments(ctx context.Context) ([]string, error) {
	d := s.deploying
	x, err := s.call(ctx, http.MethodGet, "/agent_deployment", url.Values{"agent_id": {d.agent}}, nil)
	if err == nil && (!x.ok() || rows(x) == nil) {
		err = errors.New(x.words())
	}
	var created []string
	for _, row := range rows(x) {
		id, parseErr := pfid.Parse(textOf(row["id"]))
		if parseErr == nil && textOf(row["environment_id"]) == d.environment && !slices.Contains(d.known, id.String()) && !id.Time().Before(d.since.Add(-5*time.Second)) {
			created = append(created, id.String())
		}
	}
	return created, err
}

// undeployed finds an agent and an environment in which it is not deployed.
// known are the agent's deployments.
func (s *suite) undeployed(ctx context.Context) (agent, environment string, known []string, err error) {
	first := func(path string, query url.Values) ([]map[string]json.RawMessage, error) {
		// The most that a page holds is enough to look through.
		query.Set("pagination[page_size]", "100")
		x, err := s.call(ctx, http.MethodGet, path, query, nil)
		return rows(x), err
	}
	environments, err := first("/environment", s.inAccount(s.account))
	if err != nil {
		return "", "", nil, err
	}
	agents, err := first("/agent", url.Values{})
	if err != nil {
		return "", "", nil, err
	}
	for _, a := range agents {
		id := textOf(a["id"])
		deployments, err := first("/agent_deployment", url.Values{"agent_id": {id}})
		if err != nil {
			return "", "", nil, err
		}
		var there []string
		known = nil
		for _, d := range deployments {
			known = append(known, textOf(d["id"]))
			there = append(there, textOf(d["environment_id"]))
		}
		for _, e := range environments {
			if in := textOf(e["id"]); in != "" && id != "" && !slices.Contains(there, in) {
				return id, in, known, nil
			}
		}
	}
	return "", "", nil, nil
}
