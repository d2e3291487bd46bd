package credentials

import "fmt"

// Result is the decision. However it is printed, logged or marshalled as a
// value of its own, it does not show the token.
type Result struct {
	// Token has no blanks, control characters or non-ASCII characters.
	Token string
	// URL is absolute and without trailing slash, "/api/v1", query, fragment
	// and user. Scheme and host are in lower case, and a default port is left out.
	URL string
	// TokenSource and URLSource tell people where the two come from, such as
	// `provider block` or `profile "ci" in /srv/infra/prefactor.json`.
	TokenSource, URLSource string
	// Warnings are what the person who runs Terraform may not expect.
	Warnings []Warning
}

// Warning has no part of any token.
type Warning struct{ Summary, Detail string }

// String leaves the token out.
func (r Result) String() string {
	return fmt.Sprintf("%s (from %s), token (redacted) (from %s)", r.URL, r.URLSource, r.TokenSource)
}

// GoString leaves the token out.
func (r Result) GoString() string { return "credentials.Result{" + r.String() + "}" }

// Format leaves the token out for every verb: without it, %x and %d would
// print the fields.
func (r Result) Format(f fmt.State, verb rune) {
	text := r.String()
	if verb == 'v' && f.Flag('#') {
		text = r.GoString()
	}
	_, _ = f.Write([]byte(text))
}

// MarshalText leaves the token out of JSON, and so out of structured logs.
func (r Result) MarshalText() ([]byte, error) { return []byte(r.String()), nil }
