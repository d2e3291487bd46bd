package credentials

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// profile is an entry that has all it needs.
type profile struct{ token, url string }

// profileFile is a prefactor.json that was checked.
type profileFile struct {
	path string
	// found tells that the file was found in the work tree, and is not configured.
	found bool
	// shared tells that other users may read the file.
	shared bool
	// unread is why there are no profiles, as words after "the file"; empty
	// when the file was read.
	unread string
	// missing tells that there is no such file.
	missing  bool
	profiles map[string]profile
	// broken are the entries which are no profiles, and why not.
	broken map[string]string
}

// parseProfiles reads the vendor's format, {"<profile>": {"api_key": "...",
// "base_url": "..."}}. Like the vendor's own reader it takes an entry for a
// profile when both are strings, and leaves out all other entries. Its errors
// go on from "the file" and repeat nothing of the file, which is full of tokens.
func parseProfiles(data []byte) (profiles map[string]profile, broken map[string]string, err error) {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, nil, errors.New("is empty")
	}
	var entries map[string]json.RawMessage
	if err := json.Unmarshal(data, &entries); err != nil {
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			offset := min(max(int(syntax.Offset), 0), len(data))
			return nil, nil, fmt.Errorf("is not valid JSON (line %d)", 1+bytes.Count(data[:offset], []byte("\n")))
		}
		return nil, nil, errors.New("is valid JSON, but not an object of profiles")
	}
	if entries == nil {
		return nil, nil, errors.New("is valid JSON, but not an object of profiles")
	}
	profiles, broken = map[string]profile{}, map[string]string{}
	for name, raw := range entries {
		// Into a map: a struct would also match API_KEY, which the vendor's
		// reader does not.
		var fields map[string]any
		if err := json.Unmarshal(raw, &fields); err != nil || fields == nil {
			broken[name] = "is not an object"
			continue
		}
		token, hasToken := fields["api_key"].(string)
		url, hasURL := fields["base_url"].(string)
		switch {
		case !hasToken:
			broken[name] = "has no api_key that is a string"
		case !hasURL:
			broken[name] = "has no base_url that is a string"
		default:
			profiles[name] = profile{token: token, url: url}
		}
	}
	return profiles, broken, nil
}

// describe tells why the file does not give the profile wanted.
func (f profileFile) describe(wanted string) string {
	if f.unread != "" {
		return f.unread
	}
	if why, ok := f.broken[wanted]; ok {
		return fmt.Sprintf("its entry %s is not a profile: it %s", quoted(wanted), why)
	}
	return fmt.Sprintf("has no profile %s (it has %s)", quoted(wanted), f.names())
}

// names lists the first profiles.
func (f profileFile) names() string {
	const most = 20
	if len(f.profiles) == 0 {
		return "none"
	}
	names := slices.Sorted(maps.Keys(f.profiles))
	rest := len(names) - most
	names = names[:min(len(names), most)]
	for i, name := range names {
		names[i] = quoted(name)
	}
	text := strings.Join(names, ", ")
	if rest > 0 {
		text += fmt.Sprintf(" and %d more", rest)
	}
	return text
}

// warnings are about a file whose token is used. A prefactor.json that somebody
// has committed decides to which address requests go, and replaces the one in
// the home folder.
func (f profileFile) warnings(url string) []Warning {
	var all []Warning
	if f.found {
		all = append(all, Warning{"Credentials of the work tree are used", fmt.Sprintf(
			"The token and the API URL come from %s, and requests go to %s. A %s in the home directory is ignored. "+
				"If this is intended, set profiles_file in the provider block to this file. Otherwise set %s, or delete the file.", f.path, url, fileName, EnvToken)})
	}
	if f.shared {
		all = append(all, Warning{"Credentials can be read by other users", fmt.Sprintf(
			"The file %s contains API tokens and can be read by other users of this machine. Run: chmod 600 %s", f.path, f.path)})
	}
	return all
}
