package emulator

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
)

const (
	prefix = "/api/v1"

	// maxBody is the maximum size of a request body.
	maxBody = 1 << 20
)

// route is one call of the API.
type route struct {
	method, pattern string
	handle          func(c *call) (answer, *failure)
	// open means that every token may call it, not only account tokens.
	open bool
}

// routes are matched in order: /agent/show comes before /agent/:id.
// The list of agents takes no filter by account: an unknown one is ignored.
var routes = slices.Concat([]route{
	{method: "GET", pattern: "/ping", handle: ping, open: true},
	{method: "POST", pattern: "/pfid/generate", handle: generatePFIDs},

	{method: "GET", pattern: "/api_token", handle: list(ofAccount[*tokenRow])},
	{method: "POST", pattern: "/api_token", handle: createToken},
	{method: "GET", pattern: "/api_token/:id", handle: show[*tokenRow]},
	{method: "DELETE", pattern: "/api_token/:id", handle: remove[*tokenRow]},
	{method: "POST", pattern: "/api_token/:id/suspend", handle: transition("suspend")},
	{method: "POST", pattern: "/api_token/:id/activate", handle: transition("activate")},
	{method: "POST", pattern: "/api_token/:id/revoke", handle: transition("revoke")},

	{method: "GET", pattern: "/account", handle: listAccounts},
	{method: "GET", pattern: "/account/:id", handle: show[*Account]},
	{method: "PUT", pattern: "/account/:id", handle: update[Account]},

	{method: "GET", pattern: "/admin_user", handle: list(ofAccount[*AdminUser])},
	{method: "GET", pattern: "/admin_user/:id", handle: show[*AdminUser]},

	{method: "GET", pattern: "/agent_version", handle: list(versionsOf)},
	{method: "GET", pattern: "/agent_version/:id", handle: show[*AgentVersion]},

	{method: "GET", pattern: "/environment/show", handle: lookUp[*Environment]},
	{method: "GET", pattern: "/agent/show", handle: lookUp[*Agent]},
	{method: "GET", pattern: "/agent/:id", handle: showAgent},
	{method: "POST", pattern: "/agent/:id/retire", handle: retire("retire", "retired")},
	{method: "POST", pattern: "/agent/:id/reinstate", handle: retire("reinstate", "pending")},
	{method: "GET", pattern: "/risk_profile/template", handle: riskProfileTemplate},
}, crud(environmentsOf), crud(agentsWhere), crud(deploymentsOf), crud(every[*RiskProfile]), crud(every[*Team]), crud(personsOfTeam))

// match compares a path with a pattern and returns the value of :id.
func match(pattern, path string) (id string, ok bool) {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return "", false
	}
	for i := range want {
		switch {
		case want[i] == ":id":
			id = got[i]
		case want[i] != got[i]:
			return "", false
		}
	}
	return id, true
}

// call is one request that is being handled.
type call struct {
	p     *Platform
	id    string
	query url.Values
	// body is the request's JSON, details what is under "details" in it.
	body, details object
	// token is what the request authenticated with.
	token *tokenRow
}

// ServeHTTP handles one request of the API.
func (p *Platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	entry := p.log.begin(r, p.now())
	defer p.log.end(entry)

	raw, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		// A return would send a success.
		panic(http.ErrAbortHandler)
	}
	p.mu.Lock()
	entry.Body = raw
	p.mu.Unlock()
	path := strings.TrimPrefix(r.URL.Path, prefix)
	active := p.faults.take(r.Method, path)
	if !active.wait(r) {
		return
	}
	if status, done := active.before(p, w); done {
		p.mu.Lock()
		entry.Status = status
		p.mu.Unlock()
		return
	}
	result := p.answer(r, path, raw, entry, active)
	active.after(p, w, r, entry, result)
}

// answer carries out the request.
func (p *Platform) answer(r *http.Request, path string, raw []byte, entry *Request, active *activeFaults) answer {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !strings.HasPrefix(r.URL.Path, prefix+"/") {
		return p.noRoute()
	}
	found, id, ok := findRoute(r.Method, path)
	if !ok {
		return p.noRoute()
	}
	c := &call{p: p, id: id, query: r.URL.Query()}
	var f *failure
	if c.token, f = p.authenticate(r); f != nil {
		return p.failed(f)
	}
	entry.TokenID = c.token.ID
	if !found.open && c.token.Scope != scopeAccount {
		return p.failed(&failure{status: http.StatusUnauthorized, code: "not_authenticated", message: "an account token is required"})
	}
	if f = c.parse(raw); f != nil {
		return p.failed(f)
	}
	if strings.Contains(found.pattern, ":id") && !pfid.Valid(id) {
		return p.failed(errNotFound("object"))
	}
	if a, replayed := c.replayed(r.Method, path); replayed {
		return a
	}
	if f = active.hides(p, found, id); f != nil {
		return p.failed(f)
	}
	result, f := found.handle(c)
	if f != nil {
		result = p.failed(f)
	}
	result = active.lag(c, found, result)
	c.remember(r.Method, path, result)
	return result
}

