// Package credentials decides which token the provider uses and to which URL
// it sends it. It looks at the provider block, the environment and the
// profiles in prefactor.json, and knows neither Terraform's types nor HTTP.
//
// The token is taken from the first of these that is there:
//
//  1. api_token in the provider block,
//  2. the profile named by profile in the provider block, else by PREFACTOR_PROFILE,
//  3. PREFACTOR_API_TOKEN,
//  4. the profile "default" of prefactor.json.
//
// The vendor's command line tool takes 4 before 3. Here the environment wins,
// so that a file left in a work tree does not override what a pipeline was given.
//
// The URL follows the token: a profile's token goes to the profile's URL and
// nowhere else.
package credentials

// The environment variables that are read. The vendor's own tools read the
// first three.
const (
	EnvToken     = "PREFACTOR_API_TOKEN" //nolint:gosec // The name of a variable, not a token.
	EnvURL       = "PREFACTOR_API_URL"
	EnvProfile   = "PREFACTOR_PROFILE"
	EnvAccountID = "PREFACTOR_ACCOUNT_ID"
)

const (
	// DefaultURL is the vendor's hosted platform.
	DefaultURL = "https://app.prefactorai.com"
	// DefaultProfile is the profile that is used without being named.
	DefaultProfile = "default"
)

// LookupEnv has the form of os.LookupEnv.
type LookupEnv = func(name string) (value string, set bool)

// Input is everything that the decision depends on.
type Input struct {
	// APIToken, APIURL, Profile and ProfilesFile are the attributes of the
	// provider block; nil is an attribute which is not set.
	APIToken, APIURL, Profile, ProfilesFile *string
	// LookupEnv reads the environment; nil is an empty environment.
	LookupEnv LookupEnv
	// WorkDir is where the search for prefactor.json begins and what a relative
	// ProfilesFile is relative to. Empty means the current folder.
	WorkDir string
	// HomeDir is the home folder. Empty means that there is none.
	HomeDir string
}

// Resolve gives the token and the URL to use. Its error is an *Error, whose
// text has no part of any token or password.
func Resolve(in Input) (Result, error) {
	if in.APIToken != nil {
		return in.tokenWithURL(*in.APIToken, blockSource("api_token"))
	}
	name, namedBy, err := in.profileName()
	if err != nil {
		return Result{}, err
	}
	if name != "" {
		return in.namedProfile(name, namedBy)
	}
	if token, ok := in.env(EnvToken); ok {
		return in.envToken(token)
	}
	return in.defaultProfile()
}

// env reads a variable. An empty variable counts as not set, because pipelines
// often cannot unset one.
func (in Input) env(name string) (string, bool) {
	return lookup(in.LookupEnv, name)
}

func lookup(env LookupEnv, name string) (string, bool) {
	if env == nil {
		return "", false
	}
	value, _ := env(name)
	return value, value != ""
}

// tokenWithURL pairs a token that comes without a URL with the URL of the
// provider block, of the environment, or the default.
func (in Input) tokenWithURL(token string, from source) (Result, error) {
	if err := checkToken(token, from); err != nil {
		return Result{}, err
	}
	result := Result{Token: token, TokenSource: from.name, URL: DefaultURL, URLSource: "default"}
	fromEnv, inEnv := in.env(EnvURL)
	var err error
	switch {
	case in.APIURL != nil:
		result.URLSource = sourceBlock
		result.URL, err = in.blockURL()
	case inEnv:
		result.URLSource = envSource(EnvURL).name
		result.URL, err = normalizeURL(fromEnv, envSource(EnvURL))
	}
	if err != nil {
		return Result{}, err
	}
	return result, nil
}

// envToken uses the token of the environment only with the URL of the
// environment, if there is one: with another URL in the provider block the token
// would be sent to a platform that it was not set for.
func (in Input) envToken(token string) (Result, error) {
	result, err := in.tokenWithURL(token, envSource(EnvToken))
	if err != nil {
		return Result{}, err
	}
	fromEnv, inEnv := in.env(EnvURL)
	if in.APIURL == nil || !inEnv {
		return result, nil
	}
	beside, err := normalizeURL(fromEnv, envSource(EnvURL))
	if err != nil {
		return Result{}, err
	}
	if beside != result.URL {
		return Result{}, newError("api_url", "Two API URLs for one token",
			"The token of the environment variable %s belongs to the URL in the environment: %s is %s, but api_url in the provider block is %s. "+
				"Remove api_url from the provider block to use the environment's URL, or unset %s to use api_url; "+
				"to use api_url with another token, set api_token too.",
			EnvToken, EnvURL, beside, result.URL, EnvURL)
	}
	return result, nil
}

func (in Input) blockURL() (string, error) {
	return normalizeURL(*in.APIURL, blockSource("api_url"))
}

// profileName is the configured profile, and where it is configured; empty if
// there is none.
func (in Input) profileName() (name string, by source, err error) {
	if in.Profile != nil {
		if *in.Profile == "" {
			return "", source{}, emptyAttribute("profile")
		}
		return *in.Profile, blockSource("profile"), nil
	}
	if name, ok := in.env(EnvProfile); ok {
		return name, envSource(EnvProfile), nil
	}
	return "", source{}, nil
}

func (in Input) namedProfile(name string, namedBy source) (Result, error) {
	files, err := in.profileFiles()
	if err != nil {
		return Result{}, err
	}
	file := files[len(files)-1]
	if p, ok := file.profiles[name]; ok {
		return in.fromProfile(p, in.profileSource(name, namedBy, file), file)
	}
	return Result{}, profileNotFound(name, namedBy, files)
}

func (in Input) defaultProfile() (Result, error) {
	files, err := in.profileFiles()
	if err != nil {
		return Result{}, err
	}
	file := files[len(files)-1]
	if p, ok := file.profiles[DefaultProfile]; ok {
		return in.fromProfile(p, in.profileSource(DefaultProfile, source{}, file), file)
	}
	return Result{}, in.nothingFound(files)
}

// fromProfile takes token and URL from the profile. The URL of the environment is
// ignored, and api_url must be the same.
func (in Input) fromProfile(p profile, from source, file profileFile) (Result, error) {
	if err := checkToken(p.token, from); err != nil {
		return Result{}, err
	}
	own, err := normalizeURL(p.url, from)
	if err != nil {
		return Result{}, err
	}
	if in.APIURL != nil {
		wanted, err := in.blockURL()
		if err != nil {
			return Result{}, err
		}
		if wanted != own {
			return Result{}, newError("api_url", "API URL differs from the profile",
				"The %s has the base_url %s, but api_url in the provider block is %s. The token of a profile is only sent to the URL of the profile. "+
					"Remove api_url from the provider block, or use a profile for %s, or set api_token together with api_url.",
				from.name, own, wanted, wanted)
		}
	}
	return Result{Token: p.token, URL: own, TokenSource: from.name, URLSource: from.name, Warnings: file.warnings(own)}, nil
}
