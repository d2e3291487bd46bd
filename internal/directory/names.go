package directory

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
)

// entry is an object in an error: its name, which someone else may have chosen, its
// id, and what else tells it apart. account is empty where the API does not say it.
type entry struct{ name, id, account, detail string }

func (e entry) String() string {
	if e.name == "" {
		return e.id + e.detail
	}
	return quoted(e.name) + " (" + e.id + ")"
}

// quoted is a text that someone else may have chosen.
func quoted(text string) string { return inventory.Quoted(text) }

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
	texts := make([]string, 0, inventory.MostListed+1)
	for _, row := range sorted(rows, of) {
		if len(texts) == inventory.MostListed {
			texts = append(texts, fmt.Sprintf("and %d more", len(rows)-inventory.MostListed))
			break
		}
		texts = append(texts, of(row).String())
	}
	return fmt.Sprintf("%d %ss: %s", len(rows), noun, strings.Join(texts, ", "))
}
