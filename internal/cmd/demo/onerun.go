package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// shortLived reads with a token that exists for one run only.
const shortLived = `
ephemeral "prefactor_api_token" "run" {
  lifetime = "15m" # how long it works at most, should its end be missed
}

provider "prefactor" {
  alias     = "run"
  api_token = ephemeral.prefactor_api_token.run.token
}

data "prefactor_api_tokens" "as_run" {
  provider = prefactor.run
}
`

// oneRun applies with an ephemeral token as the credentials of a second
// provider block.
func oneRun(ctx context.Context, d *demo) error {
	before, issued := len(d.platform.Tokens()), len(d.platform.Secrets())
	d.platform.ResetRequests()
	if err := d.write(d.tokens("active", "active") + shortLived); err != nil {
		return err
	}
	out, err := d.terraform(ctx, "apply", "-auto-approve")
	if err != nil {
		return err
	}
	d.say.quote(last(out, "Apply complete!"))

	used := ""
	for _, r := range d.platform.Requests() {
		if r.TokenID != d.admin.ID && r.Status == 200 {
			used = r.TokenID
		}
	}
	if err := d.expect(used != "", "the run read the list with a token of its own: "+used); err != nil {
		return err
	}
	_, found := d.platform.Token(used)
	if err := d.expect(!found && len(d.platform.Tokens()) == before, "after the run it is revoked and deleted"); err != nil {
		return err
	}
	left, err := d.filesWith(d.platform.Secrets()[issued:])
	if err != nil {
		return err
	}
	if err := d.expect(len(left) == 0, "its value is in no file of the working folder, the state among them"); err != nil {
		return err
	}
	return d.write(d.tokens("active", "active"))
}

// filesWith are the files of the working folder that have one of the texts.
func (d *demo) filesWith(texts []string) ([]string, error) {
	if len(texts) == 0 {
		return nil, errors.New("no token was issued")
	}
	var found []string
	err := filepath.WalkDir(d.work, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path) //nolint:gosec // A file of the demo.
		for _, text := range texts {
			if strings.Contains(string(raw), text) {
				found = append(found, path)
			}
		}
		return err
	})
	return found, err
}
