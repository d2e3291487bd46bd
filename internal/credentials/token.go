package credentials

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// checkToken returns an error for a token that cannot be sent in a header. It
// corrects nothing: such a token was copied or read wrongly, and this error is
// clearer than the 401 of the API.
func checkToken(token string, from source) error {
	if token == "" && from.kind == kindBlock {
		return emptyAttribute(from.attribute)
	}
	flaw, atEdge := tokenFlaw(token)
	if flaw == "" {
		return nil
	}
	return newError(from.attribute, "Unusable API token", "The API token from the %s %s. %s", from.name, flaw, tokenAdvice(from, atEdge))
}

// tokenFlaw describes the first flaw without repeating any part of the token.
// atEdge tells that trimming would remove it.
func tokenFlaw(token string) (flaw string, atEdge bool) {
	if token == "" {
		return "is empty", false
	}
	if strings.TrimSpace(token) == "" {
		return "contains only white space", false
	}
	first, _ := utf8.DecodeRuneInString(token)
	last, _ := utf8.DecodeLastRuneInString(token)
	switch {
	case strings.HasPrefix(token, "\ufeff"):
		return "begins with a byte order mark, as some editors write at the start of a file", false
	case last == '\n' || last == '\r':
		return "ends with a newline, as a token that was read from a file does", true
	case first == '\n' || first == '\r':
		return "begins with a newline, as a token that was read from a file may do", true
	case unicode.IsSpace(last):
		return "ends with a space", true
	case unicode.IsSpace(first):
		return "begins with a space", true
	}
	for _, r := range token {
		switch {
		case r == '\n' || r == '\r':
			return "has more than one line", false
		case unicode.IsSpace(r):
			return "contains a space", false
		case unicode.IsControl(r):
			return "contains a control character", false
		case r > unicode.MaxASCII:
			return "contains a character that is not ASCII", false
		}
	}
	return "", false
}

func tokenAdvice(from source, atEdge bool) string {
	switch {
	case from.kind == kindBlock && atEdge:
		return `Use trimspace(...), as in api_token = trimspace(file("token.txt")).`
	case from.kind == kindBlock:
		return "Copy the token again: it is a single word of printable ASCII characters."
	case from.kind == kindEnv && atEdge:
		return `Set it again without it; export ` + EnvToken + `="$(cat token.txt)" removes the newline of a file.`
	case from.kind == kindEnv:
		return "Set it again: a token is one word of printable ASCII characters."
	default:
		return "Correct api_key in that file: a token is one word of printable ASCII characters."
	}
}
