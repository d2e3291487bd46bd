package main

import (
	"context"
	"errors"
	"strings"
)

// lockout has the provider use the token that it is to suspend.
func lockout(ctx context.Context, d *demo) error {
	ci, _, err := d.values(ctx)
	if err != nil {
		return err
	}
	if err := d.write(d.tokens("suspended", "active")); err != nil {
		return err
	}
	d.say.command("PREFACTOR_API_TOKEN=<the value of prefactor_api_token.ci>", d.name(), "apply", "-auto-approve")
	out, err := d.runAs(ctx, ci, "apply", "-auto-approve")
	if err == nil {
		return errors.New("the provider suspended the token that it used")
	}
	const title = "The provider would lock itself out"
	d.say.quote(part(out, title))
	if err := d.expect(strings.Contains(out, title), "the plan fails and explains why"); err != nil {
		return err
	}
	if err := d.expect(d.platform.Authenticates(ci), "the token still works"); err != nil {
		return err
	}
	return d.write(d.tokens("active", "active"))
}

// stopLeak suspends: the value stops working immediately, and that can be undone.
func stopLeak(ctx context.Context, d *demo) error {
	_, leaked, err := d.values(ctx)
	if err != nil {
		return err
	}
	if err := d.expect(d.platform.Authenticates(leaked), "the leaked value works"); err != nil {
		return err
	}
	if _, err := d.apply(ctx, d.tokens("active", "suspended")); err != nil {
		return err
	}
	return d.expect(!d.platform.Authenticates(leaked), "after status = \"suspended\" the platform rejects it; this can still be undone")
}

// replaceLeaked revokes: the leaked value never works again.
func replaceLeaked(ctx context.Context, d *demo) error {
	ciBefore, leaked, err := d.values(ctx)
	if err != nil {
		return err
	}
	if _, err := d.apply(ctx, d.tokens("active", "active"), "-replace=prefactor_deployment_token.bot"); err != nil {
		return err
	}
	ci, bot, err := d.values(ctx)
	if err != nil {
		return err
	}
	if err := d.expect(bot != leaked && d.platform.Authenticates(bot), "a new value works"); err != nil {
		return err
	}
	if err := d.expect(!d.platform.Authenticates(leaked), "the leaked one is revoked and deleted, and never works again"); err != nil {
		return err
	}
	return d.expect(ci == ciBefore && d.platform.Authenticates(ci), "the other token was left alone")
}
