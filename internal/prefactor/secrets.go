package prefactor

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
)

// Redacted replaces a secret in messages and logs.
const Redacted = "(redacted)"

// leastSecret is the length from which on a part of a secret is one, too.
const leastSecret = 12

// secrets are the token values that this process knows: its own and the ones
// that it received. None may leave it in an error or a log.
type secrets struct {
	mu sync.RWMutex
	// forms has the encodings of each value, normalized. They are made when
	// something is redacted, which few runs need.
	forms map[string]func() []string
}

func (s *secrets) add(value string) {
	// Anything shorter would redact ordinary words.
	if len(value) < 8 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.forms == nil {
		s.forms = map[string]func() []string{}
	}
	if s.forms[value] == nil {
		s.forms[value] = sync.OnceValue(func() []string { return encodings(value) })
	}
}

// all are the encodings of all values.
func (s *secrets) all() []string {
	var all []string
	for _, forms := range s.forms {
		all = append(all, forms()...)
	}
	return all
}

// encodings are the forms in which a secret can be in a text, normalized, each once.
func encodings(value string) []string {
	var percent strings.Builder
	for i := range len(value) {
		fmt.Fprintf(&percent, "%%%02x", value[i])
	}
	forms := []string{value, hex.EncodeToString([]byte(value)), percent.String(), url.QueryEscape(value)}
	// Base64 depends on how many bytes are before the secret. The characters at
	// both ends depend on what is around it.
	for before, skip := range []int{0, 2, 3} {
		encoded := base64.RawStdEncoding.EncodeToString(append(make([]byte, before), value...))
		forms = append(forms, encoded[skip:len(encoded)-1])
	}
	for i := range forms {
		forms[i], _ = normalize(forms[i])
	}
	slices.Sort(forms)
	return slices.Compact(forms)
}

// tag is an HTML tag, which could interrupt a secret.
var tag = regexp.MustCompile(`^</?[A-Za-z!][^<>]{0,200}>`)

// normalize removes what can interrupt a secret and what may differ in a text
// that means the same: blanks, tags, the case and the alphabet of Base64.
// positions are where each byte of the result was in the text.
func normalize(text string) (normal string, positions []int) {
	var out []byte
	for i := 0; i < len(text); i++ {
		if text[i] == '<' {
			if found := tag.FindString(text[i:]); found != "" {
				i += len(found) - 1
				continue
			}
		}
		if text[i] > ' ' {
			out, positions = append(out, fold(text[i])), append(positions, i)
		}
	}
	return string(out), positions
}

// fold is a character in lower case and in the standard alphabet of Base64.
func fold(b byte) byte {
	switch {
	case b >= 'A' && b <= 'Z':
		return b + 'a' - 'A'
	case b == '-':
		return '+'
	case b == '_':
		return '/'
	default:
		return b
	}
}

// redact replaces in a text each secret and each part of one, and whatever else
// looks like one.
func (s *secrets) redact(text string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	normal, positions := normalize(text)
	hidden := make([]bool, len(text))
	for _, form := range s.all() {
		length := min(leastSecret, len(form))
		for at := 0; at+length <= len(normal); at++ {
			if strings.Contains(form, normal[at:at+length]) {
				for i := positions[at]; i <= positions[at+length-1]; i++ {
					hidden[i] = true
				}
			}
		}
	}
	var out strings.Builder
	for i := range len(text) {
		switch {
		case !hidden[i]:
			out.WriteByte(text[i])
		case i == 0 || !hidden[i-1]:
			out.WriteString(Redacted)
		}
	}
	return maskOpaque(out.String())
}

var (
	// jwt is a signed token, also one that is cut off.
	jwt    = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{5,}(\.[A-Za-z0-9_-]*){0,2}`)
	letter = regexp.MustCompile(`[A-Za-z]`)
	// opaque is a long word without a meaning, such as a key.
	opaque = regexp.MustCompile(`[A-Za-z0-9+=_~-]{20,}`)
)

// maskOpaque replaces what looks like a secret that nobody knows yet. Ids do not.
func maskOpaque(text string) string {
	text = jwt.ReplaceAllString(text, Redacted)
	return opaque.ReplaceAllStringFunc(text, func(word string) string {
		if !letter.MatchString(word) || !strings.ContainsAny(word, "0123456789") || pfid.Valid(strings.Trim(word, "=-_+~")) {
			return word
		}
		return Redacted
	})
}
