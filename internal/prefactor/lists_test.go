package prefactor_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// A list is whole and in order on every plausible platform, whatever its size.
func TestTokensOnEachPlatform(t *testing.T) {
	t.Parallel()
	for _, v := range emulator.Variants(testing.Short()) {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			for _, n := range []int{1, 2, 5, 101} {
				p, value := platform(v.Variant)
				account := p.Tokens()[0].AccountID
				for range n - 1 {
					p.AddToken(emulator.TokenSpec{Scope: "account", AccountID: account})
				}
				var want []string
				for _, token := range p.Tokens() {
					want = append(want, token.ID)
				}
				c := newClient(t, listen(t, p), func(c *prefactor.Config) { c.Token = value })
				for _, asked := range []string{"", account} {
					tokens, err := c.Tokens(t.Context(), asked)
					if err != nil {
						t.Fatal(err)
					}
					if got := ids(tokens); !slices.Equal(got, want) {
						t.Errorf("%d tokens, want %d", len(got), n)
					}
				}
			}
		})
	}
}

// What was created lately is found on every plausible platform, whatever comes
// and goes meanwhile.
func TestTokensSince(t *testing.T) {
	t.Parallel()
	for _, v := range emulator.Variants(testing.Short()) {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			now := time.Now().UTC()
			p := emulator.New(emulator.Options{Now: func() time.Time { return now }, Variant: v.Variant})
			account := p.AddAccount("Acme").ID
			_, value := p.AddToken(emulator.TokenSpec{Scope: "account", AccountID: account})
			add := func(n int) (ids []string) {
				for range n {
					k, _ := p.AddToken(emulator.TokenSpec{Scope: "account", AccountID: account})
					ids = append(ids, k.ID)
				}
				return ids
			}
			add(300)
			now = now.Add(time.Hour)
			since := now
			want := add(120)
			fleeting := add(2)
			var mu sync.Mutex
			requests := 0
			p.Watch(func(emulator.Request) {
				mu.Lock()
				defer mu.Unlock()
				if requests++; requests < 100 { // Or a listing that does not end would hang the test.
					add(1)
				}
				if len(fleeting) > 0 {
					_ = p.DeleteToken(fleeting[0])
					fleeting = fleeting[1:]
				}
			})
			c := newClient(t, listen(t, p), func(c *prefactor.Config) { c.Token = value })
			tokens, err := c.TokensSince(t.Context(), account, since)
			if err != nil {
				t.Fatal(err)
			}
			got := ids(tokens)
			for _, id := range want {
				if !slices.Contains(got, id) {
					t.Errorf("%s was not found", id)
				}
			}
			mu.Lock()
			defer mu.Unlock()
			if requests > 3*6 {
				t.Errorf("%d requests", requests)
			}
		})
	}
}

// A row that cannot be distinguished is not passed over.
func TestTokensSince_withoutID(t *testing.T) {
	t.Parallel()
	c := replies(t, ok(`{"status":"success","summaries":[{"token_scope":"account"}]}`)).client(t)
	if tokens, err := c.TokensSince(t.Context(), "", time.Now()); err == nil {
		t.Errorf("listed %+v", tokens)
	}
}

// Older rows are not requested.
func TestTokensSince_fewRequests(t *testing.T) {
	t.Parallel()
	now := time.Now().UTC()
	p := emulator.New(emulator.Options{Now: func() time.Time { return now }})
	account := p.AddAccount("Acme").ID
	_, value := p.AddToken(emulator.TokenSpec{Scope: "account", AccountID: account})
	for range 500 {
		p.AddToken(emulator.TokenSpec{Scope: "account", AccountID: account})
	}
	now = now.Add(time.Hour)
	young, _ := p.AddToken(emulator.TokenSpec{Scope: "account", AccountID: account})
	c := newClient(t, listen(t, p), func(c *prefactor.Config) { c.Token = value })
	tokens, err := c.TokensSince(t.Context(), account, now)
	if err != nil || !slices.Contains(ids(tokens), young.ID) {
		t.Fatalf("%d tokens, %v", len(tokens), err)
	}
	if n := len(p.Requests()); n != 1 {
		t.Errorf("%d requests", n)
	}
}

