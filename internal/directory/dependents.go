package directory

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// forceDestroy is an attribute of the resources whose deletion breaks tokens. The
// platform does not prevent that: "Deployments, tokens, and integrations that
// reference the environment's ID will stop working" (admin-ui/account/environments).
// It has no default: that would be a difference after an import.
func forceDestroy(noun string) attribute {
	return attribute{isManagement: true, Attribute: schema.BoolAttribute{
		MarkdownDescription: "Delete the " + noun + " even if active or suspended tokens depend on it: these tokens then stop working. Default `false`: such a deletion fails and lists the tokens. " +
			"A change must be applied before the " + noun + " is destroyed.",
		Optional: true,
	}}
}

func forcesDestroy(state values) bool {
	force, _ := state["force_destroy"].(types.Bool)
	return force.ValueBool()
}

// dependentsWaits are the times before the tokens that depend on an object are listed
// again.
var dependentsWaits = []time.Duration{500 * time.Millisecond, 1500 * time.Millisecond}

// checkDependents prevents a deletion that active or suspended tokens depend on.
// If the configuration does not order the two, the same apply may be about to revoke
// such tokens, so they are listed again.
func checkDependents(ctx context.Context, p *tfkit.Provider, noun string, state values, depends func(prefactor.Token) bool, diags *diag.Diagnostics) {
	if forcesDestroy(state) {
		return
	}
	id := state.text("id")
	var tokens []prefactor.Token
	for try := 0; ; try++ {
		all, err := p.API.Tokens(ctx, state.text("account_id"))
		if err != nil {
			p.AddAPIError(diags, "Cannot delete the "+noun, fmt.Errorf(
				"%w; so it is not known which tokens depend on %s %s, which was not deleted. Apply again, or set force_destroy = true and apply that first, to delete the object without this check",
				err, noun, id))
			return
		}
		tokens = slices.DeleteFunc(all, func(t prefactor.Token) bool { return !depends(t) || !usable(t, p.API.Now()) })
		if len(tokens) == 0 {
			return
		}
		if try == len(dependentsWaits) {
			break
		}
		select {
		case <-time.After(dependentsWaits[try]):
		case <-ctx.Done():
			diags.AddError("Cannot delete the "+noun, "The operation was interrupted. The "+noun+" was not deleted.")
			return
		}
	}
	diags.AddError("Tokens depend on the "+noun, fmt.Sprintf(
		"The %s was not deleted. Deleting %s %s would break %s\n\n"+
			"Destroy or revoke these tokens first. To delete the %s anyway, set force_destroy = true, apply, and then destroy it.",
		noun, noun, id, listedTokens(ctx, p, tokens), noun))
}

// usable tells whether a token authenticates or can be activated to do so.
func usable(t prefactor.Token, now time.Time) bool {
	expired := t.ExpiresAt.Known() && !now.Before(t.ExpiresAt.Value.Time)
	return t.Status.Value != prefactor.StatusRevoked && !expired
}

// listedTokens describes tokens, one in a line.
func listedTokens(ctx context.Context, p *tfkit.Provider, tokens []prefactor.Token) string {
	texts := p.Inventory.DescribeSome(ctx, tokens, p.API.Now())
	noun := "one token"
	if len(tokens) > 1 {
		noun = fmt.Sprintf("%d tokens", len(tokens))
	}
	return noun + ":\n  " + strings.Join(texts, "\n  ")
}
