package credentials_test

import (
	"errors"
	"testing"

	"github.com/prefactordev/terraform-provider-prefactor/internal/credentials"
)

func TestAccountID(t *testing.T) {
	t.Parallel()
	const (
		one      = "01hf7yat3v3nqk8n4ekcsmrhb61mph6z"
		other    = "01kdvdna0000001a88cvx6pv3pzgqzn6"
		variable = "environment variable PREFACTOR_ACCOUNT_ID"
	)
	for name, c := range map[string]struct {
		attribute *string
		env       map[string]string
		id, from  string
		refusal   string
	}{
		"nowhere":                {},
		"attribute":              {attribute: new(one), id: one, from: block},
		"environment":            {env: map[string]string{"PREFACTOR_ACCOUNT_ID": one}, id: one, from: variable},
		"attribute first":        {attribute: new(one), env: map[string]string{"PREFACTOR_ACCOUNT_ID": other}, id: one, from: block},
		"empty environment":      {env: map[string]string{"PREFACTOR_ACCOUNT_ID": ""}},
		"bad one is not used":    {attribute: new(one), env: map[string]string{"PREFACTOR_ACCOUNT_ID": "x"}, id: one, from: block},
		"empty attribute":        {attribute: new(""), env: map[string]string{"PREFACTOR_ACCOUNT_ID": one}, refusal: "account_id in the provider block is an empty string"},
		"attribute is no PFID":   {attribute: new(secret), env: map[string]string{"PREFACTOR_ACCOUNT_ID": one}, refusal: "The account id from the provider block is not a Prefactor id: a PFID has 32 characters, but this text has 6."},
		"environment is no PFID": {env: map[string]string{"PREFACTOR_ACCOUNT_ID": one + "\n"}, refusal: "The account id from the " + variable + " is not a Prefactor id: a PFID has 32 characters, but this text has 33."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			id, from, err := credentials.AccountID(c.attribute, func(name string) (string, bool) { v, ok := c.env[name]; return v, ok })
			if id != c.id || from != c.from {
				t.Errorf("got %q from %q, want %q from %q", id, from, c.id, c.from)
			}
			if c.refusal == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var refusal *credentials.Error
			if !errors.As(err, &refusal) {
				t.Fatalf("got %v, want a *credentials.Error", err)
			}
			checkError(t, refusal, "account_id", c.refusal)
		})
	}
	t.Run("no environment at all", func(t *testing.T) {
		t.Parallel()
		if id, from, err := credentials.AccountID(nil, nil); id != "" || from != "" || err != nil {
			t.Errorf("got %q, %q, %v", id, from, err)
		}
	})
}
