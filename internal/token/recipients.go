package token

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"filippo.io/age/armor"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"golang.org/x/crypto/nacl/box"
)

// parseRecipient reads an age public key (age1..., or age1pq1... for a
// post-quantum one) or an SSH public key. Its errors do not repeat the text,
// which may be a private key.
func parseRecipient(text string) (age.Recipient, error) {
	// A file ends with a line break. One inside is a list of keys, of which the
	// SSH parser would silently take the first.
	text = strings.TrimSpace(text)
	var recipient age.Recipient
	var err error
	invalid := errors.New("this begins like an age public key but is not valid: check that it was copied completely")
	switch {
	case strings.HasPrefix(strings.ToUpper(text), "AGE-SECRET-KEY-"), strings.Contains(text, "PRIVATE KEY"):
		return nil, errors.New("this is a private key; use the public key that belongs to it. If the configuration was committed or shared, treat the private key as leaked")
	case strings.ContainsAny(text, "\r\n"):
		return nil, errors.New("a recipient is one public key on one line, and this text has several lines: " +
			`use one list element for each line, for example recipients = split("\n", trimspace(file("keys.pub")))`)
	case isPostQuantum(text):
		recipient, err = age.ParseHybridRecipient(text)
	case strings.HasPrefix(text, "age1"):
		recipient, err = age.ParseX25519Recipient(text)
	case strings.HasPrefix(text, "ssh-"):
		recipient, err = agessh.ParseRecipient(text)
		invalid = errors.New("this type of SSH public key is not supported: use ssh-ed25519 or ssh-rsa")
	default:
		return nil, errors.New("a recipient is an age public key (age1... or age1pq1...) or an SSH public key (ssh-ed25519 ... or ssh-rsa ...)")
	}
	if err != nil {
		return nil, invalid
	}
	return recipient, nil
}

func isPostQuantum(text string) bool { return strings.HasPrefix(strings.TrimSpace(text), "age1pq1") }

// recipientsOf are the recipients as text, sorted; none when null or unknown.
func (m model) recipientsOf() []string {
	var texts []string
	for _, e := range m.Recipients.Elements() {
		if s, ok := e.(types.String); ok {
			texts = append(texts, strings.TrimSpace(s.ValueString()))
		}
	}
	slices.Sort(texts)
	return slices.Compact(texts)
}

// encrypts tells that the token's value is to be encrypted.
func (m model) encrypts() bool { return m.keepsPlain() != yes }

// keepsPlain tells whether the state is to have the token value as it is: only
// where it is encrypted to nobody.
func (m model) keepsPlain() tristate {
	switch recipients, key := isGiven(m.Recipients), isGiven(m.GitHubPublicKey); {
	case recipients == yes || key == yes:
		return no
	case recipients == unknown || key == unknown:
		return unknown
	default:
		return yes
	}
}

// isGiven tells whether an argument is set, as far as it is known.
func isGiven(v attr.Value) tristate {
	switch {
	case v.IsUnknown():
		return unknown
	case v.IsNull():
		return no
	default:
		return yes
	}
}

// keepValue puts a fresh value where the configuration wants it: into the
// state as it is, or encrypted to the recipients.
func (m *model) keepValue(value string) error {
	m.Token, m.EncryptedToken, m.GitHubEncryptedToken = types.StringNull(), types.StringNull(), types.StringNull()
	switch {
	case value == "":
		return nil
	case !m.encrypts():
		m.Token = types.StringValue(value)
		return nil
	}
	if !m.Recipients.IsNull() {
		ciphertext, err := encrypt(value, m.recipientsOf())
		if err != nil {
			return fmt.Errorf("recipients: %w", err)
		}
		m.EncryptedToken = types.StringValue(ciphertext)
	}
	if !m.GitHubPublicKey.IsNull() {
		ciphertext, err := seal(value, m.GitHubPublicKey.ValueString())
		if err != nil {
			return fmt.Errorf("github_public_key: %w", err)
		}
		m.GitHubEncryptedToken = types.StringValue(ciphertext)
	}
	return nil
}

// seal gives the libsodium sealed box of a value, in base64: what GitHub's API
// takes for a secret, with the id of the public key beside it.
func seal(value, publicKey string) (string, error) {
	key, err := parseGitHubKey(publicKey)
	if err != nil {
		return "", err
	}
	sealed, err := box.SealAnonymous(nil, []byte(value), key, rand.Reader)
	return base64.StdEncoding.EncodeToString(sealed), err
}

// parseGitHubKey reads the public key of a repository, an environment or an
// organization, as GitHub's API gives it.
func parseGitHubKey(text string) (*[32]byte, error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) != 32 {
		return nil, errors.New("the public key of a GitHub repository is 32 bytes in base64: use the attribute key of the data source github_actions_public_key")
	}
	return (*[32]byte)(raw), nil
}

// gitHubKeyValidator finds a public key that is not one of GitHub's.
type gitHubKeyValidator struct{}

func (gitHubKeyValidator) Description(context.Context) string {
	return "must be a public key of GitHub Actions"
}

func (v gitHubKeyValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (gitHubKeyValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := parseGitHubKey(req.ConfigValue.ValueString()); err != nil {
		// Without the path: Terraform would print the line, in which there may be a
		// private key.
		resp.Diagnostics.AddError("Invalid GitHub public key", fmt.Sprintf("%s: %s.", req.Path, err))
	}
}

// encrypt gives the armored ciphertext of a value.
func encrypt(value string, recipients []string) (string, error) {
	keys := make([]age.Recipient, len(recipients))
	for i, text := range recipients {
		key, err := parseRecipient(text)
		if err != nil {
			return "", err
		}
		keys[i] = key
	}
	var out bytes.Buffer
	armored := armor.NewWriter(&out)
	w, err := age.Encrypt(armored, keys...)
	if err != nil {
		return "", err
	}
	_, err = io.WriteString(w, value)
	if err := errors.Join(err, w.Close(), armored.Close()); err != nil {
		return "", err
	}
	return out.String(), nil
}

// recipientsValidator finds bad recipients, and names the index of each.
type recipientsValidator struct{}

func (recipientsValidator) Description(context.Context) string {
	return "must be age or SSH public keys"
}

func (v recipientsValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (recipientsValidator) ValidateList(_ context.Context, req validator.ListRequest, resp *validator.ListResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if len(req.ConfigValue.Elements()) == 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "No recipients", "recipients is an empty list, so nobody could decrypt the token value. Add a recipient, or omit the argument: the token value is then in the state unencrypted.")
	}
	postQuantum, others := false, false
	for i, e := range req.ConfigValue.Elements() {
		s, ok := e.(types.String)
		if !ok || s.IsUnknown() {
			continue
		}
		postQuantum, others = postQuantum || isPostQuantum(s.ValueString()), others || !isPostQuantum(s.ValueString())
		at := req.Path.AtListIndex(i)
		if _, err := parseRecipient(s.ValueString()); err != nil {
			// Without the path, as for a public key of GitHub.
			resp.Diagnostics.AddError("Invalid recipient", fmt.Sprintf("%s: %s.", at, err))
		}
	}
	if postQuantum && others && !resp.Diagnostics.HasError() {
		resp.Diagnostics.AddAttributeError(req.Path, "Incompatible recipients", "age does not encrypt to post-quantum recipients (age1pq1...) together with other types: "+
			"an attacker who can break the other keys could read the token value. Use only post-quantum recipients, or none.")
	}
}
