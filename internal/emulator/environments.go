package emulator

// Environment is where agents run. Reference: actionenvironmentupdate,
// clients/environment.ts.
//
// Deleting one is not rejected: "Deployments, tokens, and integrations that
// reference the environment's ID will stop working." Documentation:
// admin-ui/account/environments. Its tokens then no longer work. Here
// its deployments stay in the lists, and their environment_id as it was;
// whether they do is not known.
type Environment struct {
	Object
	Name, Purpose, Description, ExternalIdentifier string
}

func (*Environment) kind() string { return "environment" }

func (e *Environment) externalIdentifier() string { return e.ExternalIdentifier }

func (e *Environment) show(*Platform, bool) object {
	return object{
		"account_id": e.AccountID, "name": e.Name, "purpose": e.Purpose, "description": orNull(e.Description),
		"external_identifier": orNull(e.ExternalIdentifier),
	}
}

// fill requires account_id and name of a new environment (bulkexecute). The
// purpose of one for which none is chosen is not known; development is the
// example of the reference. No source has an external_identifier in a request.
func (e *Environment) fill(f *form) {
	if e.ID == "" {
		account := ""
		f.mandatory("account_id", &account)
		f.ownAccount()
		e.Purpose = "development"
	}
	f.mandatory("name", &e.Name)
	f.optional("description", &e.Description)
	f.choice("purpose", &e.Purpose, "development", "staging", "testing", "production")
}

// environmentsOf requires an account_id. Reference: bulkexecute.
func environmentsOf(c *call) (func(*Environment) bool, *failure) {
	if c.query.Get("account_id") == "" {
		return nil, invalid(required("account_id"))
	}
	return ofAccount[*Environment](c)
}

// AddEnvironment seeds an environment. Its purpose is its name, if that is a valid purpose.
func (p *Platform) AddEnvironment(accountID, name string) Environment {
	p.mu.Lock()
	defer p.mu.Unlock()
	e := &Environment{Name: name, Purpose: "development"}
	if name == "production" || name == "staging" || name == "testing" {
		e.Purpose = name
	}
	p.add(e, "", accountID)
	return *e
}
