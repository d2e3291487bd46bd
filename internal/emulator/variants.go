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
	// OpaqueTokens leaves the id of a token out of the payload of its value.
	OpaqueTokens bool
	// AccountTokenType is the token_type that a ping of an account token shows;
	// "" means "api".
	AccountTokenType string
	// LastUsedLag shows a last use only after this time; NoLastUsed never.
	LastUsedLag time.Duration
	NoLastUsed  bool
	// ExpiredIsFinal rejects every transition of an expired token.
	ExpiredIsFinal bool
	// CatchAll answers a path that does not exist by the API's own not_found,
	// and not by a router's page.
	CatchAll bool
	// DeploymentsOfAccount lists the deployments of all agents where no
	// agent_id is given, instead of rejecting that.
	DeploymentsOfAccount bool
	// ListUnderDetails puts the rows of lists under details instead of summaries.
	ListUnderDetails bool
	// Pagination is "full" (or empty), "null", "absent" or "empty" (an empty object).
	Pagination string
	// IgnoresPagination gives all rows at once, whatever was asked for.
	IgnoresPagination bool
	// DefaultPageSize is the page size where none is asked for; 0 means 50.
	DefaultPageSize int
	// LargestPage caps the page size silently; 0 means 100.
	LargestPage int
	// SparseRows leaves these fields out of the rows of lists.
	SparseRows []string
	// CreateStatus is the status of every create; 0 means 201.
	CreateStatus int
	// DeleteBody answers a deletion by 200 with a body instead of 204 without one.
	DeleteBody bool
	// RefusedStatus and RefusedCode answer a transition that is not legal; 0
	// means 409, "" means "invalid_action".
	RefusedStatus int
	RefusedCode   string
	// ValidationStatus is the status of a refused validation; 0 means 422.
	ValidationStatus int
	// Replay is what a repeated idempotency key answers: "first" (or empty) is
	// the first answer again, "valueless" the first answer without a token's
	// value, of which a platform may keep no more than a hash, "used" is the error
	// idempotency_key_already_used, "conflict" and "422" are other errors,
	// "second" carries it out again.
	Replay string
	// ExpiredStatus is the status that an expired token shows; "" leaves it as it is.
	ExpiredStatus string
	// CreatedBy is "string" (or empty), "object" or "absent".
	CreatedBy string
	// MissingDeployment is what a create for an agent and environment without
	// a deployment does: "create" (or empty) makes one, "404" and "422" refuse.
	MissingDeployment string
	// WholeSeconds leaves fractions out of timestamps, Offset writes +00:00 for Z.
	WholeSeconds, Offset bool
	// AccountAsObject gives the list of accounts as one object under details.
	AccountAsObject bool
	// NoInsertedAt leaves inserted_at and updated_at out of tokens.
	NoInsertedAt bool
	// FieldErrors is the form of what a validation says of a field: "object"
	// (or empty), "string", "list" or "nested".
	FieldErrors string
	// ChosenID is what becomes of an id that the caller chose for a new object:
	// "" takes it, "ignored" picks another one, "refused" finds fault with it.
	ChosenID string
	// NoAccountList refuses to list accounts (403).
	NoAccountList bool
}

// NamedVariant is a variant with a name, for tests that run on each.
type NamedVariant struct {
	Name    string
	Variant Variant
}

// Awaited are variants that the client does not handle yet.
func Awaited() []NamedVariant {
	return []NamedVariant{
		{"expired is final", Variant{ExpiredIsFinal: true}},
	}
}

// Variants are the plausible platform, one platform for each switch, and one
// on which everything is odd.
func Variants() []NamedVariant {
	return []NamedVariant{
		{"plausible", Variant{}},
		{"agent id in details", Variant{AgentID: "details"}},
		{"no agent id", Variant{AgentID: "absent"}},
		{"sorting bare", Variant{Sorting: "bare"}},
		{"sorting structured", Variant{Sorting: "structured"}},
		{"sorting none", Variant{Sorting: "none"}},
		{"opaque tokens", Variant{OpaqueTokens: true}},
		{"other token type", Variant{AccountTokenType: "api_session_account_scope"}},
		{"last use lags", Variant{LastUsedLag: time.Minute}},
		{"no last use", Variant{NoLastUsed: true}},
		{"catch all", Variant{CatchAll: true}},
		{"deployments of account", Variant{DeploymentsOfAccount: true}},
		{"replay used", Variant{Replay: "used"}},
		{"pagination null", Variant{Pagination: "null"}},
		{"pagination absent", Variant{Pagination: "absent"}},
		{"pagination empty", Variant{Pagination: "empty"}},
		{"ignores pagination", Variant{IgnoresPagination: true, Pagination: "absent"}},
		{"small pages", Variant{LargestPage: 2}},
		{"small pages unsaid", Variant{LargestPage: 2, Pagination: "null"}},
		{"default page", Variant{DefaultPageSize: 3, Pagination: "null"}},
		{"create 200, delete body", Variant{CreateStatus: 200, DeleteBody: true}},
		{"refused 422", Variant{RefusedStatus: 422, RefusedCode: "validation_errors"}},
		{"refused 400", Variant{RefusedStatus: 400, RefusedCode: "bad_request"}},
		{"validation 400", Variant{ValidationStatus: 400}},
		{"replay valueless", Variant{Replay: "valueless"}},
		{"replay 422", Variant{Replay: "422"}},
		{"replay conflict", Variant{Replay: "conflict"}},
		{"replay second", Variant{Replay: "second"}},
		{"expired status", Variant{ExpiredStatus: "expired"}},
		{"missing deployment 404", Variant{MissingDeployment: "404"}},
		{"missing deployment 422", Variant{MissingDeployment: "422"}},
		{"whole seconds", Variant{WholeSeconds: true}},
		{"offset", Variant{Offset: true}},
		{"account as object", Variant{AccountAsObject: true}},
		{"field errors as strings", Variant{FieldErrors: "string"}},
		{"field errors as lists", Variant{FieldErrors: "list"}},
		{"field errors nested", Variant{FieldErrors: "nested"}},
		{"chosen id ignored", Variant{ChosenID: "ignored"}},
		{"chosen id refused", Variant{ChosenID: "refused"}},
		{"no account list", Variant{NoAccountList: true}},
		{"everything odd", Variant{
			AgentID: "details", Pagination: "absent", DefaultPageSize: 3, LargestPage: 2,
			CreateStatus: 200, DeleteBody: true, RefusedStatus: 400, RefusedCode: "bad_request", Replay: "conflict", ExpiredStatus: "expired",
			MissingDeployment: "422", WholeSeconds: true, Offset: true, AccountAsObject: true, FieldErrors: "nested", ChosenID: "ignored",
		}},
	}
}

// FewVariants are those whose answers differ most, for tests that take long on
// each of them.
func FewVariants() []NamedVariant {
	few := map[string]bool{"plausible": true, "small pages unsaid": true, "agent id in details": true, "account as object": true, "everything odd": true}
	return slices.DeleteFunc(Variants(), func(v NamedVariant) bool { return !few[v.Name] })
}
