package coalesce

import (
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// account is what is known of one account and its tokens. All of it is under
// the Reader's lock.
type account struct {
	// answered tells that a single read has succeeded. It taught which account
	// to list.
	answered bool
	id       string
	// probe is a single read under way that a listing can wait for, as long as
	// none has succeeded.
	probe *flight[prefactor.Token]
	// retryAfter is until when no listing is tried, because one was of no use.
	retryAfter time.Time
	round      *round
}

// round is a listing and the single reads before it. A new one begins when the
// rows of the one before have become too old.
type round struct {
	begun time.Time
	// single are the tokens that were read singly. One that is read again and
	// again counts once: no listing would have to answer for more.
	single map[string]bool
	rows   map[string]row
	// pages are those fetched one by one; next is the offset of the following
	// one, and complete tells that there is none, or none that is wanted.
	pages, next int
	complete    bool
	// count and stride are the rows in all and on a page; 0 is not known.
	count, stride int
	listing       *flight[struct{}]
}

type row struct {
	token prefactor.Token
	asked time.Time
}

func newRound(begun time.Time) *round {
	return &round{begun: begun, single: map[string]bool{}, rows: map[string]row{}}
}

// row gives the row of a token; there may be no round at all.
func (d *round) row(id string) (row, bool) {
	if d == nil {
		return row{}, false
	}
	found, ok := d.rows[id]
	return found, ok
}

// spent is how many single reads there were which a listing could have saved.
func (d *round) spent() int { return len(d.single) }

// learn takes from a single read what a listing needs.
func (a *account) learn(t prefactor.Token) {
	a.answered = true
	if t.AccountID.Known() {
		a.id = t.AccountID.Value
	}
}

// total is how many pages the list has; 0 is not known.
func (d *round) total() int {
	if d.stride == 0 {
		return 0
	}
	return (d.count + d.stride - 1) / d.stride
}

// keep takes the rows of a page that was asked for at a time. It tells how many
// of them are new to this round.
func (d *round) keep(rows []prefactor.Token, asked time.Time) int {
	news := 0
	for _, t := range rows {
		old, known := d.rows[t.ID]
		if !known {
			news++
		}
		// A row that moved between pages comes twice.
		if !known || asked.After(old.asked) {
			d.rows[t.ID] = row{t, asked}
		}
	}
	return news
}
