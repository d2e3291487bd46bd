package directory

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
)

// entry is an object in an error: its name, which someone else may have chosen, its
// id, and what distinguishes it if it has no name. account is empty if the API does not
// return it.
type entry struct{ name, id, account, detail string }

func (e entry) String() string {
	if e.name == "" {
		return e.id + e.detail
	}
	return inventory.Quoted(e.name) + " (" + e.id + ")"
}

// sorted are objects ordered by name, and by id where names are the same.
func sorted[T any](objects []T, of func(T) entry) []T {
	return slices.SortedFunc(slices.Values(objects), func(a, b T) int {
		return cmp.Or(strings.Compare(of(a).name, of(b).name), strings.Compare(of(a).id, of(b).id))
	})
}

// listed describes objects in a sentence.
func listed[T any](noun string, objects []T, of func(T) entry) string {
	switch len(objects) {
	case 0:
		return "no " + noun
	case 1:
		return "one " + noun + ": " + of(objects[0]).String()
	}
	texts := make([]string, 0, inventory.MostListed+1)
	for _, object := range sorted(objects, of) {
		if len(texts) == inventory.MostListed {
			texts = append(texts, fmt.Sprintf("and %d more", len(objects)-inventory.MostListed))
			break
		}
		texts = append(texts, of(object).String())
	}
	return fmt.Sprintf("%d %ss: %s", len(objects), noun, strings.Join(texts, ", "))
}
