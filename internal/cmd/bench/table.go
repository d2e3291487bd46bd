package main

import (
	"fmt"
	"runtime"
	"strings"
	"time"
)

// result is one measurement.
type result struct {
	what string
	// kind is that of the tokens.
	kind   string
	tokens int
	// who is the provider, or the built-in resource, that was measured.
	who  string
	wall time.Duration
	// processor is the processor time of Terraform and the provider, without that of
	// the emulated platform.
	processor time.Duration
	reads     int
	lists     int
	changes   int
	inFlight  int
	// memory is the most that the provider's process took, in MiB; 0 where
	// there is none.
	memory float64
}

func (r result) requests() int { return r.reads + r.lists + r.changes }

type table struct {
	binary  string
	results []result
}

func (t *table) add(r result) { t.results = append(t.results, r) }

// find is the same measurement with another provider.
func (t *table) find(like result, who string) (result, bool) {
	for _, r := range t.results {
		if r.what == like.what && r.kind == like.kind && r.tokens == like.tokens && r.who == who {
			return r, true
		}
	}
	return result{}, false
}

func (t *table) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Benchmarks\n\nMeasured by `make bench`, in one run, with %s on %d processors (%s/%s). The emulated platform responds after 50 ms, with a page of\n"+
		"100 tokens after 150 ms. \"Without coalescing\" is `PREFACTOR_COALESCE=off`. \"No calls\" is this provider without requests:\n"+
		"the cost of Terraform and the plugin protocol alone. \"Built-in\" is `terraform_data`. Wall time contains the emulated platform's work on\n"+
		"the same processors; processor time is that of Terraform and the provider.\n"+
		"The tokens are instances of resources of 100 each: for each instance Terraform copies all of the same resource. The deployment tokens\n"+
		"are for 40 agents, and the responses of the emulated platform do not contain the agents of tokens.\n\n", t.binary, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH)
	b.WriteString("| operation | kind | tokens | provider | wall time | processor time | requests | reads | pages | changes | most in flight | provider's memory |\n|---|---|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	for _, r := range t.results {
		memory := "–"
		if r.memory > 0 {
			memory = fmt.Sprintf("%.0f MiB", r.memory)
		}
		fmt.Fprintf(&b, "| %s | %s | %d | %s | %.2f s | %.2f s | %d | %d | %d | %d | %d | %s |\n",
			r.what, r.kind, r.tokens, r.who, r.wall.Seconds(), r.processor.Seconds(), r.requests(), r.reads, r.lists, r.changes, r.inFlight, memory)
	}
	b.WriteString("\n## Ratios\n\n| operation | kind | tokens | requests without / with | time without / with | time with / no calls | processor time with / no calls | memory with / no calls |\n|---|---|--:|--:|--:|--:|--:|--:|\n")
	for _, r := range t.results {
		if r.who != coalesced {
			continue
		}
		without, ok := t.find(r, uncoalesced)
		none, ok2 := t.find(r, noCalls)
		if !ok || !ok2 {
			continue
		}
		fmt.Fprintf(&b, "| %s | %s | %d | %.1f | %.1f | %.2f | %.2f | %.2f |\n", r.what, r.kind, r.tokens,
			float64(without.requests())/float64(r.requests()), without.wall.Seconds()/r.wall.Seconds(), r.wall.Seconds()/none.wall.Seconds(), r.processor.Seconds()/none.processor.Seconds(), r.memory/none.memory)
	}
	return b.String()
}
