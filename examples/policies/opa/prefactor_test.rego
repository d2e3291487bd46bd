package prefactor_test

import data.prefactor

plan(after) := {
	"timestamp": "2027-01-01T00:00:00Z",
	"resource_changes": [{
		"address": "prefactor_api_token.ci",
		"mode": "managed",
		"type": "prefactor_api_token",
		"change": {"actions": ["create"], "after": after, "after_unknown": {"id": true}},
	}],
}

good := {"lifetime": "720h", "rotation": {"before_expiry": "168h"}, "recipients": ["age1..."]}

test_good if count(prefactor.deny) == 0 with input as plan(good)

test_deleted if count(prefactor.deny) == 0 with input as plan(null)

test_no_lifetime if {
	prefactor.deny == {"prefactor_api_token.ci: set lifetime, at most 2160h, or expires_at"} with input as plan(object.remove(good, ["lifetime"]))
}

test_lifetime if {
	every lifetime in ["2160h", "90d", "12w", "2159h60m", "30s"] {
		count(prefactor.deny) == 0 with input as plan(object.union(good, {"lifetime": lifetime}))
	}
	every lifetime in ["2160h1s", "91d", "13w", "soon", "1y", ""] {
		count(prefactor.deny) == 1 with input as plan(object.union(good, {"lifetime": lifetime}))
	}
}

test_expires_at if {
	fixed := object.remove(good, ["lifetime"])
	count(prefactor.deny) == 0 with input as plan(object.union(fixed, {"expires_at": "2027-03-01T00:00:00+01:00"}))
	count(prefactor.deny) == 1 with input as plan(object.union(fixed, {"expires_at": "2027-05-01T00:00:00Z"}))
	count(prefactor.deny) == 0 with input as plan(object.union(fixed, {"created_at": "2027-02-15T00:00:00Z", "expires_at": "2027-05-01T00:00:00Z"}))
}

unknown(after, path, value) := json.patch(plan(after), [{"op": "add", "path": concat("", ["/resource_changes/0/change/after_unknown/", path]), "value": value}])

test_no_rotation if {
	every rotation in [null, {}, {"before_expiry": null, "triggers": null, "overlap": "24h"}, {"triggers": {}}] {
		prefactor.deny == {"prefactor_api_token.ci: set rotation with before_expiry or triggers"} with input as plan(json.patch(good, [{"op": "replace", "path": "/rotation", "value": rotation}]))
	}
}

test_rotation_by_triggers if count(prefactor.deny) == 0 with input as plan(json.patch(good, [{"op": "replace", "path": "/rotation", "value": {"triggers": {"reason": "a leak"}}}]))

test_unknown_rotation if {
	every value in [true, {"before_expiry": true}, {"triggers": true}, {"triggers": {"reason": true}}] {
		count(prefactor.deny) == 0 with input as unknown(object.union(good, {"rotation": null}), "rotation", value)
	}
	every value in [false, {}, {"triggers": {}}] {
		count(prefactor.deny) == 1 with input as unknown(object.union(good, {"rotation": null}), "rotation", value)
	}
}

test_no_recipients if {
	every recipients in [null, []] {
		prefactor.deny == {"prefactor_api_token.ci: set recipients or github_public_key, so that the value is not in the state"} with input as plan(object.union(good, {"recipients": recipients}))
	}
}

test_github if count(prefactor.deny) == 0 with input as plan(object.union(object.remove(good, ["recipients"]), {"github_public_key": "2Sg8..."}))

test_unknown_keys if {
	every name in ["recipients", "github_public_key"] {
		count(prefactor.deny) == 0 with input as unknown(object.remove(good, ["recipients"]), name, true)
	}
}
