// Package contract finds out, at a real account, how the platform answers
// where that is not publicly known, and checks on the way what is known.
//
// Run creates a few account tokens, tries on them what there is to try, and
// deletes them. It never uses their values, never touches a token that it has
// not created, and uses its own credentials for nothing but calling. What a run
// that was killed leaves behind expires within minutes, or within a day where
// the platform takes no shorter lifetime, and Sweep removes it then.
//
// # The mark
//
// A token has no name, so the only thing of it that its creator chooses freely
// is expires_at. Of each minute there are sixteen marked moments: a second and a
// number of microseconds that come from a hash of the minute. Every token of a
// run expires at a marked moment.
//
// # The rule
//
// Sweep removes a token if and only if
//
//  1. its expiry is a marked moment, to the microsecond,
//  2. it expired at least two minutes ago, by the platform's clock,
//  3. it was created at least twenty minutes ago, as its id says, and lived no
//     longer than the longest lifetime that a run asks for,
//  4. it was never used, and the platform says so: null, not a missing field, and
//  5. its scope is one that a run creates.
//
// # The proof
//
// By 2, nothing that works is ever touched: the worst that a mistake could do
// is to remove the row of a token that was never used and never can be. The
// credentials that Sweep itself calls with are out by 2 and by 4. And a mistake
// is improbable: an expiry that was not made by this package, be it one of the
// provider's own with its random microseconds, is marked by a chance of one in
// four million, and has to fulfil 3 and 4 on top. A run that is under way is
// left alone by 3: none takes longer than ten minutes.
//
// # The limits
//
// A platform that does not keep microseconds loses the mark, and nothing is
// swept there; the report of a run says whether it does. Someone who copies the
// expiry of such a token to one of their own, which then expires unused, has it
// swept. A token that was used by someone who read its value off the wire stays.
package contract
