// Package contract finds out, at a real account, how the platform answers
// where that is not publicly known, and checks on the way what is known.
//
// Run creates a few account tokens, tries on them what there is to try, and
// deletes them. It never uses their values, never touches a token that it has
// not created, and uses its own credentials for nothing but calling. What a run
// that was killed leaves behind expires within minutes, or within a day where
// the platform takes no shorter lifetime, and Sweep removes it then.
//
// # What is not known
//
// The vendor's reference and clients leave these open. A run finds out:
//
//   - the token_type of an account token in the response of a ping;
//   - the HTTP statuses of a create, of a rejected validation and of a rejected
//     transition, and the form of what a validation says of a field;
//   - whether a token that a token creates has a creator;
//   - whether the value of a token names its id, and in which claim;
//   - what a repeated idempotency key gives after a success;
//   - the resolution and the form of timestamps;
//   - whether pagination is null for a list with rows, the default page size and
//     order of tokens, and which spellings of a sorting the list takes;
//   - whether tokens in lists and single tokens have agent_id;
//   - whether the list of accounts is a list or one object;
//   - whether deployments can be listed without agent_id;
//   - with TryDeployment, what a second create of a deployment for the same pair
//     gives, and what becomes of the token of a deleted deployment;
//   - the status of an expired token, and whether it can still be suspended. If
//     no transition of an expired token is accepted, the token of this check
//     cannot be deleted, and the error of the run names it;
//   - whether a deletion is answered with a body;
//   - Retry-After of a 429 and HTML of a 5xx, if they come up by themselves.
//
// These stay open, because to try them would leave something behind, take
// objects that work away, or load the platform:
//
//   - the default and the longest lifetime of a token: a token without
//     expires_at could not be swept;
//   - the rate limit and the form of its response, Retry-After included;
//   - the purpose of an environment for which none is chosen, whether
//     environments take external_identifier in a request, and whether null
//     clears the description of an agent;
//   - the conditions of available_actions.delete of an agent, and what becomes of
//     the deployments and tokens of a deleted or retired agent;
//   - the default order and the sortings of all other lists;
//   - the bounds of a risk profile's numbers, whether keys of its ruleset may be
//     left out, and the names of templates other than Standard;
//   - whether risk_profile_id=null selects the agents without a risk profile in a
//     list, as the vendor's Python client says in words;
//   - which names and email addresses have to be unique.
//
// Everything else that the provider relies on is checked on the way, and what
// differs is in Report.Broken.
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
