// Package coalesce answers many reads of tokens from few requests.
//
// It is a layer over the client and invisible to resources: the same methods,
// of which it overrides the single read, the list of accounts and every write.
//
// # When it lists
//
// One read is one request; a listing of P pages is P requests and answers any
// number of reads. How many reads will come is not known beforehand. This is
// the ski rental problem, and the classic answer is to rent until the rent is
// as much as the price, and then to buy:
//
//   - The first three tokens of an account are read singly. A configuration of
//     three tokens costs three requests, however large the account is.
//   - The read of a fourth one fetches the first page of the list, which has
//     answers of its own and says how many pages there are.
//   - Tokens that this page does not have are read singly until as many were as
//     the list has pages. Then the other pages are fetched, six at once, and the
//     remaining reads are answered by them.
//
// Where the list does not say how many rows it has, its price is not known, and
// pages are fetched one by one, each when more single reads were spent than
// pages. This never owes more than what is spent already, which a fetch of
// twice as many pages each time would.
//
// # What it costs
//
// Let n be the reads of different tokens, s ≤ n the single ones among them, g
// the pages fetched, and P those of the whole list. Whoever knew n would pay
// min(n, P). The cost s+g is at most 2·min(n, P)+3:
//
//   - Without the other pages, g ≤ 1 and s ≤ max(P, 3). With n < P the cost is at
//     most n+1, because of s ≤ n; with n ≥ P it is at most max(P, 3)+1.
//   - With them, n ≥ s ≥ P, g = P, and no read is a single one any more, so that
//     s = max(P, 3) and s+g ≤ 2·P+3.
//   - Of the unsaid list, g ≤ s, so that s+g ≤ 2·n. It ends with g ≤ P+1, since
//     an empty page may be needed to see the end; then s ≤ max(P+1, 3).
//
// The three are the price of leaving small configurations in large accounts
// alone. Further requests, which no strategy saves or foresees:
//
//   - A token that is read singly costs that each time, as it would without.
//   - A token that the list lacks costs a request, as it would without it.
//   - A list that fails costs its attempts. It is not tried again for a minute
//     (Freshness).
//   - An order that is rejected costs one request, once.
//   - A page that fails among others costs single reads for its own rows.
//   - The bound is that of one round. A refresh that takes longer than rows stay
//     fresh is several rounds.
//
// # What it never does
//
//   - A row answers only reads that began before its page was asked for, or
//     within Freshness after; from this process' first write on, within
//     WritingFreshness. A request for a single token is shared on the same terms.
//   - A token that this process has created or changed is always read by
//     itself from then on, and no read that begins after a write is answered by
//     a request that began before it.
//   - What may end tokens that it does not name, as the removal of an agent or
//     a deployment may, ends the round: nothing asked for before answers later.
//   - A row answers also where it lacks the agent, which a token in a list may: the
//     deployment says it, and never changes its agent. A token that the list does
//     not have is asked for by itself: only the answer to that can
//     say that it is gone. So rows that move between pages while these are
//     fetched do no harm; they cost a request.
//   - A reader that gives up ends nobody else's request. A request that nobody
//     waits for any more is ended.
//
// # Accounts
//
// All ids of one account share a partition, so tokens of several accounts are
// told apart by their ids, and have a listing each. Which account_id to list is
// learned from the first single read that succeeds; a listing waits for it. If
// two accounts should share a partition after all, the tokens of one of them are
// read singly.
package coalesce
