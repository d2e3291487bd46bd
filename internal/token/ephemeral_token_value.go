package token

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"filippo.io/age/armor"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"golang.org/x/crypto/ssh"

	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

var (
	_ ephemeral.EphemeralResourceWithConfigure      = (*ephemeralTokenValue)(nil)
	_ ephemeral.EphemeralResourceWithValidateConfig = (*ephemeralTokenValue)(nil)
)

// The environment variables with the private key that decrypts token values.
const (
	envIdentity     = "PREFACTOR_AGE_IDENTITY"
	envIdentityFile = "PREFACTOR_AGE_IDENTITY_FILE"
)

// NewEphemeralTokenValue is the ephemeral resource prefactor_token_value.
func NewEphemeralTokenValue() ephemeral.EphemeralResource { return &ephemeralTokenValue{} }

// ephemeralTokenValue decrypts the value of a managed token for the length of a
// run. It sends no request.
type ephemeralTokenValue struct {
	provider *tfkit.Provider
}

type tokenValueModel struct {
	EncryptedToken types.String `tfsdk:"encrypted_token"`
	Identity       types.String `tfsdk:"identity"`
	IdentityFile   types.String `tfsdk:"identity_file"`
	Token          types.String `tfsdk:"token"`
}

func (e *ephemeralTokenValue) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_token_value"
}

func (e *ephemeralTokenValue) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The value of a managed token with `recipients`, decrypted for a single run: for write-only arguments, provider blocks and provisioners. " +
			"The value is never in the state or the plan, and decrypting it sends no request. While `encrypted_token` is unknown, as in the plan that rotates the token, only the apply decrypts the value. " +
			"The private key comes from exactly one source: `identity`, `identity_file`, or one of the environment variables `" + envIdentity + "` and `" + envIdentityFile + "`. " +
			"Needs Terraform 1.10 or OpenTofu 1.11; write-only arguments need Terraform 1.11 or OpenTofu 1.11.",
		Attributes: map[string]schema.Attribute{
			"encrypted_token": schema.StringAttribute{
				MarkdownDescription: "The encrypted token value: `encrypted_token` of a `prefactor_api_token` or `prefactor_deployment_token`, or `previous.encrypted_token` for the value of its previous token.",
				Required:            true,
			},
			"identity": schema.StringAttribute{
				MarkdownDescription: "A private key that belongs to one of the recipients: an age secret key (`AGE-SECRET-KEY-1...` or `AGE-SECRET-KEY-PQ-1...`, or a whole key file of `age-keygen`), " +
					"or an SSH private key without a passphrase (Ed25519 or RSA). Use an ephemeral variable. Also `" + envIdentity + "`.",
				Optional:  true,
				Sensitive: true,
			},
			"identity_file": schema.StringAttribute{
				MarkdownDescription: "The path of a file with such a private key. Also `" + envIdentityFile + "`.",
				Optional:            true,
			},
			"token": schema.StringAttribute{
				MarkdownDescription: "The token value.",
				Computed:            true,
				Sensitive:           true,
			},
		},
	}
}

func (e *ephemeralTokenValue) Configure(_ context.Context, req ephemeral.ConfigureRequest, resp *ephemeral.ConfigureResponse) {
	e.provider = tfkit.ProviderFrom(req.ProviderData, &resp.Diagnostics)
}

func (e *ephemeralTokenValue) ValidateConfig(ctx context.Context, req ephemeral.ValidateConfigRequest, resp *ephemeral.ValidateConfigResponse) {
	var m tokenValueModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	// A value that is unknown may turn out to be null.
	if given := func(v types.String) bool { return !v.IsNull() && !v.IsUnknown() }; given(m.Identity) && given(m.IdentityFile) {
		addSeveralIdentities([]string{"identity", "identity_file"}, &resp.Diagnostics)
	}
}

func (e *ephemeralTokenValue) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var m tokenValueModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	at, key, ok := e.identity(m, &resp.Diagnostics)
	if !ok {
		return
	}
	// No error has the path of an attribute: Terraform would print that line of the
	// configuration, in which there may be a private key.
	identities, err := parseIdentity(key)
	if err != nil {
		resp.Diagnostics.AddError("Unusable private key", fmt.Sprintf("The private key comes from %s: %s.", at, err))
		return
	}
	value, err := decryptValue(m.EncryptedToken.ValueString(), identities)
	switch _, wrongKey := errors.AsType[*age.NoIdentityMatchError](err); {
	case wrongKey:
		resp.Diagnostics.AddError("Private key does not decrypt the token value", fmt.Sprintf(
			"The token value is not encrypted to the private key from %s. Use a private key that belongs to one of the recipients. "+
				"previous.encrypted_token is encrypted to the recipients from before the rotation.", at))
		return
	case err != nil:
		resp.Diagnostics.AddError("Encrypted token value cannot be read",
			"encrypted_token is not the complete encrypted value of a token: it is damaged or truncated. Use the attribute encrypted_token of the token resource, or copy the text completely, from the first to the last line.")
		return
	}
	if e.provider != nil && e.provider.API != nil {
		e.provider.API.AddSecret(value)
	}
	m.Token = types.StringValue(value)
	resp.Diagnostics.Append(resp.Result.Set(ctx, m)...)
}

