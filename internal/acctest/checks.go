package acctest

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

// Others are the tokens at the platform besides the provider's own.
func (w *World) Others() []emulator.Token {
	var others []emulator.Token
	for _, t := range w.Tokens() {
		if t.ID != w.Admin.ID {
			others = append(others, t)
		}
	}
	return others
}

// NothingLeft fails when a token besides the provider's own is at the platform.
func (w *World) NothingLeft(*terraform.State) error {
	if left := w.Others(); len(left) > 0 {
		return fmt.Errorf("%d tokens are left at the platform, the first is %+v", len(left), left[0])
	}
	return nil
}

// CheckStatus compares the platform's status of the token at an address with want.
func (w *World) CheckStatus(address, want string) resource.TestCheckFunc {
	return func(s *terraform.State) error {
		id, err := attribute(s, address, "id")
		if err != nil {
			return err
		}
		got, found := w.Token(id)
		if !found {
			return fmt.Errorf("%s: the platform has no token %s", address, id)
		}
		if got.Status != want {
			return fmt.Errorf("%s: the platform has token %s as %s, not %s", address, id, got.Status, want)
		}
		return nil
	}
}

// CheckAuthenticates compares whether the value in the state authenticates with want.
func (w *World) CheckAuthenticates(address string, want bool) resource.TestCheckFunc {
	return func(s *terraform.State) error {
		value, err := attribute(s, address, "token")
		if err != nil {
			return err
		}
		if got := w.Authenticates(value); got != want {
			return fmt.Errorf("%s: whether its value authenticates is %t, not %t", address, got, want)
		}
		return nil
	}
}

// CheckCount compares the number of tokens besides the provider's own with want.
func (w *World) CheckCount(want int) resource.TestCheckFunc {
	return func(*terraform.State) error {
		if got := w.Others(); len(got) != want {
			return fmt.Errorf("there are %d tokens at the platform, not %d: %+v", len(got), want, got)
		}
		return nil
	}
}

// IDOf keeps the id of the token at an address.
func IDOf(address string, into *string) resource.TestCheckFunc {
	return func(s *terraform.State) error {
		id, err := attribute(s, address, "id")
		*into = id
		return err
	}
}

// Calls are the requests since the last reset that match a method and the end
// of a path, such as "POST" and "/suspend".
func (w *World) Calls(method, suffix string) int {
	n := 0
	for _, r := range w.Requests() {
		if r.Method == method && strings.HasSuffix(r.Path, suffix) {
			n++
		}
	}
	return n
}

func attribute(s *terraform.State, address, name string) (string, error) {
	r, ok := s.RootModule().Resources[address]
	if !ok {
		return "", fmt.Errorf("the state has no %s", address)
	}
	return r.Primary.Attributes[name], nil
}
