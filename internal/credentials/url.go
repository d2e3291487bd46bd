package credentials

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

const apiPath = "/api/v1"

// normalizeURL validates an API URL and returns its normal form, by which URLs are
// compared.
//
// Errors repeat at most scheme, host and path, and these only after the checks for
// user and password. Errors of net/url are never repeated, since they quote the
// input.
func normalizeURL(raw string, from source) (string, error) {
	if raw == "" && from.kind == kindBlock {
		return "", emptyAttribute(from.attribute)
	}
	reject := func(flaw string) (string, error) {
		return "", newError(from.attribute, "Unusable API URL", "The API URL from the %s %s", from.name, flaw)
	}
	const example = "Use a URL such as " + DefaultURL + "."
	switch {
	case raw == "":
		return reject("is empty. " + example)
	case strings.ContainsFunc(raw, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }):
		return reject("contains a space, a newline or a control character. " + example)
	case strings.Contains(raw, "@"):
		// Anywhere: a slash in a password puts the @ behind what looks like the path.
		return reject("contains a user name or password (an @). Remove it: the provider only sends the API token. " + example)
	case strings.Contains(raw, "#"):
		return reject("has a fragment (#...). Remove it. " + example)
	case strings.Contains(raw, "?"):
		return reject("has a query (?...). Remove it. " + example)
	}
	u, err := url.Parse(raw)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") {
		return reject("is not an absolute http or https URL. " + example)
	}
	host := strings.ToLower(u.Hostname())
	if host == "" || u.Opaque != "" {
		return reject("has no host. " + example)
	}
	port := u.Port()
	if port != "" {
		if _, err := strconv.ParseUint(port, 10, 16); err != nil {
			return reject("has a port above 65535.")
		}
	}
	if u.Scheme == "http" && !loopback(host) {
		return reject("begins with http://, and " + quoted(host) + " is not this machine: the API token would be sent unencrypted. " +
			"Use https://; http:// is allowed only for localhost, 127.0.0.0/8 and ::1.")
	}

	clean := url.URL{Scheme: u.Scheme, Host: strings.ToLower(u.Host), Path: u.Path, RawPath: u.RawPath}
	if port == "" || (u.Scheme == "https" && port == "443") || (u.Scheme == "http" && port == "80") {
		clean.Host = strings.TrimSuffix(clean.Host, ":"+port)
	}
	text := strings.TrimRight(clean.String(), "/")
	if rest := len(text) - len(apiPath); strings.EqualFold(text[max(rest, 0):], apiPath) {
		return reject("ends in " + apiPath + ". Remove " + apiPath + ": use " + strings.TrimRight(text[:rest], "/") + ".")
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