func findRoute(method, path string) (route, string, bool) {
	for _, r := range routes {
		if id, ok := match(r.pattern, path); ok && r.method == method {
			return r, id, true
		}
	}
	return route{}, "", false
}

// noRoute is the response of the router in front of the API.
func (p *Platform) noRoute() answer {
	if p.variant.CatchAll {
		return p.failed(errNotFound("route"))
	}
	return answer{http.StatusNotFound, routerPage(http.StatusNotFound)}
}

// routerPage is JSON that is not in the API's form, as web frameworks make it.
func routerPage(status int) object {
	return object{"errors": object{"detail": http.StatusText(status)}}
}

// authenticate finds the token that a request carries and notes its use.
func (p *Platform) authenticate(r *http.Request) (*tokenRow, *failure) {
	value, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return nil, &failure{status: http.StatusUnauthorized, code: "not_authenticated", message: "a bearer token is required"}
	}
	row, ok := p.byValue[value]
	if !ok || !p.usable(row) {
		return nil, &failure{status: http.StatusUnauthorized, code: "bad_authtoken", message: "the token is not valid"}
	}
	// The clock of a test stands still, but no two uses are at the same moment.
	last := row.LastUsedAt
	if row.LastUsedAt = p.now().UTC(); !row.LastUsedAt.After(last) {
		row.LastUsedAt = last.Add(time.Microsecond)
	}
	row.uses = append(row.uses, row.LastUsedAt)
	return row, nil
}

func (c *call) parse(raw []byte) *failure {
	if len(raw) > maxBody {
		return &failure{status: http.StatusRequestEntityTooLarge, code: "bad_request", message: "the request is too large"}
	}
	c.body, c.details = object{}, object{}
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil
	}
	if err := json.Unmarshal(raw, &c.body); err != nil {
		return &failure{status: http.StatusBadRequest, code: "bad_request", message: "the body is not a JSON object"}
	}
	switch d := c.body["details"].(type) {
	case nil:
	case object:
		c.details = d
	default:
		return invalidField("details", "must be an object")
	}
	return nil
}

// replay is the first response to a request with an idempotency key.
type replay struct {
	request string
	answer  answer
}

// key is the request's idempotency key, or empty. "8-128 characters".
// Reference: bulkexecute.
func (c *call) key() (string, *failure) {
	v, given := c.body["idempotency_key"]
	key, isText := v.(string)
	switch length := utf8.RuneCountInString(key); {
	case !given || v == nil:
		return "", nil
	case !isText:
		return "", invalidField("idempotency_key", "must be a string")
	case length < 8 || length > 128:
		return "", invalidField("idempotency_key", "must have 8 to 128 characters")
	}
	return key, nil
}

// replayed responds to a request whose idempotency key was used before.
func (c *call) replayed(method, path string) (answer, bool) {
	key, f := c.key()
	if f != nil {
		return c.p.failed(f), true
	}
	first, ok := c.p.replays[c.token.AccountID+" "+key]
	switch {
	case key == "", method == http.MethodGet, !ok, c.p.variant.Replay == "second":
		return answer{}, false
	case c.p.variant.Replay == "used", first.request != method+" "+path:
		return c.p.failed(&failure{status: http.StatusConflict, code: "idempotency_key_already_used", message: "the idempotency key was used before"}), true
	}
	return first.answer, true
}

// remember stores a successful response for repeated requests.
func (c *call) remember(method, path string, a answer) {
	if key, _ := c.key(); key != "" && method != http.MethodGet && a.status < 300 {
		c.p.replays[c.token.AccountID+" "+key] = replay{request: method + " " + path, answer: a}
	}
}

// ping says what kind of token the caller has. Reference: commands/setup.ts.
func ping(c *call) (answer, *failure) {
	if c.token.Scope == scopeDeployment {
		return details(http.StatusOK, object{"token_type": "api_session_agent_deployment_scope", "agent_id": c.token.AgentID}), nil //nolint:gosec // A kind.
	}
	return details(http.StatusOK, object{"token_type": cmp.Or(c.p.variant.AccountTokenType, "api")}), nil
}

// generatePFIDs responds without details. Reference: clients/pfid.ts.
func generatePFIDs(c *call) (answer, *failure) {
	if account, given := c.body["account_id"]; given && account != nil && account != c.token.AccountID {
		return answer{}, invalidField("account_id", "does not exist")
	}
	count := 1.0
	if v, given := c.body["count"]; given {
		number, isNumber := v.(float64)
		if !isNumber || number != math.Trunc(number) || number < 1 || number > 1000 {
			return answer{}, invalidField("count", "must be a whole number between 1 and 1000")
		}
		count = number
	}
	ids := make([]string, int(count))
	for i := range ids {
		ids[i] = c.p.newID(c.p.partitions[c.token.AccountID])
	}
	return answer{http.StatusOK, object{"status": "success", "account_id": c.token.AccountID, "pfids": ids}}, nil
}
