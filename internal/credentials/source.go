package credentials

import "fmt"

const sourceBlock = "provider block"

type kind int

const (
	kindBlock kind = iota
	kindEnv
	kindFile
)

// source is where a value was found.
type source struct {
	kind kind
	// name is for people and reads well after "the".
	name string
	// attribute is what an error about the value points at; empty when no
	// attribute of the provider block had a part in it.
	attribute string
}

func blockSource(attribute string) source {
	return source{kind: kindBlock, name: sourceBlock, attribute: attribute}
}

func envSource(variable string) source {
	return source{kind: kindEnv, name: "environment variable " + variable}
}

// profileSource points at the attribute that led to the profile.
func (in Input) profileSource(name string, namedBy source, file profileFile) source {
	attribute := namedBy.attribute
	if attribute == "" && in.ProfilesFile != nil {
		attribute = "profiles_file"
	}
	return source{kind: kindFile, name: fmt.Sprintf("profile %s in %s", quoted(name), file.path), attribute: attribute}
}
