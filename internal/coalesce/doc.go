// Package coalesce serves many reads of tokens with few requests.
//
// It wraps the client, and overrides the read of a token and every change.
//
// # When it lists
//
// A single read costs one request, a list of P pages costs P and serves all reads.
// How many will come is not known: the ski rental problem. Rent until the rent
// equals the price, then buy.
//
//   - The first three tokens of an account are read singly.
//   - The fourth requests the first page of the list, which also says how many
//     pages there are.
//   - Tokens that are not on it are read singly until as many were as the list has
//     pages. Then the other pages are requested, six at once.
//   - A list that does not say how many rows it has is requested page by page, each
//     when there were more single reads than pages.
//
// # What it costs
//
// Of n different tokens s are read singly, and g of P pages are requested. The cost
// s+g is at most 2·min(n, P)+3, where min(n, P) is the optimum for a known n:
//
//   - Without the other pages g ≤ 1 and s ≤ max(P, 3): at most n+1 if n < P, else
//     at most max(P, 3)+1.
//   - With them n ≥ s = max(P, 3) and g = P: at most 2·P+3.
//   - Page by page g ≤ s, so s+g ≤ 2·n; and g ≤ P+1, as an empty page may be needed
//     to see the end, so s ≤ max(P+1, 3).
//
// In addition: a token that is not in the list costs its single read, a failed list
// its attempts once in Freshness, a failed page the single reads of its rows, and a
// rejected order one request. A refresh longer than Freshness has several rounds.
//
// # What it guarantees
//
//   - A row serves only reads that began before its page was requested, or within
//     Freshness after; from the first change of this process on, within
//     WritingFreshness. Reads share a single read on the same terms.
//   - A token that this process has created or changed is always read singly, and
//     no read that begins after a change gets a response to an earlier request.
//   - Only a single read says that a token does not exist, so rows that move between
//     pages meanwhile cost a request, and nothing else.
//   - A reader that gives up cancels nobody else's request.
//
// Accounts are told apart by the partition of their ids. The account_id to list is
// learned from a single read.
package coalesce