func ids(tokens []prefactor.Token) []string {
	all := []string{}
	for _, token := range tokens {
		all = append(all, token.ID)
	}
	return all
}

// Which spelling of an order a platform accepts, and whether it applies it, is no
// matter of the result, only of the number of requests.
func TestSorting(t *testing.T) {
	t.Parallel()
	for spelling, want := range map[string]struct{ since, again, all int }{
		"":           {1, 1, 4},
		"structured": {1, 1, 4},
		"bare":       {1 + 4, 4, 4},
		"none":       {1 + 4, 4, 4},
	} {
		t.Run("accepts "+spelling, func(t *testing.T) {
			t.Parallel()
			now := time.Now().UTC()
			p := emulator.New(emulator.Options{Now: func() time.Time { return now }, Variant: emulator.Variant{Sorting: spelling}})
			account := p.AddAccount("Acme").ID
			_, value := p.AddToken(emulator.TokenSpec{Scope: "account", AccountID: account})
			for range 300 {
				p.AddToken(emulator.TokenSpec{Scope: "account", AccountID: account})
			}
			now = now.Add(time.Hour)
			newest, _ := p.AddToken(emulator.TokenSpec{Scope: "account", AccountID: account})
			c := newClient(t, listen(t, p), func(c *prefactor.Config) { c.Token = value })
			for _, requests := range []int{want.since, want.again} {
				p.ResetRequests()
				tokens, err := c.TokensSince(t.Context(), account, now)
				if err != nil || !slices.Contains(ids(tokens), newest.ID) {
					t.Errorf("%d tokens, %v", len(tokens), err)
				}
				if n := len(p.Requests()); n != requests {
					t.Errorf("%d requests for the newest, want %d", n, requests)
				}
			}
			p.ResetRequests()
			tokens, err := c.Tokens(t.Context(), account)
			if err != nil || len(tokens) != 302 {
				t.Errorf("%d tokens, %v", len(tokens), err)
			}
			if n := len(p.Requests()); n != want.all {
				t.Errorf("%d requests for all, want %d", n, want.all)
			}
			page, err := c.TokenPage(t.Context(), account, 0)
			if err != nil || len(page.Objects) != 100 {
				t.Errorf("%d tokens on a page, %v", len(page.Objects), err)
			}
		})
	}
}

// An order that the response claims but does not have is not relied on, and an
// error that is not about the order is the error of the list.
func TestSorting_wrong(t *testing.T) {
	t.Parallel()
	claims := `,"pagination":{"item_count":3,"next_page_offset":%s},"sorting":{"field":"id","direction":"desc","nulls":"auto"}}`
	s := serve(t, func(n int, w http.ResponseWriter, r *http.Request) {
		if n == 0 {
			ok(`{"status":"success","summaries":`+rowsJSON(1, 2)+fmt.Sprintf(claims, "2")).write(w, r)
			return
		}
		ok(`{"status":"success","summaries":`+rowsJSON(3)+fmt.Sprintf(claims, "null")).write(w, r)
	})
	tokens, err := s.client(t).TokensSince(t.Context(), "", time.Now())
	if err != nil || len(tokens) != 3 {
		t.Errorf("%v, %v", ids(tokens), err)
	}
	s = replies(t, apiError(http.StatusUnprocessableEntity, "invalid_value", "no such account"))
	_, err = s.client(t).TokensSince(t.Context(), "", time.Now())
	if e := failure(t, err); e.Message != "no such account" || len(s.requests()) != 2 {
		t.Errorf("%v after %d requests", e, len(s.requests()))
	}
}

