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

// Redacted stands in messages and logs where a secret stood.
const Redacted = "(redacted)"

// leastSecret is the length from which on a part of a secret is one, too.
const leastSecret = 12

// secrets are the token values that this process knows: its own and the ones
// that it received. None may leave it in an error or a log.
type secrets struct {
	mu     sync.RWMutex
	values []string
}

func (s *secrets) add(value string) {
	// Anything shorter would redact ordinary words.
	if len(value) < 8 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.values, value) {
		s.values = append(s.values, value)
	}
}

// redact replaces in text each secret and each part of one, be it encoded, or
// interrupted by blanks, line breaks or tags, and whatever else looks like one.
func (s *secrets) redact(text string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	condensed, positions := condense(text)
	folded := strings.ToLower(condensed)
	hidden := make([]bool, len(text))
	for _, value := range s.values {
		length := min(leastSecret, len(value))
		for _, form := range encodings(value) {
			in := condensed
			if form.foldCase {
				in = folded
			}
			for at := 0; at+length <= len(in); at++ {
				if strings.Contains(form.text, in[at:at+length]) {
					for i := positions[at]; i <= positions[at+length-1]; i++ {
						hidden[i] = true
					}
				}
			}
		}
	}
	return maskOpaque(replaceHidden(text, hidden))
}

func replaceHidden(text string, hidden []bool) string {
	var out strings.Builder
	for i := range len(text) {
		switch {
		case !hidden[i]:
			out.WriteByte(text[i])
		case i == 0 || !hidden[i-1]:
			out.WriteString(Redacted)
		}
	}
	return out.String()
}

// tag is an HTML tag that could interrupt a secret.
var tag = regexp.MustCompile(`^</?[A-Za-z!][^<>]{0,200}>`)

// condense gives text without blanks and tags, and where each byte of it stood.
func condense(text string) (condensed string, positions []int) {
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '<' {
			i += max(len(tag.FindString(text[i:]))-1, 0)
			if text[i] == '>' {
				continue
			}
		}
		if text[i] > ' ' {
			out.WriteByte(text[i])
			positions = append(positions, i)
		}
	}
	return out.String(), positions
}

type encoding struct {
	text string
	// foldCase tells that the text is in lower case and that the case is no matter.
	foldCase bool
}

// encodings are the forms in which a secret can be in a text.
func encodings(value string) []encoding {
	var percent strings.Builder
	for i := range len(value) {
		fmt.Fprintf(&percent, "%%%02x", value[i])
	}
	forms := []encoding{{text: value}, {text: hex.EncodeToString([]byte(value)), foldCase: true}, {text: percent.String(), foldCase: true}}
	if escaped := strings.ToLower(url.QueryEscape(value)); escaped != strings.ToLower(value) {
		forms = append(forms, encoding{text: escaped, foldCase: true})
	}
	// Base64 depends on how many bytes are before the secret. The characters at
	// both ends depend on what is around it.
	for before, skip := range []int{0, 2, 3} {
		encoded := base64.RawStdEncoding.EncodeToString(append(make([]byte, before), value...))
		encoded = encoded[skip : len(encoded)-1]
		forms = append(forms, encoding{text: encoded})
		if other := strings.NewReplacer("+", "-", "/", "_").Replace(encoded); other != encoded {
			forms = append(forms, encoding{text: other})
		}
	}
	return forms
}

var (
	// jwt is a signed token, also one that is cut off.
	jwt = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{5,}(\.[A-Za-z0-9_-]*){0,2}`)
	// opaque is a long word without a meaning, such as a key.
	opaque = regexp.MustCompile(`[A-Za-z0-9+=_~-]{20,}`)
)

// maskOpaque replaces what looks like a secret that nobody knows yet. Ids do not.
func maskOpaque(text string) string {
	text = jwt.ReplaceAllString(text, Redacted)
	return opaque.ReplaceAllStringFunc(text, func(word string) string {
		letters := strings.ContainsAny(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
		if !letters || !strings.ContainsAny(word, "0123456789") || pfid.Valid(strings.Trim(word, "=-_+~")) {
			return word
		}
		return Redacted
	})
}
