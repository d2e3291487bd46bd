package token

import (
	"context"
	"encoding/json"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// privateKey is the only key of a resource's private data.
const privateKey = "token"

// private is what is stored beside the state of a token, and no person sees.
type private struct {
	// LastDeadlinePassed is the latest deadline that the last Read saw passed. Only
	// Read looks at the clock; see decision.
	LastDeadlinePassed observation `json:"last_deadline_passed,omitzero"`
	// ExpirySet tells that the last apply had expires_at in the configuration. The
	// attribute is computed as well, so its removal would otherwise not be seen.
	ExpirySet bool `json:"expiry_set,omitempty"`
	// GrantedExpiry is the expiry that the token got at its creation.
	GrantedExpiry time.Time `json:"granted_expiry,omitzero"`
	// Configured are the overridable attributes that the plan saw configured.
	Configured []string `json:"configured,omitempty"`
	// PreviousUse is the use of the previous token that postpones what is due.
	PreviousUse previousUse `json:"previous_use,omitzero"`
	// Digests recognize the provider's own token.
	Digests digests `json:"digests,omitzero"`
}

type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// granted notes what a new token was created with.
func (p *private) granted(m, config model) {
	p.GrantedExpiry, p.ExpirySet = timeOf(m.ExpiresAt), !config.ExpiresAt.IsNull()
}

// loadPrivate reads private data. What cannot be read counts as not known:
// nothing is due then by mistake.
func loadPrivate(ctx context.Context, from privateReader, diags *diag.Diagnostics) private {
	var p private
	raw, d := from.GetKey(ctx, privateKey)
	diags.Append(d...)
	if len(raw) > 0 && json.Unmarshal(raw, &p) != nil {
		return private{}
	}
	return p
}

func (p private) save(ctx context.Context, to privateWriter, diags *diag.Diagnostics) {
	raw, err := json.Marshal(p)
	if err != nil {
		diags.AddError("Private data not writable", err.Error()+". This is a bug in the provider; please report it.")
		return
	}
	diags.Append(to.SetKey(ctx, privateKey, raw)...)
}
