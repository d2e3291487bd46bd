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
	PointRows          = "token list: rows are under"
	PointOtherRows     = "other lists: rows are under"
	PointPagination    = "token list: pagination"
	PointDefaultPage   = "token list: default page size"
	PointSmallPage     = "token list: page_size 1 gives"
	PointLargePage     = "token list: page_size 100 gives"
	PointRowFields     = "token list: fields that rows lack"
	PointCreate        = "create: status"
	PointReplay        = "create: repeated idempotency_key"
	PointNoDeployment  = "create: agent without a deployment"
	PointInvalid       = "create: refused validation"
	PointFieldErrors   = "create: form of field errors"
	PointCreatedBy     = "token: created_by"
	PointInsertedAt    = "token: inserted_at"
	PointTimestamps    = "token: expires_at comes back"
	PointExpired       = "token: status after expiry"
	PointActivate      = "refused: activate an active token"
	PointDeleteActive  = "refused: delete an active token"
	PointSuspendEnded  = "refused: suspend a revoked token"
	PointActivateEnded = "refused: activate a revoked token"
	PointDelete        = "delete: answer"
	PointGone          = "read of a deleted token"
	PointRetryAfter    = "429: Retry-After"
	PointHTML          = "5xx: HTML of a proxy"
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
