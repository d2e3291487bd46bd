// Package coalesce answers many reads of tokens from few requests.
//
// It is a layer over the client and invisible to resources: the same methods,
// of which it overrides the single read and every write.
//
// # When it lists
//
// One read is one request; a listing of P pages is P requests and answers any
// number of reads. How many reads will come is not known beforehand. This is
// the ski rental problem, and the classic answer is to rent until the rent is
// as much as the price, and then to buy:
//
//   - The first three reads of an account are single ones. A configuration of
//     three tokens costs three requests, however large the account is.
//   - The fourth read fetches the first page of the list, which has answers of
//     its own and says how many pages there are.
//   - Reads that this page does not answer are single ones until as many were
//     spent as the list has pages. Then the other pages are fetched, at once,
//     and the remaining reads are answered by them.
//
// Where the list does not say how many pages it has, pages are fetched one by
// one, each when as many single reads were spent as pages before it.
//
// Let n be the number of reads and P the pages. The best that someone could do
// who knew n is min(n, P). For n up to 3 the cost is n. For n < P it is at most
// n single reads and the first page: n+1. For n ≥ P it is at most max(P, 3)
// single reads and P pages. So the cost is never more than twice the best, plus
// three: the three are the price of leaving small configurations in large
// accounts alone. Reads for which the list has no usable row cost a request
// each, as they would without it. The pages of the unsaid list never outnumber
// the single reads, so that the same bound holds there.
//
// # What it never does
//
//   - A row answers only reads that began before its page was asked for, or
//     within a minute after (Freshness): a plan of thousands of resources takes
//     Terraform about as long by itself.
//   - A token that this process has created or changed is always read by
//     itself from then on, and no read that begins after a write is answered by
//     a request that began before it.
//   - A row that lacks fields answers nothing. A token that the list does not
//     have is asked for by itself: only the answer to that can say that it is
//     gone. So rows that move between pages while these are fetched do no harm;
//     they cost a request.
//   - A listing that fails is not tried again for a while; single reads go on.
package coalesce
