# Rules for the tokens of a plan: their maximum lifetime, that they are rotated, and
# that their values are not in the state. Change the maximum to your own.
#
# METADATA
# title: Prefactor tokens
package prefactor

maximum_lifetime := "2160h" # 90 days

# Ephemeral resources are not in a plan's resource_changes.
token_types := {"prefactor_api_token", "prefactor_deployment_token"}

# The values after the apply. Deletions are not checked.
tokens contains change if {
	some change in input.resource_changes
	change.mode == "managed"
	change.type in token_types
	is_object(change.change.after)
}

deny contains message if {
	some token in tokens
	not has_end(token)
	message := sprintf("%s: set lifetime, at most %s, or expires_at", [token.address, maximum_lifetime])
}

deny contains message if {
	some token in tokens
	lifetime := token.change.after.lifetime
	is_string(lifetime)
	not lifetime_allowed(lifetime)
	message := sprintf("%s: the lifetime %s is longer than %s, or no duration", [token.address, lifetime, maximum_lifetime])
}

# Counted from the creation, which for a new token is about the time of the plan.
deny contains message if {
	some token in tokens
	not is_string(object.get(token.change.after, "lifetime", null))
	expiry := token.change.after.expires_at
	is_string(expiry)
	begin := object.get(token.change.after, "created_at", input.timestamp)
	time.parse_rfc3339_ns(expiry) - time.parse_rfc3339_ns(begin) > nanoseconds(maximum_lifetime)
	message := sprintf("%s: it would expire at %s, more than %s after %s", [token.address, expiry, maximum_lifetime, begin])
}

deny contains message if {
	some token in tokens
	not rotates(token)
	message := sprintf("%s: set rotation with before_expiry or triggers", [token.address])
}

deny contains message if {
	some token in tokens
	not is_set(token, "recipients")
	not is_set(token, "github_public_key")
	message := sprintf("%s: set recipients or github_public_key, so that the value is not in the state", [token.address])
}

has_end(token) if is_string(token.change.after.lifetime)

has_end(token) if is_string(token.change.after.expires_at)

# A value of another resource is not known in the plan, but it is set.
is_set(token, name) if count(object.get(token.change.after, name, null)) > 0

is_set(token, name) if token.change.after_unknown[name] == true

# An empty rotation block renews nothing before the token has expired.
rotates(token) if is_string(token.change.after.rotation.before_expiry)

rotates(token) if count(token.change.after.rotation.triggers) > 0

rotates(token) if token.change.after_unknown.rotation == true

rotates(token) if token.change.after_unknown.rotation.before_expiry == true

rotates(token) if token.change.after_unknown.rotation.triggers == true

rotates(token) if count(token.change.after_unknown.rotation.triggers) > 0

lifetime_allowed(lifetime) if nanoseconds(lifetime) <= nanoseconds(maximum_lifetime)

# A duration of numbers with units, such as 30d or 1h30m.
nanoseconds(duration) := sum([amount |
	some part in parts
	amount := to_number(part[1]) * units[part[2]]
]) if {
	regex.match(`^([0-9]+(\.[0-9]+)?(w|d|h|m|s))+$`, duration)
	parts := regex.find_all_string_submatch_n(`([0-9]+(?:\.[0-9]+)?)(w|d|h|m|s)`, duration, -1)
}

units := {
	"w": ((7 * 24) * 3600) * 1000000000,
	"d": (24 * 3600) * 1000000000,
	"h": 3600 * 1000000000,
	"m": 60 * 1000000000,
	"s": 1000000000,
}
