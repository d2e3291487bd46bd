package token_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"golang.org/x/crypto/ssh"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/provider"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// newSSHKey makes a private key, and its public key as a recipient.
func newSSHKey(t *testing.T, passphrase string) (private, recipient string) {
	t.Helper()
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(key, "a test")
	if passphrase != "" {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(key, "a test", []byte(passphrase))
	}
	if err != nil {
		t.Fatal(err)
	}
	authorized, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(block)), strings.TrimSpace(string(ssh.MarshalAuthorizedKey(authorized)))
}

func environment(variables map[string]string) provider.Option {
	return provider.WithEnvironment(func(name string) (string, bool) {
		v, ok := variables[name]
		return v, ok
	}, "/nowhere", "/nowhere")
}

// decryptedBy opens prefactor_token_value and gives its token.
func decryptedBy(t *testing.T, core *acctest.Core, config map[string]any) (string, error) {
	t.Helper()
	s, err := core.Start(t.Context())
	if err != nil {
		return "", err
	}
	opened, err := s.Open(t.Context(), "prefactor_token_value", config)
	if err != nil {
		return "", err
	}
	var value string
	return value, opened.Result["token"].As(&value)
}

// Each kind of key from each source decrypts the value, without a request.
func TestTokenValue(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	classic := newIdentity(t)
	sshKey, sshRecipient := newSSHKey(t, "")
	token := w.NewCore(nil).Resource(t, "prefactor_api_token")
	if _, err := token.Run(t.Context(), map[string]any{"recipients": []any{classic.Recipient().String(), sshRecipient}}); err != nil {
		t.Fatal(err)
	}
	quantum, err := age.GenerateHybridIdentity()
	must(t, err)
	hybrid := w.NewCore(nil).Resource(t, "prefactor_api_token")
	if _, err := hybrid.Run(t.Context(), map[string]any{"recipients": []any{quantum.Recipient().String()}}); err != nil {
		t.Fatal(err)
	}
	keyFile := fmt.Sprintf("# created: 2027-01-01T00:00:00Z\n# public key: %s\n%s\n", classic.Recipient(), classic)
	path := filepath.Join(t.TempDir(), "key.txt")
	must(t, os.WriteFile(path, []byte(keyFile), 0o600))
	w.ResetRequests()
	for name, c := range map[string]struct {
		of          *acctest.Instance
		config      map[string]any
		environment map[string]string
	}{
		"age":                    {token, map[string]any{"identity": classic.String()}, nil},
		"line break":             {token, map[string]any{"identity": classic.String() + "\n"}, nil},
		"key file as text":       {token, map[string]any{"identity": keyFile}, nil},
		"SSH":                    {token, map[string]any{"identity": sshKey}, nil},
		"SSH without line break": {token, map[string]any{"identity": strings.TrimSpace(sshKey)}, nil},
		"post-quantum":           {hybrid, map[string]any{"identity": quantum.String()}, nil},
		"file":                   {token, map[string]any{"identity_file": path}, nil},
		"variable":               {token, nil, map[string]string{"PREFACTOR_AGE_IDENTITY": classic.String()}},
		"file in a variable":     {token, nil, map[string]string{"PREFACTOR_AGE_IDENTITY_FILE": path}},
		"empty variable besides": {token, map[string]any{"identity": classic.String()}, map[string]string{"PREFACTOR_AGE_IDENTITY": ""}},
	} {
		config := map[string]any{"encrypted_token": c.of.Text("encrypted_token")}
		maps.Copy(config, c.config)
		if value, err := decryptedBy(t, w.NewCore(nil, environment(c.environment)), config); err != nil || !w.Authenticates(value) {
			t.Errorf("%s: the value was not decrypted: %v", name, err)
		}
	}
	// That the value authenticates was asked in this process.
	if requests := w.Requests(); len(requests) > 0 {
		t.Errorf("requests were sent, the first is %s %s", requests[0].Method, requests[0].Path)
	}
}

