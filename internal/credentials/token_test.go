package credentials_test

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestResolveRefusesTokens(t *testing.T) {
	t.Parallel()
	const a, b = secret + "-a", secret + "-b"
	for name, c := range map[string]struct{ token, flaw, blockAdvice string }{
		"newline at the end":      {a + "\n", "ends with a newline, as a token that was read from a file does", "trimspace(...)"},
		"CRLF at the end":         {a + "\r\n", "ends with a newline, as a token that was read from a file does", "trimspace(...)"},
		"newline at the start":    {"\n" + a, "begins with a newline", "trimspace(...)"},
		"blank at the end":        {a + " ", "ends with a space", "trimspace(...)"},
		"blank at the start":      {" " + a, "begins with a space", "trimspace(...)"},
		"tab at the end":          {a + "\t", "ends with a space", "trimspace(...)"},
		"no-break space":          {a + "\u00a0", "ends with a space", "trimspace(...)"},
		"two lines":               {a + "\n" + b, "has more than one line", "Copy the token again"},
		"blank inside":            {a + " " + b, "contains a space", "Copy the token again"},
		"tab inside":              {a + "\t" + b, "contains a space", "Copy the token again"},
		"only blanks":             {" \t\n", "contains only white space", "Copy the token again"},
		"control character":       {a + "\x1b" + b, "contains a control character", "Copy the token again"},
		"NUL at the end":          {a + "\x00", "contains a control character", "Copy the token again"},
		"DEL":                     {a + "\x7f" + b, "contains a control character", "Copy the token again"},
		"dash that is not ASCII":  {a + "–" + b, "contains a character that is not ASCII", "Copy the token again"},
		"zero-width space at end": {a + "\u200b", "contains a character that is not ASCII", "Copy the token again"},
		"not UTF-8":               {a + "\xff" + b, "contains a character that is not ASCII", "Copy the token again"},
		"byte order mark":         {"\ufeff" + a, "begins with a byte order mark", "Copy the token again"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scene{token: &c.token}.refuses(t, "api_token", "The API token from the provider block "+c.flaw, c.blockAdvice)
			scene{env: map[string]string{"PREFACTOR_API_TOKEN": c.token}}.
				refuses(t, "", "The API token from the "+fromEnv+" "+c.flaw, "Set it again")
			if c.token == a+"\xff"+b {
				return // JSON cannot have it.
			}
			scene{files: map[string]string{workFile: profileOf(t, "default", c.token, "https://ci.example")}}.
				refuses(t, "", "The API token from the "+workProfile+" "+c.flaw, "Correct api_key")
			scene{profile: new("ci"), files: map[string]string{workFile: profileOf(t, "ci", c.token, "https://ci.example")}}.
				refuses(t, "profile", workCI, c.flaw)
			scene{file: new("~/p.json"), files: map[string]string{"home/p.json": profileOf(t, "default", c.token, "https://ci.example")}}.
				refuses(t, "profiles_file", "%ROOT%/home/p.json", c.flaw)
		})
	}
	t.Run("empty in a profile", func(t *testing.T) {
		t.Parallel()
		scene{files: map[string]string{workFile: profileOf(t, "default", "", "https://ci.example")}}.
			refuses(t, "", workProfile+" is empty")
	})
}

// Nobody has said what a token is made of: every printable ASCII character is taken.
func TestResolveTakesPrintableTokens(t *testing.T) {
	t.Parallel()
	var token string
	var tokenSb58 strings.Builder
	for c := byte('!'); c <= '~'; c++ {
		tokenSb58.WriteString(string(c))
	}
	token += tokenSb58.String()
	got, err := scene{token: &token}.resolve(t)
	if err != nil {
		t.Fatal(err)
	}
	if got.Token != token {
		t.Errorf("the token became %q", got.Token)
	}
}

func profileOf(t *testing.T, name, token, url string) string {
	t.Helper()
	text, err := json.Marshal(map[string]map[string]string{name: {"api_key": token, "base_url": url}})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
