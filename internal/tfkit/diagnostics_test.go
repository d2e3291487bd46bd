package tfkit_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// Each code of the API says what to do next.
func TestHint_everyCode(t *testing.T) {
	t.Parallel()
	p := &tfkit.Provider{TokenSource: "provider block"}
	for code, want := range map[string]string{
		prefactor.CodeBadRequest:                "Update the provider",
		prefactor.CodeBadAuthtoken:              "comes from the provider block",
		prefactor.CodeNotAuthenticated:          "comes from the provider block",
		prefactor.CodeNotPermitted:              "comes from the provider block",
		prefactor.CodeNotImplemented:            "does not offer the operation",
		prefactor.CodeUnknown:                   "Apply again later",
		prefactor.CodeNotFound:                  "Check the ids",
		prefactor.CodeUnexpectedRefType:         "another type of object",
		prefactor.CodeUnexpected:                "Apply again later",
		prefactor.CodeInvalidAction:             "current status",
		prefactor.CodeInvalidValue:              "Correct the value",
		prefactor.CodeRequiredValue:             "Add the value",
		prefactor.CodeIdempotencyKeyAlreadyUsed: "An earlier attempt",
	} {
		if hint := p.Hint(&prefactor.Error{Status: 499, Code: code}); !strings.Contains(hint, want) {
			t.Errorf("%s: %q", code, hint)
		}
	}
}

// Errors end in one full stop, whatever the API's message ends in.
func TestAddAPIError_ending(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"it failed": "It failed.", "it failed.": "It failed.", "it was cut…": "It was cut…", "it failed (tried twice)": "It failed (tried twice)", "": "",
	} {
		var diags diag.Diagnostics
		(&tfkit.Provider{}).AddAPIError(&diags, "Cannot read", errors.New(text))
		if got := diags[0].Detail(); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
