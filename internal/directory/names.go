package directory

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// mostListed is how many objects an error lists.
const mostListed = 20

// entry is an object as errors list it: by its name, which someone else may
// have chosen, and its id.
type entry struct{ name, id string }

func (e entry) String() string {
	if e.name == "" {
		return e.id
	}
	return quoted(e.name) + " (" + e.id + ")"
}

// quoted is a text that someone else may have chosen.
func quoted(text string) string { return inventory.Quoted(text) }

func accountEntry(a prefactor.Account) entry         { return entry{a.Name.Value, a.ID} }
func environmentEntry(e prefactor.Environment) entry { return entry{e.Name.Value, e.ID} }
func agentEntry(a prefactor.Agent) entry             { return entry{a.Name.Value, a.ID} }
func deploymentEntry(d prefactor.Deployment) entry   { return entry{"", d.ID} }

func teamEntry(t prefactor.Team) entry           { return entry{t.Name.Value, t.ID} }
func adminUserEntry(u prefactor.AdminUser) entry { return entry{u.Email.Value, u.ID} }
func agentVersionEntry(v prefactor.AgentVersion) entry {
	return entry{v.ExternalIdentifier.Value, v.ID}
}

func personEntry(p prefactor.Person) entry {
	return entry{p.Name.Value + " <" + p.Email.Value + ">", p.ID}
}
func riskProfileEntry(p prefactor.RiskProfile) entry { return entry{p.Name.Value, p.ID} }

// compareEntries puts objects in order: by name, and by id where names are the same.
func compareEntries(a, b entry) int {
	return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.id, b.id))
}

// sorted is rows in order.
func sorted[T any](rows []T, of func(T) entry) []T {
	return slices.SortedFunc(slices.Values(rows), func(a, b T) int { return compareEntries(of(a), of(b)) })
}

// listed says what there is.
func listed[T any](noun string, rows []T, of func(T) entry) string {
	switch len(rows) {
	case 0:
		return "no " + noun
	case 1:
		return "one " + noun + ": " + of(rows[0]).String()
	}
	texts := make([]string, 0, mostListed+1)
	for _, row := range sorted(rows, of) {
		if len(texts) == mostListed {
			texts = append(texts, fmt.Sprintf("and %d more", len(rows)-mostListed))
			break
		}
		texts = append(texts, of(row).String())
	}
	return fmt.Sprintf("%d %ss: %s", len(rows), noun, strings.Join(texts, ", "))
}

// named finds the one of a name, or says why there is not one.
func named[T any](noun, name string, rows []T, of func(T) entry) (found T, problem string) {
	var matches []T
	for _, row := range rows {
		if of(row).name == name {
			matches = append(matches, row)
		}
	}
	switch len(matches) {
	case 0:
		return found, fmt.Sprintf("There is no %s called %s. Names are compared exactly. The provider's credentials can see %s.", noun, quoted(name), listed(noun, rows, of))
	case 1:
		return matches[0], ""
	default:
		return found, fmt.Sprintf("A name has to be that of one %s, and this one is that of %s. Set id to the one that is meant, instead of name.", noun, listed(noun, matches, of))
	}
}
