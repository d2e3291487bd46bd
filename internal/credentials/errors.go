package credentials

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Error is a refusal. Summary and Detail are written for the person who
// configures the provider and have no part of any token or password.
type Error struct {
	// Attribute is the attribute of the provider block that is at fault:
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

// emptyAttribute refuses what is most likely a variable that was meant to have
// a value: going on without it could pick credentials that nobody asked for.
func emptyAttribute(name string) *Error {
	return newError(name, "Empty "+name,
		"%s in the provider block is an empty string. Give it a value, or leave it out; a variable that may be missing needs the default null, not \"\".", name)
}

func profileNotFound(name string, namedBy source, files []profileFile) *Error {
	var b strings.Builder
	fmt.Fprintf(&b, "The profile %s is named by the %s, but it was not found. Looked at:\n", quoted(name), namedBy.name)
	for _, f := range files {
		fmt.Fprintf(&b, "  - %s: %s\n", f.path, f.describe(name))
	}
	b.WriteString("\nName a profile that is there, or add this one to the file: {\"<profile>\": {\"api_key\": \"...\", \"base_url\": \"" + DefaultURL + "\"}}.")
	return &Error{Attribute: namedBy.attribute, Summary: "Profile not found", Detail: b.String()}
}

func (in Input) nothingFound(files []profileFile) *Error {
	var b strings.Builder
	b.WriteString("There is no token in any of the places that were looked at, in this order:\n")
	for _, attribute := range []string{"api_token", "profile"} {
		fmt.Fprintf(&b, "  - %s in the provider block: not set\n", attribute)
	}
	for _, variable := range []string{EnvProfile, EnvToken} {
		fmt.Fprintf(&b, "  - environment variable %s: %s\n", variable, in.whyNot(variable))
	}
	for _, f := range files {
		fmt.Fprintf(&b, "  - %s: %s\n", f.path, f.describe(DefaultProfile))
	}
	b.WriteString("\nTo give it one: export " + EnvToken + "=...")
	if names := slices.Sorted(maps.Keys(files[len(files)-1].profiles)); len(names) > 0 {
		b.WriteString(", or name a profile of that file: profile = " + quoted(names[0]))
	}
	return &Error{Summary: "No API token", Detail: b.String()}
}

// whyNot tells apart the two ways in which a variable counts as not set.
func (in Input) whyNot(variable string) string {
	if in.LookupEnv != nil {
		if _, set := in.LookupEnv(variable); set {
			return "set, but empty"
		}
	}
	return "not set"
}

// quoted is for a name out of a file or of the configuration: in quotes, on
// one line and no longer than a name should be.
func quoted(name string) string {
	const most = 64
	if runes := []rune(name); len(runes) > most {
		name = string(runes[:most]) + "..."
	}
	return fmt.Sprintf("%q", name)
}
