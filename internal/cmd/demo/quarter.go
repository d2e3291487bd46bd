package main

import (
	"context"
	"fmt"
	"strings"
	"time"
)

const day = 24 * time.Hour

// visits are the days of the quarter on which a scheduled run finds something,
// and some on which it finds nothing. A token of 30 days is renewed when a
// week is left, so on day 23, on day 46, and on day 69.
var visits = []struct {
	day      int
	says     string // the title of the plan's warning; empty where nothing is due
	old      string // what the platform has of the previous token
	oldWorks bool
}{
	{day: 14},
	{day: 23, says: "Token will be rotated", old: "active", oldWorks: true},
	{day: 24, says: "Previous API token will be suspended", old: "suspended"},
	{day: 27, says: "Previous API token will be removed"},
	{day: 46, says: "Token will be rotated", old: "active", oldWorks: true},
	{day: 47, says: "Previous API token will be suspended", old: "suspended"},
	{day: 50, says: "Previous API token will be removed"},
	{day: 69, says: "Token will be rotated", old: "active", oldWorks: true},
	{day: 70, says: "Previous API token will be suspended", old: "suspended"},
	{day: 73, says: "Previous API token will be removed"},
	{day: 90},
}

// quarter lets 90 days go by, with one apply on each visit and no change to the
// configuration.
func quarter(ctx context.Context, d *demo) error {
	began := d.clock.now()
	value, _, err := d.values(ctx)
	if err != nil {
		return err
	}
	old, rotations := "", 0
	d.say.line("%-7s %-36s %-14s %s", "", "what the apply says", "new value", "old value")
	for i, v := range visits {
		// Always a little later on its day, since what is due counts from the
		// minute of the visit before.
		late := time.Duration(i+1) * time.Hour
		d.clock.skip(began.Add(time.Duration(v.day)*day + late).Sub(d.clock.now()))
		if !d.platform.Authenticates(value) {
			return fmt.Errorf("day %d: the value that is in use ended before the apply", v.day)
		}
		out, err := d.quiet(ctx, "apply", "-auto-approve")
		if err != nil {
			return err
		}
		if says := strings.Join(warnings(out), ", "); says != v.says {
			return fmt.Errorf("day %d: the apply says %q, not %q", v.day, says, v.says)
		}
		fresh, _, err := d.values(ctx)
		if err != nil {
			return err
		}
		if fresh != value {
			old, value = value, fresh
			rotations++
		}
		if !d.platform.Authenticates(value) || d.platform.Authenticates(old) != v.oldWorks {
			return fmt.Errorf("day %d: the new value works: %t; the old one works: %t", v.day, d.platform.Authenticates(value), d.platform.Authenticates(old))
		}
		if got := d.previousStatus(ctx); got != v.old {
			return fmt.Errorf("day %d: the previous token is %q at the platform, not %q", v.day, got, v.old)
		}
		d.say.line("day %-3d %-36s %-14s %s", v.day, orDash(v.says), "works", orDash(v.old))
	}
	if err := d.expect(rotations == 3, "three rotations, and at each visit the value in use still worked"); err != nil {
		return err
	}
	if err := d.settled(ctx); err != nil {
		return err
	}
	return d.expect(len(d.platform.Tokens()) == 3, "no old token is left at the platform")
}

// previousStatus is what the platform has of the account token that is neither
// the provider's own nor the current one; empty when there is none.
func (d *demo) previousStatus(ctx context.Context) string {
	o, err := d.outputs(ctx)
	if err != nil {
		return err.Error()
	}
	for _, t := range d.platform.Tokens() {
		if t.Scope == "account" && t.ID != o.CIID.Value && t.ID != d.admin.ID {
			return t.Status
		}
	}
	return ""
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
