package credentials

import "github.com/prefactordev/terraform-provider-prefactor/internal/pfid"

// AccountID returns the default account and where it is configured: account_id in
// the provider block, else PREFACTOR_ACCOUNT_ID. Both results are empty if neither
// is set. The error is an *Error on account_id
// and does not repeat the value, which may be a token pasted in the wrong place.
func AccountID(attribute *string, env LookupEnv) (id, from string, err error) {
	id, inEnv := lookup(env, EnvAccountID)
	from = envSource(EnvAccountID).name
	switch {
	case attribute != nil && *attribute == "":
		return "", "", emptyAttribute("account_id")
	case attribute != nil:
		id, from = *attribute, sourceBlock
	case !inEnv:
		return "", "", nil
	}
	if _, err := pfid.Parse(id); err != nil {
		return "", "", newError("account_id", "Invalid account id", "The account id from the %s is not a Prefactor id: %s.", from, err)
	}
	return id, from, nil
}