// Pages are as large as they can be: 250 rows are three requests.
func TestFewRequests(t *testing.T) {
	t.Parallel()
	p, value := platform()
	for range 249 {
		p.AddToken(emulator.TokenSpec{Scope: "account", AccountID: p.Tokens()[0].AccountID})
	}
	c := newClient(t, listen(t, p), func(c *prefactor.Config) { c.Token = value })
	if _, err := c.Tokens(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if n := len(p.Requests()); n != 3 {
		t.Errorf("%d requests, want 3", n)
	}
}

func rowID(n int) string { return fmt.Sprintf("01jz0000000abc00%016d", n) }

func rowsJSON(numbers ...int) string {
	rows := []map[string]string{}
	for _, n := range numbers {
		rows = append(rows, map[string]string{"id": rowID(n)})
	}
	raw, _ := json.Marshal(rows)
	return string(raw)
}

func TestListForms(t *testing.T) {
	t.Parallel()
	three := rowsJSON(3, 1, 2)
	for name, c := range map[string]struct {
		response string
		want     int
	}{
		"summaries":  {`{"status":"success","summaries":` + three + `}`, 3},
		"no rows":    {`{"status":"success","summaries":[],"pagination":null}`, 0},
		"no more":    {`{"status":"success","summaries":` + three + `,"pagination":{"item_count":3,"next_page_offset":null}}`, 3},
		"duplicates": {`{"status":"success","summaries":` + rowsJSON(2, 1, 2, 1) + `}`, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// The offset is ignored: the same rows come again and again.
			s := replies(t, ok(c.response))
			tokens, err := s.client(t).Tokens(t.Context(), "")
			if err != nil {
				t.Fatal(err)
			}
			if got := ids(tokens); len(got) != c.want || !slices.IsSorted(got) {
				t.Errorf("%v, want %d", got, c.want)
			}
			if n := len(s.requests()); n > 2 {
				t.Errorf("%d requests, want at most two", n)
			}
		})
	}
}

func TestBrokenLists(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ response, want string }{
		"a text":        {`{"status":"success","summaries":"none"}`, "cannot be used"},
		"one object":    {`{"status":"success","details":{"id":"` + rowID(1) + `"}}`, "none of the expected objects"},
		"under details": {`{"status":"success","details":` + rowsJSON(1) + `}`, "none of the expected objects"},
		"null":          {`{"status":"success","summaries":null}`, "none of the expected objects"},
		"texts":         {`{"status":"success","summaries":["a","b"]}`, "cannot be used"},
		"a row of null": {`{"status":"success","summaries":[null]}`, "id is missing or not an id"},
		"a row without": {`{"status":"success","summaries":[{"status":"active"}]}`, "id is missing or not an id"},
		"id is null":    {`{"status":"success","summaries":[{"id":null}]}`, "id is missing or not an id"},
		"id is 7":       {`{"status":"success","summaries":[{"id":7}]}`, "id has the wrong type (number)"},
		"bad time":      {`{"status":"success","summaries":[{"id":"` + rowID(1) + `","expires_at":"soon"}]}`, "timestamp"},
		"no rows":       {`{"status":"success"}`, "no details"},
	} {
		_, err := replies(t, ok(c.response)).client(t).Tokens(t.Context(), "")
		if e := failure(t, err); !strings.Contains(e.Error(), c.want) || e.Ambiguous {
			t.Errorf("%s: %v, want %q in it", name, e, c.want)
		}
	}
}

// paged is a platform whose rows change while their pages are read: rows(n)
// are those at the n-th request.
func paged(t *testing.T, size int, counted bool, rows func(n int) []int) *server {
	t.Helper()
	return serve(t, func(n int, w http.ResponseWriter, r *http.Request) {
		all := rows(n)
		offset, _ := strconv.Atoi(r.URL.Query().Get("pagination[offset]"))
		start := min(offset, len(all))
		end := min(start+size, len(all))
		pagination := "null"
		if counted {
			next := "null"
			if end < len(all) {
				next = strconv.Itoa(end)
			}
			pagination = fmt.Sprintf(`{"item_count":%d,"next_page_offset":%s}`, len(all), next)
		}
		ok(`{"status":"success","summaries":`+rowsJSON(all[start:end]...)+`,"pagination":`+pagination+`}`).write(w, r)
	})
}

