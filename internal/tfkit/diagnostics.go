package tfkit

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// AddAPIError adds the error of an API call to the diagnostics. The API's message
// for a field is added at the attribute of that name, if it is among attributes.
func (p *Provider) AddAPIError(diags *diag.Diagnostics, summary string, err error, attributes ...string) {
	var e *prefactor.Error
	if !errors.As(err, &e) {
		diags.AddError(summary, Sentence(UpperFirst(err.Error())))
		return
	}
	if errors.Is(err, prefactor.ErrNotAuthenticated) && ownIsDeploymentToken(p) {
		diags.AddError("Provider credentials are a deployment token", UpperFirst(Sentence(err.Error()))+p.hint(e))
		return
	}
	hint := p.hint(e)
	placed := 0
	for _, field := range e.Fields {
		for _, attribute := range attributes {
			if field.Field == attribute {
				diags.AddAttributeError(path.Root(attribute), summary, fmt.Sprintf("The API rejects this value: %s %s%s", attribute, Sentence(field.Message), hint))
				placed++
			}
		}
	}
	if placed > 0 && placed == len(e.Fields) {
		return
	}
	diags.AddError(summary, Sentence(UpperFirst(err.Error()))+hint)
}

// Hint is advice for an error, as a paragraph for the end of a detail; empty if
// there is none.
func (p *Provider) Hint(err error) string {
	if e, ok := errors.AsType[*prefactor.Error](err); ok {
		return p.hint(e)
	}
	return ""
}

// hint is advice for an error code. The codes are those of the reference (see
// prefactor.CodeBadRequest).
func (p *Provider) hint(e *prefactor.Error) string {
	switch {
	case errors.Is(e, prefactor.ErrNotAuthenticated) && ownIsDeploymentToken(p):
		return fmt.Sprintf("\n\nThe provider's own token, which comes from the %s, is a deployment token. It authenticates an agent and cannot manage the account. "+
			"Give the provider an account token: create one on the API tokens page.", p.TokenSource)
	case errors.Is(e, prefactor.ErrNotAuthenticated):
		return fmt.Sprintf("\n\nThe API does not accept the provider's own token, which comes from the %s: "+
			"it is unknown, suspended, revoked or expired. Check its status on the API tokens page, and check that api_url is the platform that issued it.", p.TokenSource)
	case errors.Is(e, prefactor.ErrNotPermitted):
		return fmt.Sprintf("\n\nThe provider's own token, which comes from the %s, is valid but does not permit this operation. "+
			"Use an account token of the account that the object belongs to.", p.TokenSource)
	case e.Status == http.StatusTooManyRequests:
		return "\n\nThe API rejected the request because of its rate limit. Apply again later, or lower max_concurrent_requests in the provider block."
	case e.Code != "":
		if hint := hints[e.Code]; hint != "" {
			return "\n\n" + hint
		}
	case errors.Is(e, prefactor.ErrNoResponse) && e.Ambiguous:
		return "\n\nThe API may have carried out the request although its response did not arrive. Run terraform plan to see what has changed. An object that was created without a response is not in the plan: look for it on the platform."
	}
	return ""
}

// hints are advice for codes.
var hints = map[string]string{
	prefactor.CodeBadRequest:                "The API does not understand the request. Update the provider; if that does not help, report it with the output of TF_LOG_PROVIDER=DEBUG.",
	prefactor.CodeNotImplemented:            "This platform does not offer the operation. Check that api_url is the right platform, or remove what needs the operation from the configuration.",
	prefactor.CodeUnknown:                   "The platform had an internal error. Apply again later. If the error persists, contact the support of Prefactor with the time of the request.",
	prefactor.CodeUnexpected:                "The platform had an internal error. Apply again later. If the error persists, contact the support of Prefactor with the time of the request.",
	prefactor.CodeNotFound:                  "An object that the request refers to does not exist, or the provider's credentials cannot see it. Check the ids in the configuration, and check that they belong to the account of the credentials.",
	prefactor.CodeUnexpectedRefType:         "An id in the configuration is the id of another type of object, such as an agent instead of an environment. Check the ids.",
	prefactor.CodeInvalidAction:             "The current status of the object does not allow this: it may have been changed since the plan. Run terraform plan to see its status, and apply again.",
	prefactor.CodeInvalidValue:              "Correct the value in the configuration and apply again.",
	prefactor.CodeRequiredValue:             "Add the value to the configuration and apply again.",
	prefactor.CodeIdempotencyKeyAlreadyUsed: "An earlier attempt of this request was carried out although its response did not arrive.",
}

// pingTime limits the request that makes an error message more precise.
const pingTime = 10 * time.Second

// ownIsDeploymentToken tells whether the provider's own token is a deployment
// token, for which admin endpoints respond with 401. It is requested once, with its
// own context: that of the failed call may be canceled.
var ownIsDeploymentToken = func(p *Provider) bool {
	isDeploymentToken, _ := p.isDeploymentToken.Get(context.Background(), "", func(ctx context.Context) (bool, error) {
		if p.API == nil {
			return false, nil
		}
		ctx, cancel := context.WithTimeout(ctx, pingTime)
		defer cancel()
		own, err := p.API.Ping(ctx)
		return err == nil && own.TokenType == prefactor.DeploymentTokenType, nil
	})
	return isDeploymentToken
}

// Sentence ends a text with a full stop, unless it ends like a sentence already.
func Sentence(s string) string {
	last, _ := utf8.DecodeLastRuneInString(s)
	if s == "" || strings.ContainsRune(".!?…)", last) {
		return s
	}
	return s + "."
}

// UpperFirst is a text with a capital letter at its beginning.
func UpperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
