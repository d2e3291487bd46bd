package credentials

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

const apiPath = "/api/v1"

// normalizeURL checks an API URL and gives the one spelling of it that two
// URLs can be compared by.
//
// Errors repeat at most scheme, host and path, and these only once it is sure
// that no user and password are among them; the words of net/url are never
// repeated, since they quote what they could not read.
func normalizeURL(raw string, from source) (string, error) {
	if raw == "" && from.kind == kindBlock {
		return "", emptyAttribute(from.attribute)
	}
	refuse := func(flaw string) (string, error) {
		return "", newError(from.attribute, "Unusable API URL", "The API URL from the %s %s", from.name, flaw)
	}
	const example = "Write it like " + DefaultURL + "."
	switch {
	case raw == "":
		return refuse("is empty. " + example)
	case strings.ContainsFunc(raw, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }):
		return refuse("has a blank, a newline or a control character in it. " + example)
	case strings.Contains(raw, "@"):
		// Anywhere: a slash in a password puts the @ behind what looks like the path.
		return refuse("has a user name or password in it (an @). Leave these out: the provider sends the API token and nothing else. " + example)
	case strings.Contains(raw, "#"):
		return refuse("has a fragment (#...). Leave it out. " + example)
	case strings.Contains(raw, "?"):
		return refuse("has a query (?...). Leave it out. " + example)
	}
	u, err := url.Parse(raw)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") {
		return refuse("is not an absolute http or https URL. " + example)
	}
	host := strings.ToLower(u.Hostname())
	if host == "" || u.Opaque != "" {
		return refuse("has no host. " + example)
	}
	port := u.Port()
	if port != "" {
		if _, err := strconv.ParseUint(port, 10, 16); err != nil {
			return refuse("has a port above 65535.")
		}
	}
	if u.Scheme == "http" && !loopback(host) {
		return refuse("begins with http://, and " + quoted(host) + " is not this machine: the API token would travel in clear. " +
			"Write https://; http:// is for localhost, 127.0.0.0/8 and ::1 only.")
	}

	clean := url.URL{Scheme: u.Scheme, Host: strings.ToLower(u.Host), Path: u.Path, RawPath: u.RawPath}
	if port == "" || (u.Scheme == "https" && port == "443") || (u.Scheme == "http" && port == "80") {
		clean.Host = strings.TrimSuffix(clean.Host, ":"+port)
	}
	text := strings.TrimRight(clean.String(), "/")
	if rest := len(text) - len(apiPath); strings.EqualFold(text[max(rest, 0):], apiPath) {
		return refuse("ends in " + apiPath + ". Leave " + apiPath + " out: write " + strings.TrimRight(text[:rest], "/") + ".")
	}
	return text, nil
}

// loopback does not resolve names: what localhost.example.org points at can
// change between the check and the request.
func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}
