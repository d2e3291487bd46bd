package contract

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
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
		return fmt.Errorf("the answer to a create (%d) has no id under details", x.status)
	}
	s.base = x
	s.account = cmp.Or(x.detail("account_id"), s.options.AccountID)
	s.report.note(PointCreate, "%d", x.status)
	s.report.note(PointCreatedBy, "%s", form(x.details(), "created_by"))
	s.report.note(PointInsertedAt, "%s", form(x.details(), "inserted_at"))
	s.report.note(PointTimestamps, "%s", timestamp(x.detail("expires_at"), expires))
	if x.text("token") == "" {
		s.report.broken("the answer to a create has no token beside details")
	}
	if got := x.detail("status"); got != prefactor.StatusActive {
		s.report.broken("a new token is not %s", prefactor.StatusActive)
	}
	return nil
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

// otherLists looks at the forms of the lists around tokens.
func (s *suite) otherLists(ctx context.Context) error {
	var forms []string
	for _, l := range []struct {
		path  string
		query url.Values
	}{{"/account", nil}, {"/environment", s.inAccount(s.account)}, {"/agent", nil}} {
		x, err := s.call(ctx, http.MethodGet, l.path, l.query, nil)
		if err != nil {
			return err
		}
		under := rowsUnder(x)
		if !x.ok() {
			under = x.words()
		}
		forms = append(forms, strings.TrimPrefix(l.path, "/")+": "+under)
	}
	s.report.note(PointOtherRows, "%s", strings.Join(forms, "; "))
	return nil
}

func rowsUnder(x exchange) string {
	var under []string
	for _, key := range []string{"details", "summaries"} {
		raw := bytes.TrimSpace(x.fields[key])
		switch {
		case bytes.HasPrefix(raw, []byte("[")):
			under = append(under, key)
		case bytes.HasPrefix(raw, []byte("{")):
			under = append(under, key+" (one object)")
		}
	}
	return cmp.Or(strings.Join(under, " and "), "neither details nor summaries")
}

// rows are the rows of a list, in any of its forms.
func rows(x exchange) []map[string]json.RawMessage {
	for _, key := range []string{"details", "summaries"} {
		raw := bytes.TrimSpace(x.fields[key])
		if bytes.HasPrefix(raw, []byte("{")) {
			raw = slices.Concat([]byte("["), raw, []byte("]"))
		}
		var all []map[string]json.RawMessage
		if err := json.Unmarshal(raw, &all); err == nil && all != nil {
			return all
		}
	}
	return nil
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
		outcome = "the first answer again, without the token's value"
	case second.text("token") != first.text("token"):
		outcome = "the first token, with another value"
	default:
		outcome = "the first answer again"
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
		x, err := s.call(ctx, http.MethodGet, "/api_token", query, nil)
		if err == nil && !x.ok() {
			err = fmt.Errorf("the tokens cannot be listed: %s", x.words())
		}
		return x, err
	}
	plain, err := list(nil)
	if err != nil {
		return err
	}
	s.report.note(PointRows, "%s", rowsUnder(plain))
	s.report.note(PointPagination, "%s", pagination(plain))
	s.report.note(PointDefaultPage, "%s", pageSize(plain, len(all)))
	one, err := list(map[string]string{"pagination[page_size]": "1"})
	if err != nil {
		return err
	}
	s.report.note(PointSmallPage, "%s", howMany(len(rows(one)), len(all)))
	hundred, err := list(map[string]string{"pagination[page_size]": "100", "pagination[offset]": strconv.Itoa(max(0, len(all)-100))})
	if err != nil {
		return err
	}
	s.report.note(PointLargePage, "%s", howMany(len(rows(hundred)), len(all)))
	return s.rowFields(ctx, rows(hundred))
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

func howMany(got, total int) string {
	if got >= total {
		return "all tokens"
	}
	return strconv.Itoa(got)
}

