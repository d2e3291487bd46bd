// Package emulator is the Prefactor platform in memory, as an http.Handler
// with a clock and faults that tests set.
//
// It is built from what is publicly known about the platform's API and shares
// no code with the provider's client: a field that is misspelled in one of the two fails
// against the other. Where the platform's behaviour is not known, a Variant
// selects one of the possible behaviours. The sources that comments
// name are pages of the vendor's reference (docs.prefactor.ai), and files of its
// clients (prefactordev/typescript-sdk, packages/cli/src).
package emulator

import (
	"crypto/rand"
	"encoding/base64"
	mathrand "math/rand/v2"
	"sync"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
)

// Options configure a platform.
type Options struct {
	// Now is the platform's clock; nil means time.Now.
	Now func() time.Time
	// Variant chooses where the real platform's behaviour is not known. The
	// zero value is the most plausible one.
	Variant Variant
}

// Platform is one emulated platform. It is safe for concurrent use.
type Platform struct {
	now     func() time.Time
	variant Variant

	mu         sync.Mutex
	objects    map[string]record
	partitions map[string]uint32
	byValue    map[string]*tokenRow
	secrets    []string
	replays    map[string]replay
	lastMillis int64
	// past has the deleted tokens, for lists that lag behind.
	past []*tokenRow

	log    requestLog
	faults faults
}

// New returns an empty platform.
func New(o Options) *Platform {
	if o.Now == nil {
		o.Now = time.Now
	}
	p := &Platform{
		now:        o.Now,
		variant:    o.Variant,
		objects:    map[string]record{},
		partitions: map[string]uint32{},
		byValue:    map[string]*tokenRow{},
		replays:    map[string]replay{},
	}
	p.faults.rand = mathrand.New(mathrand.NewPCG(1, 2)) //nolint:gosec // Faults are to be repeatable.
	return p
}

// newID returns a new id in the account's partition. Ids order by their time, so
// no two share a millisecond.
func (p *Platform) newID(partition uint32) string {
	millis := max(p.now().UnixMilli(), p.lastMillis+1)
	p.lastMillis = millis
	id, err := pfid.New(time.UnixMilli(millis), partition)
	if err != nil {
		panic("emulator: " + err.Error())
	}
	return id.String()
}

func randomBytes(n int) []byte {
	raw := make([]byte, n)
	_, _ = rand.Read(raw) // Never fails.
	return raw
}

func randomText(bytes int) string { return base64.RawURLEncoding.EncodeToString(randomBytes(bytes)) }

// Secrets are the values of all tokens that were ever issued.
func (p *Platform) Secrets() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string{}, p.secrets...)
}