func addSeveralIdentities(sources []string, diags *diag.Diagnostics) {
	diags.AddError("Several private keys", fmt.Sprintf(
		"The private key must come from exactly one source, but several are set: %s. Remove all but one.", strings.Join(sources, ", ")))
}

// identity gives the text of the private key, and the source in words.
func (e *ephemeralTokenValue) identity(m tokenValueModel, diags *diag.Diagnostics) (source, key string, ok bool) {
	lookup := func(name string) types.String {
		if e.provider == nil || e.provider.LookupEnv == nil {
			return types.StringNull()
		}
		// An empty variable counts as one that is not set, as for credentials.
		if v, _ := e.provider.LookupEnv(name); v != "" {
			return types.StringValue(v)
		}
		return types.StringNull()
	}
	var sources []string
	var given types.String
	isFile := false
	for _, s := range []struct {
		name   string
		value  types.String
		isFile bool
	}{
		{"identity", m.Identity, false},
		{"identity_file", m.IdentityFile, true},
		{envIdentity, lookup(envIdentity), false},
		{envIdentityFile, lookup(envIdentityFile), true},
	} {
		if !s.value.IsNull() {
			sources, given, isFile = append(sources, s.name), s.value, s.isFile
		}
	}
	switch {
	case len(sources) == 0:
		diags.AddError("No private key", fmt.Sprintf(
			"A private key is needed to decrypt the token value. Set identity, identity_file, %s or %s.", envIdentity, envIdentityFile))
		return "", "", false
	case len(sources) > 1:
		addSeveralIdentities(sources, diags)
		return "", "", false
	case !isFile:
		return sources[0], given.ValueString(), true
	}
	raw, err := os.ReadFile(given.ValueString())
	if err != nil {
		// The path is not repeated: it may be a private key in the wrong argument.
		reason := err
		if e, isPath := errors.AsType[*os.PathError](err); isPath {
			reason = e.Err
		}
		diags.AddError("Private key cannot be read", fmt.Sprintf(
			"The file that %s names cannot be read: %s. It must be the path of a file. To pass the private key itself, use identity or %s.", sources[0], reason, envIdentity))
		return "", "", false
	}
	return sources[0], string(raw), true
}

// parseIdentity reads a private key of age or SSH. Its errors repeat nothing of
// the text.
func parseIdentity(text string) ([]age.Identity, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return nil, errors.New("it is empty")
	case strings.HasPrefix(text, "age1"), strings.HasPrefix(text, "ssh-"):
		return nil, errors.New("this is a public key; use the private key that belongs to it")
	case strings.HasPrefix(text, "-----BEGIN AGE ENCRYPTED FILE"), strings.HasPrefix(text, "-----BEGIN ENCRYPTED PRIVATE KEY"):
		return nil, errPassphrase
	case strings.HasPrefix(text, "-----BEGIN"):
		identity, err := agessh.ParseIdentity([]byte(text + "\n"))
		if _, protected := errors.AsType[*ssh.PassphraseMissingError](err); protected {
			return nil, errPassphrase
		}
		if err != nil {
			return nil, errors.New("this is not a complete SSH private key of the types Ed25519 or RSA: check that it was copied completely, with its first and last line")
		}
		return []age.Identity{identity}, nil
	}
	identities, err := age.ParseIdentities(strings.NewReader(text))
	if err != nil {
		return nil, errors.New("this is neither an age secret key (AGE-SECRET-KEY-1... or AGE-SECRET-KEY-PQ-1...) nor an SSH private key: check that it was copied completely")
	}
	return identities, nil
}

var errPassphrase = errors.New("this private key is protected by a passphrase, and the provider cannot ask for it: create a private key without a passphrase for this purpose only, for example with age-keygen")

// decryptValue is the reverse of encrypt.
func decryptValue(ciphertext string, identities []age.Identity) (string, error) {
	r, err := age.Decrypt(armor.NewReader(strings.NewReader(strings.TrimSpace(ciphertext))), identities...)
	if err != nil {
		return "", err
	}
	raw, err := io.ReadAll(r)
	return string(raw), err
}
