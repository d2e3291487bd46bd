package tfkit

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// AddAPIError turns the failure of an API call into diagnostics for the person
// who wrote the configuration. What the platform says of a field goes to the
// attribute of that name, if it is among attributes.
func (p *Provider) AddAPIError(diags *diag.Diagnostics, summary string, err error, attributes ...string) {
	var e *prefactor.Error
	if !errors.As(err, &e) {
		diags.AddError(summary, sentence(err.Error()))
		return
	}
	hint := p.hint(e)
	placed := 0
	for _, field := range e.Fields {
		for _, attribute := range attributes {
			if field.Field == attribute {
				diags.AddAttributeError(path.Root(attribute), summary, fmt.Sprintf("The platform refuses this value: %s %s%s", attribute, sentence(field.Message), hint))
				placed++
			}
		}
	}
	if placed > 0 && placed == len(e.Fields) {
		return
	}
	diags.AddError(summary, sentence(upperFirst(err.Error()))+hint)
}

// Hint says what to do about a failure, as far as its kind tells: a paragraph
// for the end of a detail, or nothing.
func (p *Provider) Hint(err error) string {
	if e, ok := errors.AsType[*prefactor.Error](err); ok {
		return p.hint(e)
	}
	return ""
}

// hint says what to do about a failure, as far as its kind tells.
func (p *Provider) hint(e *prefactor.Error) string {
	switch {
	case errors.Is(e, prefactor.ErrNotAuthenticated):
		return fmt.Sprintf("\n\nThe platform does not accept the provider's own token, which comes from the %s: "+
			"it is unknown there, suspended, revoked or expired. Check it on the platform's API tokens page. Nothing was removed from the state.", p.TokenSource)
	case errors.Is(e, prefactor.ErrNotPermitted):
		return fmt.Sprintf("\n\nThe provider's own token, which comes from the %s, may not do this. "+
			"Tokens are managed with an account token; a deployment token cannot.", p.TokenSource)
	case e.Status == 429:
		return "\n\nThe platform limits the rate of requests. Apply again later, or lower max_concurrent_requests in the provider block."
	case errors.Is(e, prefactor.ErrNoAnswer) && e.Ambiguous:
		return "\n\nThe platform may have carried out the request although its answer did not arrive."
	}
	return ""
}

func sentence(s string) string {
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?…)") {
		return s
	}
	return s + "."
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