// up counts from 1 on: the oldest row comes first.
func up(to int) []int {
	all := down(to)
	slices.Reverse(all)
	return all
}

// down counts down to 1: the newest row comes first.
func down(from int) []int {
	var all []int
	for n := from; n >= 1; n-- {
		all = append(all, n)
	}
	return all
}

// A row that is deleted while the pages are read moves the others: one would
// be missing between two pages. Each page begins with the last row of the page
// before, which shows that.
func TestRowsChange(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rows     func(n int) []int
		want     []int
		requests int
	}{
		"quiet": {func(int) []int { return up(7) }, up(7), 3},
		"one goes": {func(n int) []int {
			if n == 0 {
				return up(7)
			}
			return []int{2, 3, 4, 5, 6, 7}
		}, []int{2, 3, 4, 5, 6, 7}, 6},
		"one comes": {func(n int) []int {
			if n < 2 {
				return up(7)
			}
			return up(8)
		}, up(8), 4},
		"one comes at each page": {func(n int) []int { return up(7 + n) }, up(11), 5},
		"one comes, one goes": {func(n int) []int {
			if n == 0 {
				return up(7)
			}
			return []int{2, 3, 4, 5, 6, 7, 8}
		}, []int{2, 3, 4, 5, 6, 7, 8}, 6},
		"newest first, one comes": {func(n int) []int {
			if n < 2 {
				return down(7)
			}
			return down(8)
		}, up(8), 8},
		"newest first, one comes, one goes": {func(n int) []int {
			if n == 0 {
				return down(7)
			}
			return []int{8, 7, 6, 5, 4, 3, 2}
		}, []int{2, 3, 4, 5, 6, 7, 8}, 6},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := paged(t, 3, true, c.rows)
			tokens, err := s.client(t).Tokens(t.Context(), "")
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			for _, n := range c.want {
				want = append(want, rowID(n))
			}
			if got := ids(tokens); !slices.Equal(got, want) {
				t.Errorf("%v\nwant %v", got, want)
			}
			if n := len(s.requests()); n != c.requests {
				t.Errorf("%d requests, want %d", n, c.requests)
			}
		})
	}
}