// rowFields compares a row with the single object, one of our own if it is there.
func (s *suite) rowFields(ctx context.Context, all []map[string]json.RawMessage) error {
	for _, row := range all {
		id := textOf(row["id"])
		if !slices.Contains(s.living, id) {
			continue
		}
		x, err := s.call(ctx, http.MethodGet, "/api_token/"+url.PathEscape(id), nil, nil)
		if err != nil {
			return err
		}
		lacks := x.details()
		if !x.ok() || lacks == nil {
			s.report.broken("a token that is in the list cannot be read: %s", x.words())
			return nil
		}
		for name := range row {
			delete(lacks, name)
		}
		if len(lacks) == 0 {
			s.report.note(PointRowFields, "none")
		} else {
			s.report.note(PointRowFields, "%s", names(lacks))
		}
		return nil
	}
	s.report.broken("the newest tokens are not at the end of the list, which is oldest first")
	s.report.note(PointRowFields, "%s", NotSeen)
	return nil
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
		case !x.ok():
			s.report.broken("%s is refused: %s", t.action, x.words())
		case x.detail("status") != t.want:
			s.report.broken("after %s the answer does not say that the token is %s", t.action, t.want)
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
		s.report.broken("the deletion of a revoked token is refused: %s", x.words())
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
	s.report.note(PointGone, "%s", x.words())
	if x.status == http.StatusNotFound && x.text("code") == "not_found" {
		s.deleted(id)
	} else {
		s.report.broken("a deleted token is not answered by 404 not_found")
	}
	return nil
}

// expiry lets a token expire.
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
	if !x.ok() {
		s.report.note(PointExpired, "%s: a lifetime of seconds is refused (%s)", NotSeen, x.words())
		return nil
	}
	id := x.detail("id")
	if d := expires.Sub(s.api.Now()); d > 0 {
		if err := s.options.Wait(ctx, d); err != nil {
			return err
		}
	}
	for {
		if x, err = s.call(ctx, http.MethodGet, "/api_token/"+url.PathEscape(id), nil, nil); err != nil {
			return err
		}
		status := x.detail("status")
		switch {
		case x.status == http.StatusNotFound:
			s.report.note(PointExpired, "the token is gone")
			return nil
		case !x.ok():
			s.report.note(PointExpired, "%s: %s", NotSeen, x.words())
			return nil
		case !code.MatchString(status):
			s.report.note(PointExpired, "unsaid, or an unusual one")
			return nil
		case status != prefactor.StatusActive:
			s.report.note(PointExpired, "%s", status)
			return nil
		case s.api.Now().Sub(expires) > patience:
			s.report.note(PointExpired, "stays %s", status)
			return nil
		}
		if err := s.options.Wait(ctx, tick); err != nil {
			return err
		}
	}
}

// withoutDeployment creates a token for an agent in an environment in which it
// is not deployed.
func (s *suite) withoutDeployment(ctx context.Context) error {
	if !s.options.TryDeployment {
		s.report.note(PointNoDeployment, "%s: off, since the platform may deploy the agent for a moment", NotSeen)
		return nil
	}
	agent, environment, known, err := s.undeployed(ctx)
	if err != nil {
		return err
	}
	if agent == "" {
		s.report.note(PointNoDeployment, "%s: every agent is deployed to every environment", NotSeen)
		return nil
	}
	x, err := s.createToken(ctx, newKey(), nextMarked(s.api.Now().Add(s.lifetime)), map[string]string{
		"token_scope": prefactor.ScopeAgentDeployment, "agent_id": agent, "environment_id": environment,
	})
	if err != nil {
		return err
	}
	made := x.detail("agent_deployment_id")
	switch {
	case !x.ok():
		s.report.note(PointNoDeployment, "refused: %s", x.words())
	case made == "":
		s.report.note(PointNoDeployment, "a token without a deployment")
	default:
		s.report.note(PointNoDeployment, "a deployment is made")
		if !slices.Contains(known, made) && together(made, x.detail("id")) {
			s.deployments = append(s.deployments, made)
		}
	}
	return nil
}

// together tells whether a deployment came to be with a token, as their ids say.
func together(deployment, token string) bool {
	d, err := pfid.Parse(deployment)
	if err != nil {
		return false
	}
	t, err := pfid.Parse(token)
	return err == nil && t.Time().Sub(d.Time()).Abs() < 5*time.Second
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
