package contract

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// NotSeen is the outcome of what did not come up.
const NotSeen = "not seen"

// Point is something that is not publicly known of the platform, and how it
// came out.
type Point struct {
	// Name is one of the names below.
	Name string
	// Outcome is how it came out, in a few words without any secret.
	Outcome string
}

// The points of a report.
const (
	PointTokenType         = "ping: token_type of an account token"
	PointCreate            = "create: status"
	PointCreator           = "create: created_by_admin_user_id"
	PointIDClaim           = "create: claims of the value that are the token's id"
	PointInvalid           = "create: rejected validation"
	PointFieldErrors       = "create: form of field errors"
	PointReplay            = "create: repeated idempotency_key"
	PointTimestamps        = "token: expires_at comes back"
	PointPagination        = "token list: pagination"
	PointDefaultPage       = "token list: default page size"
	PointDefaultOrder      = "token list: default order"
	PointBareSorting       = "token list: sorting=-id"
	PointStructuredSorting = "token list: sorting[field]=id"
	PointAgentID           = "token: agent_id is"
	PointAccounts          = "account list: under"
	PointDeployments       = "deployment list: without agent_id"
	PointDeployedTwice     = "deployment: second create for a pair"
	PointUndeployed        = "token: after the deletion of its deployment"
	PointExpired           = "token: status after expiry"
	PointSuspendExpired    = "expired: suspend"
	PointActivate          = "rejected: activate an active token"
	PointDeleteActive      = "rejected: delete an active token"
	PointSuspendEnded      = "rejected: suspend a revoked token"
	PointActivateEnded     = "rejected: activate a revoked token"
	PointDelete            = "delete: response"
	PointRetryAfter        = "429: Retry-After"
	PointHTML              = "5xx: HTML of a proxy"
)

// Report is what a run has found out.
type Report struct {
	// Points are what is not known, in the order in which it came out.
	Points []Point
	// Broken are the deviations from what is known; the provider relies on it.
	Broken []string
}

// Outcome is how a point came out, empty when it is not in the report.
func (r *Report) Outcome(name string) string {
	for _, p := range r.Points {
		if p.Name == name {
			return p.Outcome
		}
	}
	return ""
}

// Write prints the report as a table.
func (r *Report) Write(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintf(table, "NOT KNOWN\tCAME OUT AS\n")
	for _, p := range r.Points {
		_, _ = fmt.Fprintf(table, "%s\t%s\n", p.Name, p.Outcome)
	}
	for _, b := range r.Broken {
		_, _ = fmt.Fprintf(table, "DIFFERS FROM WHAT IS KNOWN\t%s\n", b)
	}
	return table.Flush() // The first error of the writing, if any.
}

func (r *Report) note(name, format string, a ...any) {
	r.Points = append(r.Points, Point{Name: name, Outcome: fmt.Sprintf(format, a...)})
}

func (r *Report) broken(format string, a ...any) {
	r.Broken = append(r.Broken, fmt.Sprintf(format, a...))
}