// Of rows that go all the time, several listings together have all that stay.
func TestRowsKeepChanging(t *testing.T) {
	t.Parallel()
	s := paged(t, 3, true, func(n int) []int { return down(40)[min(n, 30):] })
	tokens, err := s.client(t).Tokens(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	got := ids(tokens)
	for n := range 10 {
		if !slices.Contains(got, rowID(n+1)) {
			t.Errorf("row %d slipped through: %v", n+1, got)
		}
	}
}

// Of a list without a count, pages are requested until one is not full.
func TestListWithoutCount(t *testing.T) {
	t.Parallel()
	for rows, requests := range map[int]int{7: 1, 250: 3} {
		s := paged(t, 100, false, func(int) []int { return down(rows) })
		tokens, err := s.client(t).Tokens(t.Context(), "")
		if n := len(s.requests()); err != nil || len(tokens) != rows || n != requests {
			t.Errorf("%d tokens by %d requests, %v", len(tokens), n, err)
		}
	}
}

// A platform which says that there are more rows than it gives is not believed
// to have given all: a token that is missing in a list is not deleted.
func TestShortList(t *testing.T) {
	t.Parallel()
	s := replies(t, ok(`{"status":"success","summaries":`+rowsJSON(2, 1)+`,"pagination":{"item_count":5}}`))
	_, err := s.client(t).Tokens(t.Context(), "")
	fit(t, err)
	s = replies(t, ok(`{"status":"success","summaries":`+rowsJSON(2, 1)+`,"pagination":{"item_count":5,"next_page_offset":null}}`))
	_, err = s.client(t).Tokens(t.Context(), "")
	fit(t, err)
}

// A page that fails is the failure of the list.
func TestFailingPage(t *testing.T) {
	t.Parallel()
	s := serve(t, func(n int, w http.ResponseWriter, r *http.Request) {
		if n == 1 {
			apiError(http.StatusForbidden, "not_permitted", "no more").write(w, r)
			return
		}
		ok(`{"status":"success","summaries":`+rowsJSON(2, 1)+`,"pagination":{"item_count":4,"next_page_offset":2}}`).write(w, r)
	})
	tokens, err := s.client(t).Tokens(t.Context(), "")
	if e := failure(t, err); e.Status != http.StatusForbidden || tokens != nil {
		t.Errorf("%d tokens, %v", len(tokens), e)
	}
}

// Ids and words of a response reach a terminal as they are: what is none is no
// row and no object.
func TestForeignIDs(t *testing.T) {
	t.Parallel()
	for name, field := range map[string]string{
		"escape in an id": `"agent_id":"\u001b[2J"`, "another id": `"account_id":"acme"`, "upper case": `"environment_id":"` + strings.ToUpper(envID) + `"`,
		"escape in a status": `"status":"\u001b]0;x\u0007"`, "a scope of two words": `"token_scope":"account admin"`, "creator": `"created_by_admin_user_id":"a\nb"`,
	} {
		row := `{"id":"` + tokenID + `",` + field + `}`
		_, list := replies(t, ok(`{"status":"success","summaries":[`+rowsJSON(1)[1:len(rowsJSON(1))-1]+`,`+row+`]}`)).client(t).Tokens(t.Context(), "")
		_, one := replies(t, ok(`{"status":"success","details":`+row+`}`)).client(t).Token(t.Context(), tokenID)
		for _, err := range []error{list, one} {
			if e := failure(t, err); !strings.Contains(e.Message, "cannot be used") {
				t.Errorf("%s: %v", name, e)
			}
		}
	}
	// A word that is not known yet is a word.
	if token := readToken(t, `,"status":"expired"`); token.Status.Value != "expired" {
		t.Errorf("%+v", token)
	}
}

// A listing is bounded in rows of one response, in headers and in time.
func TestListLimits(t *testing.T) {
	t.Parallel()
	many := make([]int, 10_000)
	for i := range many {
		many[i] = i + 1
	}
	_, err := replies(t, ok(`{"status":"success","summaries":`+rowsJSON(many[:1001]...)+`}`)).client(t).Tokens(t.Context(), "")
	if e := failure(t, err); !strings.Contains(e.Message, "1001 records") {
		t.Error(e)
	}
	s := replies(t, reply{status: http.StatusOK, body: `{"status":"success","summaries":[]}`, header: map[string]string{"X-Long": strings.Repeat("x", 100_000)}})
	_, err = s.client(t, retries(0)).Tokens(t.Context(), "")
	fit(t, err)
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, "https://platform.example", overNetwork(func(*http.Request) (*http.Response, error) {
			<-time.After(20 * time.Second)
			rows := many[:100]
			many = many[100:]
			return canned(http.StatusOK, nil, `{"status":"success","summaries":`+rowsJSON(rows...)+`,"pagination":null}`), nil
		}))
		began := time.Now()
		_, err := c.Tokens(t.Context(), "")
		if e := failure(t, err); !strings.Contains(e.Message, "within") || time.Since(began) > 11*time.Minute {
			t.Errorf("after %s: %v", time.Since(began), e)
		}
	})
}

func TestAccounts(t *testing.T) {
	t.Parallel()
	row := `{"id":"` + accountID + `","name":"Acme"}`
	for name, response := range map[string]string{
		"summaries":  `{"status":"success","summaries":[` + row + `],"pagination":{"item_count":1,"next_page_offset":null}}`,
		"one object": `{"status":"success","details":` + row + `}`,
	} {
		accounts, err := replies(t, ok(response)).client(t).Accounts(t.Context())
		if err != nil || len(accounts) != 1 || accounts[0].ID != accountID || accounts[0].Name.Value != "Acme" {
			t.Errorf("%s: %+v, %v", name, accounts, err)
		}
	}
}
