package credentials

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Error is an error in the configuration. Summary and Detail are for the person who
// configures the provider, and contain no part of a token or password.
type Error struct {
	// Attribute is the attribute of the provider block that is wrong:
	// "api_token", "api_url", "profile", "profiles_file" or "account_id".
	// Empty when it is none of them.
	Attribute string
	Summary   string
	Detail    string
}

func (e *Error) Error() string { return e.Summary + ": " + e.Detail }

func newError(attribute, summary, detail string, args ...any) *Error {
	return &Error{Attribute: attribute, Summary: summary, Detail: fmt.Sprintf(detail, args...)}
}

// emptyAttribute is an error because the value most likely comes from a variable
// that should have one: without it the provider could use unintended credentials.
func emptyAttribute(name string) *Error {
	return newError(name, "Empty "+name,
		"%s in the provider block is an empty string. Set a value, or delete the argument; an optional variable needs the default null, not \"\".", name)
}

func profileNotFound(name string, namedBy source, files []profileFile) *Error {
	var b strings.Builder
	fmt.Fprintf(&b, "The profile %s, which is configured by the %s, was not found. These files were checked:\n", quoted(name), namedBy.name)
	for _, f := range files {
		fmt.Fprintf(&b, "  - %s: %s\n", f.path, f.describe(name))
	}
	b.WriteString("\nUse a profile that exists, or add this one to a file: {\"<profile>\": {\"api_key\": \"...\", \"base_url\": \"" + DefaultURL + "\"}}.")
	return &Error{Attribute: namedBy.attribute, Summary: "Profile not found", Detail: b.String()}
}

func (in Input) nothingFound(files []profileFile) *Error {
	var b strings.Builder
	b.WriteString("No API token is configured. These sources were checked, in this order:\n")
	for _, attribute := range []string{"api_token", "profile"} {
		fmt.Fprintf(&b, "  - %s in the provider block: not set\n", attribute)
	}
	for _, variable := range []string{EnvProfile, EnvToken} {
		fmt.Fprintf(&b, "  - environment variable %s: %s\n", variable, in.whyNot(variable))
	}
	for _, f := range files {
		fmt.Fprintf(&b, "  - %s: %s\n", f.path, f.describe(DefaultProfile))
	}
	b.WriteString("\nTo set one: export " + EnvToken + "=...")
	if names := slices.Sorted(maps.Keys(files[len(files)-1].profiles)); len(names) > 0 {
		b.WriteString(", or use a profile of that file: profile = " + quoted(names[0]))
	}
	return &Error{Summary: "No API token", Detail: b.String()}
}

// whyNot tells whether a variable is empty or not set.
func (in Input) whyNot(variable string) string {
	if in.LookupEnv != nil {
		if _, set := in.LookupEnv(variable); set {
			return "set, but empty"
		}
	}
	return "not set"
}

// quoted quotes a name from a file or the configuration, on one line and shortened.
func quoted(name string) string {
	const most = 64
	if runes := []rune(name); len(runes) > most {
		name = string(runes[:most]) + "..."
	}
	return fmt.Sprintf("%q", name)
}