func TestTokenValue_errors(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	identity, other := newIdentity(t), newIdentity(t)
	protected, _ := newSSHKey(t, "a passphrase")
	anotherSSHKey, _ := newSSHKey(t, "")
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	block, err := ssh.MarshalPrivateKey(key, "")
	must(t, err)
	ciphertext := func() string {
		token := w.NewCore(nil).Resource(t, "prefactor_api_token")
		_, err := token.Run(t.Context(), map[string]any{"recipients": []any{identity.Recipient().String()}})
		must(t, err)
		return token.Text("encrypted_token")
	}()
	both := map[string]string{"PREFACTOR_AGE_IDENTITY": identity.String(), "PREFACTOR_AGE_IDENTITY_FILE": "/nowhere/key.txt"}
	for name, c := range map[string]struct {
		says        string
		config      map[string]any
		environment map[string]string
	}{
		"no key":              {"No private key", nil, nil},
		"two arguments":       {"Several private keys", map[string]any{"identity": identity.String(), "identity_file": "key.txt"}, nil},
		"two variables":       {"Several private keys", nil, both},
		"argument, variable":  {"Several private keys", map[string]any{"identity": identity.String()}, map[string]string{"PREFACTOR_AGE_IDENTITY": other.String()}},
		"empty":               {"it is empty", map[string]any{"identity": ""}, nil},
		"public age key":      {"this is a public key", map[string]any{"identity": identity.Recipient().String()}, nil},
		"public SSH key":      {"this is a public key", map[string]any{"identity": anSSHKey}, nil},
		"wrong age key":       {"does not decrypt", map[string]any{"identity": other.String()}, nil},
		"wrong SSH key":       {"does not decrypt", map[string]any{"identity": anotherSSHKey}, nil},
		"passphrase":          {"protected by a passphrase", map[string]any{"identity": protected}, nil},
		"passphrase, PKCS #8": {"protected by a passphrase", map[string]any{"identity": "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGbMFcG\n-----END ENCRYPTED PRIVATE KEY-----\n"}, nil},
		"passphrase of age":   {"protected by a passphrase", map[string]any{"identity": ciphertext}, nil},
		"other type":          {"Ed25519 or RSA", map[string]any{"identity": string(pem.EncodeToMemory(block))}, nil},
		"truncated SSH key":   {"copied completely", map[string]any{"identity": anotherSSHKey[:120]}, nil},
		"truncated age key":   {"copied completely", map[string]any{"identity": identity.String()[:40]}, nil},
		"no such file":        {"cannot be read", map[string]any{"identity_file": "/nowhere/key.txt"}, nil},
		"key as a path":       {"cannot be read", map[string]any{"identity_file": identity.String()}, nil},
		"truncated value":     {"truncated", map[string]any{"identity": identity.String(), "encrypted_token": ciphertext[:len(ciphertext)-60]}, nil},
		"truncated header":    {"truncated", map[string]any{"identity": identity.String(), "encrypted_token": ciphertext[:60]}, nil},
		"no encrypted token":  {"truncated", map[string]any{"identity": identity.String(), "encrypted_token": "hello"}, nil},
	} {
		config := map[string]any{"encrypted_token": ciphertext}
		maps.Copy(config, c.config)
		_, err := decryptedBy(t, w.NewCore(nil, environment(c.environment)), config)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: the error is %v", name, err)
			continue
		}
		for _, secret := range append(w.Secrets(), identity.String()[20:40], other.String()[20:40], protected[100:140], anotherSSHKey[60:100]) {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%s: the error repeats a secret: %v", name, err)
			}
		}
	}
}

