package main

import (
	"context"
	"fmt"
	"strings"
)

// step is one scene, and proves what it says.
type step struct {
	title string
	tell  func(ctx context.Context, d *demo) error
	needs needs
}

// story is what the demo tells, in this order. Each step leaves what the next
// one starts from.
var story = []step{
	{title: "Declare an account token and a deployment token", tell: declare},
	{title: "List the tokens of the account", tell: list},
	{title: "Suspend the deployment token: one line of the configuration", tell: suspend},
	{title: "Activate it again", tell: activate},
	{title: "A quarter passes: three rotations, and a token works at all times", tell: quarter},
	{title: "A token for one run: ephemeral, in no state and no plan file", tell: oneRun, needs: ephemeralResources},
	{title: "Deliver a rotated token: its value is in no state", tell: deliver, needs: ephemeralResources},
	{title: "A mistake: the configuration suspends the token that the provider uses", tell: lockout},
	{title: "02:00, the deployment token has leaked: suspend it", tell: stopLeak},
	{title: "The leak is confirmed: replace the token", tell: replaceLeaked},
	{title: "Someone revokes the account token in the admin page", tell: revoked},
	{title: "The next apply fixes it", tell: repair},
	{title: "Destroy: revoke, then delete", tell: destroy},
}

// tokens is the configuration of the demo, with the statuses of its tokens.
func (d *demo) tokens(ci, bot string) string {
	return fmt.Sprintf(`resource "prefactor_api_token" "ci" {
  lifetime = "720h" # 30 days
  status   = %q

  rotation = {
    before_expiry = "168h" # a new value when a week is left;
    overlap       = "24h"  # the old one works for another day,
    suspend_for   = "72h"  # is then suspended for three, and only then deleted
  }
}

resource "prefactor_deployment_token" "bot" {
  agent_id       = %q
  environment_id = %q
  status         = %q
}

data "prefactor_api_tokens" "all" {
  depends_on = [prefactor_api_token.ci, prefactor_deployment_token.bot]
}

output "ci" {
  value     = prefactor_api_token.ci.token
  sensitive = true
}

output "ci_id" {
  value = prefactor_api_token.ci.id
}

output "bot" {
  value     = prefactor_deployment_token.bot.token
  sensitive = true
}

output "all" {
  value = [for t in data.prefactor_api_tokens.all.tokens : "${t.scope} ${t.status} until ${substr(t.expires_at, 0, 10)}"]
}
`, ci, d.agent.ID, d.production.ID, bot)
}

// values reads the values of the two tokens from the state.
func (d *demo) values(ctx context.Context) (ci, bot string, err error) {
	o, err := d.outputs(ctx)
	return o.CI.Value, o.Bot.Value, err
}

// works asks the platform whether it accepts the values in the state.
func (d *demo) works(ctx context.Context) (ci, bot bool, err error) {
	ciToken, botToken, err := d.values(ctx)
	return d.platform.Authenticates(ciToken), d.platform.Authenticates(botToken), err
}

func declare(ctx context.Context, d *demo) error {
	out, err := d.apply(ctx, d.tokens("active", "active"))
	if err != nil {
		return err
	}
	ci, bot, err := d.works(ctx)
	if err != nil {
		return err
	}
	for _, secret := range d.platform.Secrets() {
		if strings.Contains(out, secret) {
			return fmt.Errorf("%s printed a token's value", d.binary.Name())
		}
	}
	if err := d.expect(ci && bot, "the platform accepts both new tokens, and their values were not printed"); err != nil {
		return err
	}
	return d.expect(true, "a second plan has nothing to do")
}

func list(ctx context.Context, d *demo) error {
	d.say.command(d.name(), "output", "all")
	o, err := d.outputs(ctx)
	if err != nil {
		return err
	}
	d.say.quote(strings.Join(o.All.Value, "\n"))
	return d.expect(len(o.All.Value) == 3, "three tokens: the provider's own and the two of the configuration")
}

func suspend(ctx context.Context, d *demo) error {
	if _, err := d.apply(ctx, d.tokens("active", "suspended")); err != nil {
		return err
	}
	ci, bot, err := d.works(ctx)
	if err != nil {
		return err
	}
	return d.expect(ci && !bot, "the platform rejects the suspended token, and only that one")
}

func activate(ctx context.Context, d *demo) error {
	if _, err := d.apply(ctx, d.tokens("active", "active")); err != nil {
		return err
	}
	ci, bot, err := d.works(ctx)
	if err != nil {
		return err
	}
	return d.expect(ci && bot, "the same value works again")
}

func revoked(ctx context.Context, d *demo) error {
	o, err := d.outputs(ctx)
	if err != nil {
		return err
	}
	if err := d.platform.Revoke(o.CIID.Value); err != nil {
		return err
	}
	out, err := d.terraform(ctx, "plan")
	if err != nil {
		return err
	}
	const title = "Token will be rotated"
	d.say.quote(part(out, title))
	d.say.quote(last(out, "Plan:"))
	return d.expect(strings.Contains(part(out, title), "it was revoked"), "the plan says what happened, and what it does about it")
}

func repair(ctx context.Context, d *demo) error {
	if _, err := d.apply(ctx, d.tokens("active", "active")); err != nil {
		return err
	}
	ci, bot, err := d.works(ctx)
	if err != nil {
		return err
	}
	if err := d.expect(ci && bot, "a new value works, and the other token was left alone"); err != nil {
		return err
	}
	return d.expect(len(d.platform.Tokens()) == 3, "the revoked row is deleted: there are three tokens again")
}

func destroy(ctx context.Context, d *demo) error {
	out, err := d.terraform(ctx, "destroy", "-auto-approve")
	if err != nil {
		return err
	}
	d.say.quote(last(out, "Destroy complete!"))
	left := d.platform.Tokens()
	return d.expect(len(left) == 1 && left[0].ID == d.admin.ID, "nothing is left at the platform but the provider's own token")
}
