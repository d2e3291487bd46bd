package emulator

import (
	"slices"
	"time"
)

// Variant says how this platform behaves where the real one's behaviour is not
// known. Each zero value is the most plausible choice.
type Variant struct {
	// AgentID is where tokens show their agent_id: "" everywhere, "details" not
	// in the rows of lists, "absent" nowhere.
	AgentID string
	// Sorting is which spellings are accepted, the others are rejected: "" takes
	// sorting=-id and sorting[field]=id&sorting[direction]=desc, "bare" only the
	// first one, "structured" only the second one, "none" neither.
	Sorting string
	// NoPagination gives null for the pagination of lists.
	NoPagination bool
	// DefaultPageSize is the page size where none is asked for; 0 means 50.
	DefaultPageSize int
	// CreateStatus is the status of every create; 0 means 200.
	CreateStatus int
	// DeleteNoContent responds to a deletion with 204 and no body.
	DeleteNoContent bool
	// RefusedStatus is the status code of an action that the token's status does not allow; 0
	// means 409. The code is always invalid_action.
	RefusedStatus int
	// ValidationStatus is the status code of a failed validation; 0 means 422.
	ValidationStatus int
	// FieldErrors is the form of what a validation says of a field: "object"
	// (or empty), "string", "list" or "nested".
	FieldErrors string
	// Replay is the effect of a repeated idempotency key: "" returns the first response
	// again, "used" is the error idempotency_key_already_used, "second" carries
	// the request out again.
	Replay string
	// WholeSeconds leaves fractions out of timestamps, Offset writes +00:00 for Z.
	WholeSeconds, Offset bool
	// AccountAsObject gives the list of accounts as one object under details.
	AccountAsObject bool
	// DeploymentsOfAccount lists the deployments of all agents where no
	// agent_id is given, instead of rejecting that.
	DeploymentsOfAccount bool
	// AccountTokenType is the token_type that a ping of an account token shows;
	// "" means "api".
	AccountTokenType string
	// OpaqueTokens leaves the id of a token out of the payload of its value.
	OpaqueTokens bool
	// LastUsedLag shows a last use only after this time; NoLastUsed never.
	LastUsedLag time.Duration
	NoLastUsed  bool
	// ExpiredIsFinal rejects every transition of an expired token.
	ExpiredIsFinal bool
	// CatchAll responds to a path that does not exist with the API's own not_found,
	// and not by a router's page.
	CatchAll bool
}

// NamedVariant is a variant with a name, for tests that run on each.
type NamedVariant struct {
	Name    string
	Variant Variant
}

// Variants are the plausible platform, one platform for each switch, and one
// that differs in everything; or the few of them whose responses differ most, for
// tests that take long on each, or that run with -short.
func Variants(few bool) []NamedVariant {
	all := []NamedVariant{
		{"plausible", Variant{}},
		{"agent id in details", Variant{AgentID: "details"}},
		{"no agent id", Variant{AgentID: "absent"}},
		{"sorting bare", Variant{Sorting: "bare"}},
		{"sorting structured", Variant{Sorting: "structured"}},
		{"sorting none", Variant{Sorting: "none"}},
		{"pagination null", Variant{NoPagination: true}},
		{"default page", Variant{DefaultPageSize: 3}},
		{"create 201", Variant{CreateStatus: 201}},
		{"delete 204", Variant{DeleteNoContent: true}},
		{"refused 422", Variant{RefusedStatus: 422}},
		{"refused 400", Variant{RefusedStatus: 400}},
		{"validation 400", Variant{ValidationStatus: 400}},
		{"field errors as strings", Variant{FieldErrors: "string"}},
		{"field errors as lists", Variant{FieldErrors: "list"}},
		{"field errors nested", Variant{FieldErrors: "nested"}},
		{"replay used", Variant{Replay: "used"}},
		{"replay second", Variant{Replay: "second"}},
		{"whole seconds", Variant{WholeSeconds: true}},
		{"offset", Variant{Offset: true}},
		{"account as object", Variant{AccountAsObject: true}},
		{"deployments of account", Variant{DeploymentsOfAccount: true}},
		{"other token type", Variant{AccountTokenType: "api_session_account_scope"}}, //nolint:gosec // A kind.
		{"opaque tokens", Variant{OpaqueTokens: true}},
		{"last use lags", Variant{LastUsedLag: time.Minute}},
		{"no last use", Variant{NoLastUsed: true}},
		{"expired is final", Variant{ExpiredIsFinal: true}},
		{"catch all", Variant{CatchAll: true}},
		{"everything odd", Variant{ //nolint:gosec // A kind.
			AgentID: "details", Sorting: "none", NoPagination: true, DefaultPageSize: 3, CreateStatus: 201, DeleteNoContent: true, RefusedStatus: 400,
			ValidationStatus: 400, FieldErrors: "nested", Replay: "used", WholeSeconds: true, Offset: true, AccountAsObject: true,
			AccountTokenType: "api_session_account_scope", CatchAll: true,
		}},
	}
	if !few {
		return all
	}
	differMost := []string{"plausible", "agent id in details", "pagination null", "account as object", "everything odd"}
	return slices.DeleteFunc(all, func(v NamedVariant) bool { return !slices.Contains(differMost, v.Name) })
}
