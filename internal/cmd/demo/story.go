package main

import (
	"context"
	"fmt"
	"strings"
)

// story is what the demo tells, in this order. Each step leaves what the next
// one starts from.
var story = []struct {
	title string
	tell  func(ctx context.Context, d *demo) error
}{
	{"Declare an account token and a deployment token", declare},
	{"List the tokens of the account", list},
	{"Suspend the deployment token: one line of the configuration", suspend},
	{"Activate it again", activate},
	{"Someone revokes the account token in the admin page", revoked},
	{"The next apply repairs it", repair},
	{"Destroy: revoke, then delete", destroy},
}

// tokens is the configuration of the demo, with the deployment token's status.
func (d *demo) tokens(status string) string {
	return fmt.Sprintf(`resource "prefactor_api_token" "ci" {
  lifetime = "2160h" # 90 days
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
`, d.agent.ID, d.production.ID, status)
}

// works reads the two outputs and asks the platform whether it accepts them.
func (d *demo) works(ctx context.Context) (ci, bot bool, err error) {
	var ciToken, botToken string
	if err := d.output(ctx, "ci", &ciToken); err != nil {
		return false, false, err
	}
	if err := d.output(ctx, "bot", &botToken); err != nil {
		return false, false, err
	}
	return d.platform.Authenticates(ciToken), d.platform.Authenticates(botToken), nil
}

func declare(ctx context.Context, d *demo) error {
	out, err := d.apply(ctx, d.tokens("active"))
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
	d.say.command("terraform output all")
	var all []string
	if err := d.output(ctx, "all", &all); err != nil {
		return err
	}
	d.say.quote(strings.Join(all, "\n"))
	return d.expect(len(all) == 3, "three tokens: the provider's own and the two of the configuration")
}

func suspend(ctx context.Context, d *demo) error {
	if _, err := d.apply(ctx, d.tokens("suspended")); err != nil {
		return err
	}
	ci, bot, err := d.works(ctx)
	if err != nil {
		return err
	}
	return d.expect(ci && !bot, "the platform refuses the suspended token, and only that one")
}

func activate(ctx context.Context, d *demo) error {
	if _, err := d.apply(ctx, d.tokens("active")); err != nil {
		return err
	}
	ci, bot, err := d.works(ctx)
	if err != nil {
		return err
	}
	return d.expect(ci && bot, "the same value works again")
}

func revoked(ctx context.Context, d *demo) error {
	var id string
	if err := d.output(ctx, "ci_id", &id); err != nil {
		return err
	}
	if err := d.platform.Revoke(id); err != nil {
		return err
	}
	out, err := d.terraform(ctx, "plan")
	if err != nil {
		return err
	}
	d.say.quote(part(out, "Token revoked outside"))
	d.say.quote(last(out, "Plan:"))
	return d.expect(strings.Contains(out, "Token revoked outside"), "the plan says what happened, and that it cannot be undone")
}

func repair(ctx context.Context, d *demo) error {
	if _, err := d.apply(ctx, d.tokens("active")); err != nil {
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