// Terraform prints the line of the configuration that an error has the path of:
// no error about a key has one, because the key may be written there.
func TestSecrets_sourceLines(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	secret := newIdentity(t).String()
	open := func(arguments string) string {
		return `ephemeral "prefactor_token_value" "this" {` + "\n  encrypted_token = \"hello\"\n  " + arguments + "\n}\n"
	}
	for name, c := range map[string]struct{ summary, config string }{
		"recipient":      {"Invalid recipient", apiTokenConfig(fmt.Sprintf("recipients = [%q]", secret))},
		"GitHub's key":   {"Invalid GitHub public key", apiTokenConfig(fmt.Sprintf("github_public_key = %q", secret))},
		"API token":      {"Unusable API token", "provider \"prefactor\" {\n  api_token = \"" + secret + " \"\n}\n" + `data "prefactor_account" "this" {}`},
		"damaged key":    {"Unusable private key", open(fmt.Sprintf("identity = %q", "x"+secret))},
		"other text":     {"Encrypted token value cannot be read", open(fmt.Sprintf("identity = %q", secret))},
		"key as a path":  {"Private key cannot be read", open(fmt.Sprintf("identity_file = %q", secret))},
		"both arguments": {"Several private keys", open(fmt.Sprintf("identity = %q\n  identity_file = \"key.txt\"", secret))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if b := acctest.RequireTerraform(t); strings.Contains(c.config, "ephemeral") && !b.AtLeast(map[bool]string{false: "1.10.0", true: "1.11.0"}[b.OpenTofu]) {
				acctest.NotRun(t, "ephemeral resources need Terraform 1.10 or OpenTofu 1.11")
			}
			out, err := w.NewCLI(t, c.config).Run(t, "plan")
			if err == nil || !strings.Contains(out, c.summary) {
				t.Errorf("%v\n%s", err, out)
			}
			if strings.Contains(out, secret) {
				t.Errorf("the key is printed:\n%s", out)
			}
		})
	}
}

// secretive records what is to be kept out of logs and errors.
type secretive struct {
	tfkit.API

	known *[]string
}

func (s secretive) AddSecret(value string) { *s.known = append(*s.known, value) }

func TestTokenValue_isRedacted(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	identity := newIdentity(t)
	token := w.NewCore(nil).Resource(t, "prefactor_api_token")
	_, err := token.Run(t.Context(), map[string]any{"recipients": []any{identity.Recipient().String()}})
	must(t, err)
	var known []string
	core := w.NewCore(nil, provider.WithAPI(func(a tfkit.API) tfkit.API { return secretive{a, &known} }))
	value, err := decryptedBy(t, core, map[string]any{"encrypted_token": token.Text("encrypted_token"), "identity": identity.String()})
	must(t, err)
	if !slices.Contains(known, value) {
		t.Error("the decrypted value is not redacted")
	}
}

// The way back has the value of the previous token, and its version.
func TestTokenValue_previous(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	identity := newIdentity(t)
	token := w.NewCore(nil).Resource(t, "prefactor_api_token")
	config := func(reason string, keep bool) map[string]any {
		return map[string]any{
			"recipients": []any{identity.Recipient().String()},
			"rotation":   map[string]any{"triggers": map[string]any{"reason": reason}, "overlap": "0s", "keep_previous": keep},
		}
	}
	run := func(reason string, keep bool) {
		t.Helper()
		_, err := token.Run(t.Context(), config(reason, keep))
		must(t, err)
	}
	run("one", false)
	first, version := token.Text("encrypted_token"), token.State["version"]
	run("two", false)
	if token.Nested("previous", "encrypted_token") != first {
		t.Fatal("the previous token has another ciphertext")
	}
	run("two", true)
	value, err := decryptedBy(t, w.NewCore(nil), map[string]any{"encrypted_token": token.Nested("previous", "encrypted_token"), "identity": identity.String()})
	if err != nil || !w.Authenticates(value) {
		t.Errorf("the value of the previous token does not authenticate: %v", err)
	}
	var previous map[string]tftypes.Value
	must(t, token.State["previous"].As(&previous))
	if got := previous["version"]; !got.Equal(version) {
		t.Errorf("the version of the previous token is %s, not %s", got, version)
	}
}
