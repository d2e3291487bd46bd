package prefactor

import (
	"slices"
	"strings"
	"sync"
)

// Redacted stands in messages and logs where a secret stood.
const Redacted = "(redacted)"

// secrets are the token values that this process knows: its own and the ones
// it was given. None may leave it in an error or a log.
type secrets struct {
	mu     sync.RWMutex
	values []string
}

func (s *secrets) add(value string) {
	// Anything shorter would redact innocent words.
	if len(value) < 8 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.Contains(s.values, value) {
		return
	}
	s.values = append(s.values, value)
	// The longest first: the end of one must not stay where another one is
	// its beginning.
	slices.SortFunc(s.values, func(a, b string) int { return len(b) - len(a) })
}

// redact replaces each known secret in text.
func (s *secrets) redact(text string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, value := range s.values {
		text = strings.ReplaceAll(text, value, Redacted)
	}
	return text
}
