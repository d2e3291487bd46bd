// Package coalesce serves many reads of tokens, environments, agents and deployments
// with few requests. The client, which it wraps, tells it of every change.
//
// # When it lists
//
// A single read costs one request, a list of P pages costs P and serves all reads.
// How many will come is not known: the ski rental problem. Rent until the rent
// equals the price, then buy.
//
//   - The first k objects of a list are read singly: k is 3 for tokens, 1 for
//     environments and agents.
//   - The next one requests the first page of the list, which also says how many
//     pages there are.
//   - Objects that are not on it are read singly until as many were as the list has
//     pages. Then the other pages are requested, six at once.
//   - A list that does not say how many rows it has is requested page by page, each
//     when there were more single reads than pages.
//
// Deployments have two lists. That of an agent takes the place of each single read
// (k is 0): it costs no more. Such reads take the place of single reads for the list
// of the account, of which it is not known whether the API has it (k is 3).
//
// # What it costs
//
// Of n different objects s are read singly, and g of P pages are requested. The cost
// s+g is at most 2·min(n, P)+k, where min(n, P) is the optimum for a known n:
//
//   - Without the other pages g ≤ 1 and s ≤ max(P, k): at most n+1 if n < P, else
//     at most max(P, k)+1.
//   - With them n ≥ s = max(P, k) and g = P: at most 2·P+k.
//   - Page by page g ≤ s+1, and s+g ≤ 2·n if k > 0; and g ≤ P+1, as an empty page may
//     be needed to see the end, so s ≤ max(P+1, k).
//
// In addition: an object that is not in the list costs its single read, a failed list its
// attempts once in Freshness, a failed page the single reads of its rows. A refresh
// longer than Freshness has several rounds.
//
// # What it guarantees
//
//   - A row serves only reads that began before its page was requested, or within
//     Freshness after; from the first change of this process on, within
//     WritingFreshness. Reads share a single read on the same terms.
//   - An object that this process has changed is always read singly, and no read that
//     begins after a change gets a response to an earlier request.
//   - Only a single read says that an object does not exist, so rows that move between
//     pages meanwhile cost a request, and nothing else.
//   - A reader that gives up cancels nobody else's request. One that waits for a list
//     has its row as soon as its page is there.
//
// The state tells in which list an object is. Tokens of which it does not, such as those
// of data sources, are read singly until one has told the account of its partition.
package coalesce
