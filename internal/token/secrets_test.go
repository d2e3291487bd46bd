package token_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"filippo.io/age/armor"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/provider"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// anSSHKey is a public key whose private half was thrown away.
const anSSHKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl somebody@example.com"

func newIdentity(t *testing.T) *age.X25519Identity {
	t.Helper()
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return identity
}

func recipients(keys ...string) string {
	return `recipients = ["` + strings.Join(keys, `", "`) + `"]`
}

func decrypt(identity age.Identity, armored string) (string, error) {
	r, err := age.Decrypt(armor.NewReader(strings.NewReader(armored)), identity)
	if err != nil {
		return "", err
	}
	raw, err := io.ReadAll(r)
	return string(raw), err
}

func TestRecipients(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	identity, other := newIdentity(t), newIdentity(t)
	mine := recipients(identity.Recipient().String(), anSSHKey)
	decrypts := func(identity age.Identity) resource.TestCheckFunc {
		return func(s *terraform.State) error {
			armored := s.RootModule().Resources[apiToken].Primary.Attributes["encrypted_token"]
			value, err := decrypt(identity, armored)
			if err != nil {
				return err
			}
			if !w.Authenticates(value) {
				return errors.New("the decrypted value does not authenticate")
			}
			return nil
		}
	}
	none := []statecheck.StateCheck{value(apiToken, "token", knownvalue.Null()), value(apiToken, "encrypted_token", knownvalue.NotNull())}
	w.TestInProcess(t,
		resource.TestStep{Config: apiTokenConfig(mine), ConfigStateChecks: none, Check: decrypts(identity)},
		resource.TestStep{Config: apiTokenConfig(mine + "\nstatus = \"suspended\""), ConfigPlanChecks: does(apiToken, plancheck.ResourceActionUpdate), ConfigStateChecks: none},
		resource.TestStep{Config: apiTokenConfig(mine + "\nstatus = \"active\""), ConfigStateChecks: none, Check: decrypts(identity)},
		resource.TestStep{
			// The order of the recipients is no change.
			Config:           apiTokenConfig(recipients(anSSHKey, identity.Recipient().String())),
			ConfigPlanChecks: does(apiToken, plancheck.ResourceActionUpdate),
			Check:            decrypts(identity),
		},
		resource.TestStep{
			Config:           apiTokenConfig(recipients(other.Recipient().String())),
			ConfigPlanChecks: does(apiToken, plancheck.ResourceActionReplace),
			Check:            resource.ComposeTestCheckFunc(decrypts(other), w.CheckCount(1)),
		},
		resource.TestStep{
			Config: apiTokenConfig(recipients(other.Recipient().String()) + "\nrotation = {}"),
			Check:  decrypts(other),
		},
		resource.TestStep{
			Config:           apiTokenConfig(recipients(identity.Recipient().String()) + "\nrotation = {}"),
			ConfigPlanChecks: does(apiToken, plancheck.ResourceActionUpdate),
			Check:            resource.ComposeTestCheckFunc(decrypts(identity), w.CheckCount(2)),
		},
		resource.TestStep{
			// Back into the state, which needs a new value as well.
			Config:           apiTokenConfig("rotation = {}"),
			ConfigPlanChecks: does(apiToken, plancheck.ResourceActionUpdate),
			Check:            w.CheckAuthenticates(apiToken, true),
		},
		resource.TestStep{
			Config:            apiTokenConfig(mine + "\nrotation = {}"),
			ConfigPlanChecks:  does(apiToken, plancheck.ResourceActionUpdate),
			ConfigStateChecks: none,
			Check:             decrypts(identity),
		},
	)
}

// A post-quantum recipient, from a file that ends with a line break.
func TestRecipients_postQuantum(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	identity, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	token := w.NewCore(nil).Resource(t, "prefactor_api_token")
	if _, err := token.Run(t.Context(), map[string]any{"recipients": []any{identity.Recipient().String() + "\n"}}); err != nil {
		t.Fatal(err)
	}
	if value, err := decrypt(identity, token.Text("encrypted_token")); err != nil || !w.Authenticates(value) {
		t.Errorf("the value cannot be decrypted, or does not authenticate: %v", err)
	}
	// Without the line break it is the same recipient.
	if action, err := token.Run(t.Context(), map[string]any{"recipients": []any{identity.Recipient().String()}}); err != nil || action != acctest.Update || len(w.Others()) != 1 {
		t.Errorf("another spelling of the recipient ends in %s, %v and %d tokens", action, err, len(w.Others()))
	}
}

func TestRecipients_bad(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	private := newIdentity(t).String()
	good := newIdentity(t).Recipient().String()
	hybrid, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	quantum := hybrid.Recipient().String()
	for name, c := range map[string]struct{ keys, says string }{
		"lines":       {fmt.Sprintf("recipients = [%q]", anSSHKey+"\n"+anSSHKey+"\n"), `(?s)recipients\[0\]:.*several\s+lines`},
		"age lines":   {fmt.Sprintf("recipients = [%q]", good+"\n"+good), `several\s+lines`},
		"mixed":       {fmt.Sprintf("recipients = [%q, %q]", quantum, good), `Incompatible recipients`},
		"bad quantum": {fmt.Sprintf("recipients = [%q]", quantum[:400]), `copied\s+completely`},
		"none":        {`recipients = []`, `nobody\s+could\s+decrypt`},
		"a name":      {fmt.Sprintf("recipients = [%q, \"ops@example.com\"]", good), `recipients\[1\]`},
		"cut off":     {fmt.Sprintf("recipients = [%q]", good[:40]), `copied\s+completely`},
		"private key": {fmt.Sprintf("recipients = [%q]", private), `this\s+is\s+a\s+private\s+key`},
		"wrong ssh":   {`recipients = ["ssh-dss AAAAB3NzaC1kc3M="]`, `ssh-ed25519\s+or\s+ssh-rsa`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w.TestOneOf(t, name == "none", resource.TestCase{Steps: []resource.TestStep{{Config: apiTokenConfig(c.keys), PlanOnly: true, ExpectError: regexp.MustCompile(c.says)}}})
		})
	}
}

// The provider's own token, managed by the provider, in each of the ways in
// which it may come to be so.
func TestLockout(t *testing.T) {
	t.Parallel()
	const refusal = `(?s)itself\s+authenticates\s+with.*allow_self_lockout`
	for _, name := range []string{"in state", "encrypted"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, emulator.Variant{})
			token := w.NewCore(nil).Resource(t, "prefactor_api_token")
			arguments := map[string]any{}
			if name == "encrypted" {
				arguments["recipients"] = []any{newIdentity(t).Recipient().String()}
			}
			if _, err := token.Run(t.Context(), arguments); err != nil {
				t.Fatal(err)
			}
			secrets := w.Secrets()
			self := map[string]any{"api_token": secrets[len(secrets)-1]}
			token.Use(w.NewCore(self))
			suspended := map[string]any{"status": "suspended", "recipients": arguments["recipients"]}
			for what, c := range map[string]map[string]any{"suspend": suspended, "destroy": nil, "replace": {"lifetime": "10h", "recipients": arguments["recipients"]}} {
				if _, err := token.Plan(t.Context(), c); err == nil || !regexp.MustCompile(refusal).MatchString(err.Error()) {
					t.Errorf("%s is planned with: %v", what, err)
				}
			}
			if !w.Authenticates(secrets[len(secrets)-1]) {
				t.Error("the provider's own token was cut off")
			}
			self["allow_self_lockout"] = true
			token.Use(w.NewCore(self))
			if _, err := token.Plan(t.Context(), suspended); err != nil {
				t.Errorf("on purpose it is refused as well: %v", err)
			}
		})
	}
}

// A plan of when another token was in use is applied when the provider uses
// this one: the apply refuses by itself.
func TestLockout_atApply(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	token := w.NewCore(nil).Resource(t, "prefactor_api_token")
	if _, err := token.Run(t.Context(), map[string]any{}); err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]map[string]any{"suspend": {"status": "suspended"}, "destroy": nil} {
		token.Use(w.NewCore(nil))
		p, err := token.Plan(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		token.Use(w.NewCore(map[string]any{"api_token": token.Text("token")}))
		if err := token.Apply(t.Context(), p); err == nil || !strings.Contains(err.Error(), "itself authenticates with") {
			t.Errorf("%s ends with %v", what, err)
		}
		if !w.Authenticates(token.Text("token")) {
			t.Fatal("the provider's own token was cut off")
		}
	}
}

// An imported token has no value, but it can be the provider's own.
func TestLockout_imported(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	token := w.NewCore(nil).Resource(t, "prefactor_api_token")
	if err := token.Import(t.Context(), w.Admin.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := token.Run(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "itself authenticates with") {
		t.Errorf("the destroy ends with %v", err)
	}
	// Another token in use at the same time: nothing can be told, and nothing
	// is refused for it.
	idle, secret := w.AddToken(emulator.TokenSpec{Scope: "account", AccountID: w.Account.ID})
	ping(t, w, secret)
	other := w.NewCore(nil).Resource(t, "prefactor_api_token")
	if err := other.Import(t.Context(), idle.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Run(t.Context(), nil); err != nil {
		t.Errorf("another token is refused: %v", err)
	}
	if !w.Authenticates(w.AdminToken) {
		t.Error("the provider's own token was cut off")
	}
}

// Which token is the provider's own is found out once, not for each token: by no
// list where its value names it, and by three where not.
func TestLockout_importedFleet(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		variant emulator.Variant
		most    int
	}{"named": {emulator.Variant{}, 0}, "probed": {emulator.Variant{OpaqueTokens: true}, 3}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, c.variant)
			const fleet = 12
			var config strings.Builder
			for i := range fleet {
				idle, _ := w.AddToken(emulator.TokenSpec{Scope: "account", AccountID: w.Account.ID})
				config.WriteString(importBlock(fmt.Sprintf("prefactor_api_token.t%d", i), idle.ID) + fmt.Sprintf("resource \"prefactor_api_token\" \"t%d\" {}\n", i))
			}
			w.TestWith(t, resource.TestCase{
				Steps: []resource.TestStep{{
					Config: config.String(),
					Check: func(*terraform.State) error {
						w.ResetRequests()
						return nil
					},
				}},
				CheckDestroy: func(s *terraform.State) error {
					revoked, lists := 0, 0
					for _, r := range w.Requests() {
						switch {
						case strings.HasSuffix(r.Path, "/revoke"):
							revoked++
						case r.Method == http.MethodGet && strings.HasSuffix(r.Path, "/api_token"):
							lists++
						}
					}
					// Three processes read; one plans the destruction, another one applies it.
					if revoked != fleet || lists > 3+2*c.most {
						return fmt.Errorf("%d tokens were revoked, and the tokens were listed %d times", revoked, lists)
					}
					return w.NothingLeft(s)
				},
			})
		})
	}
}

// Where the platform does not say which account a token is of, its own account
// is not listed as another one.
func TestLockout_noAccount(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	for _, path := range []string{"/api_token", "/api_token/:id"} {
		w.Inject(emulator.Fault{Path: path, Kind: emulator.FaultMissingFields, Fields: []string{"account_id"}})
	}
	token := w.NewCore(nil).Resource(t, "prefactor_api_token")
	must(t, token.Import(t.Context(), w.Admin.ID))
	if _, err := token.Run(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "itself authenticates with") {
		t.Errorf("the destroy ends with %v", err)
	}
}

// broad are credentials that can see two accounts: the emulator has no such, so
// there are two, of which helper is not seen.
type broad struct {
	tfkit.API

	other      tfkit.API
	id, helper string
}

func (b broad) Accounts(ctx context.Context) ([]prefactor.Account, error) {
	own, err := b.API.Accounts(ctx)
	return append(own, prefactor.Account{ID: b.id, Name: prefactor.Some("Other")}), err
}

func (b broad) Tokens(ctx context.Context, accountID string) ([]prefactor.Token, error) {
	if accountID == b.id {
		rows, err := b.other.Tokens(ctx, accountID)
		return slices.DeleteFunc(rows, func(k prefactor.Token) bool { return k.ID == b.helper }), err
	}
	return b.API.Tokens(ctx, accountID)
}

func (b broad) Token(ctx context.Context, id string) (prefactor.Token, error) {
	found, err := b.API.Token(ctx, id)
	if errors.Is(err, prefactor.ErrNotFound) {
		return b.other.Token(ctx, id)
	}
	return found, err
}

func (b broad) RevokeToken(ctx context.Context, id string) (prefactor.Token, error) {
	return b.other.RevokeToken(ctx, id)
}

func (b broad) DeleteToken(ctx context.Context, id string) error { return b.other.DeleteToken(ctx, id) }

// The only token of another account is not the provider's own one.
func TestLockout_anotherAccount(t *testing.T) {
	t.Parallel()
	for _, byAction := range []bool{false, true} {
		w := acctest.NewWorld(t, emulator.Variant{})
		account := w.AddAccount("Other")
		helper, secret := w.AddToken(emulator.TokenSpec{Scope: "account", AccountID: account.ID})
		other, err := prefactor.New(prefactor.Config{BaseURL: w.URL, Token: secret, Now: w.Clock.Now})
		must(t, err)
		only, _ := w.AddToken(emulator.TokenSpec{Scope: "account", AccountID: account.ID})
		core := w.NewCore(nil, provider.WithAPI(func(a tfkit.API) tfkit.API { return broad{a, other, account.ID, helper.ID} }))
		if byAction {
			_, err := core.Invoke(t.Context(), revokeAction, id(only))
			must(t, err)
			continue
		}
		token := core.Resource(t, "prefactor_api_token")
		must(t, token.Import(t.Context(), only.ID))
		if _, err := token.Run(t.Context(), nil); err != nil {
			t.Error(err)
		}
	}
}

// Rotating the provider's own token is fine; the old one is not retired while
// the provider uses it.
func TestLockout_ownRotation(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	config := map[string]any{"lifetime": "2160h", "rotation": map[string]any{"before_expiry": "336h", "overlap": "0s", "suspend_for": "0s"}}
	token := w.NewCore(nil).Resource(t, "prefactor_api_token")
	run := func(want acctest.Action) {
		t.Helper()
		if action, err := token.Run(t.Context(), config); err != nil || action != want {
			t.Fatalf("the action is %s, not %s: %v", action, want, err)
		}
	}
	run(acctest.Create)
	first := token.Text("token")
	token.Use(w.NewCore(map[string]any{"api_token": first}))
	w.Clock.Advance(77 * 24 * time.Hour)
	run(acctest.Update)
	if !w.Authenticates(first) || !w.Authenticates(token.Text("token")) {
		t.Fatal("after the rotation not both of the tokens authenticate")
	}
	w.Clock.Advance(24 * time.Hour)
	run(acctest.NoOp)
	if !token.Warned("Removal of the previous token is postponed") {
		t.Errorf("no warning says why nothing happens: %s", said(token))
	}
	token.Use(w.NewCore(map[string]any{"api_token": token.Text("token")}))
	run(acctest.Update)
	run(acctest.NoOp)
	if w.Authenticates(first) || !w.Authenticates(token.Text("token")) {
		t.Error("the old token was not retired when the provider used the new one")
	}
}

// planned are the contents of a saved plan, which is an archive.
func planned(t *testing.T, path string) string {
	t.Helper()
	archive, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = archive.Close() }()
	var all strings.Builder
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(&all, r); err != nil { //nolint:gosec // A plan of the test's own.
			t.Fatal(err)
		}
		_ = r.Close()
	}
	return all.String()
}

// No secret that the platform ever issued is in any output, log, plan or
// state, whatever goes wrong.
func TestRedaction(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]emulator.Fault{
		"nothing":         {},
		"status":          {Kind: emulator.FaultStatus, Status: 500},
		"status after":    {Kind: emulator.FaultStatusAfter, Status: 503},
		"html":            {Kind: emulator.FaultHTML, Status: 502},
		"cut before":      {Kind: emulator.FaultCutBefore},
		"cut after":       {Kind: emulator.FaultCutAfter},
		"cut body":        {Kind: emulator.FaultCutBody},
		"truncated":       {Kind: emulator.FaultTruncatedJSON},
		"wrong types":     {Kind: emulator.FaultWrongTypes},
		"missing fields":  {Kind: emulator.FaultMissingFields, Fields: []string{"id", "status"}},
		"empty body":      {Kind: emulator.FaultEmptyBody},
		"no details":      {Kind: emulator.FaultNoDetails},
		"redirect":        {Kind: emulator.FaultRedirect, Location: "https://elsewhere.invalid/ECHO"},
		"big body":        {Kind: emulator.FaultBigBody},
		"echoed in 422":   {Kind: emulator.FaultStatus, Status: 422, Code: "validation_errors", Message: "token ECHO is not valid"},
		"echoed in a raw": {Kind: emulator.FaultRaw, Status: 400, Body: []byte("Authorization: Bearer ECHO")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := acctest.NewWorld(t, emulator.Variant{})
			if name != "nothing" {
				fault.Message = strings.ReplaceAll(fault.Message, "ECHO", w.AdminToken)
				fault.Location = strings.ReplaceAll(fault.Location, "ECHO", w.AdminToken)
				fault.Body = []byte(strings.ReplaceAll(string(fault.Body), "ECHO", w.AdminToken))
				fault.Path, fault.Times = "/api_token", 3
				w.Inject(fault)
				fault.Path = "/api_token/:id"
				fault.Skip = 1
				w.Inject(fault)
			}
			recipient := newIdentity(t).Recipient().String()
			var out string
			switch name {
			case "nothing", "cut after", "echoed in a raw":
				out = redactedByTerraform(t, w, recipient)
			default:
				out = redactedByCore(t, w, recipient)
			}
			secrets := w.Secrets()
			for _, secret := range secrets {
				// A part of it, as messages are cut.
				if strings.Contains(out, secret[40:72]) {
					t.Errorf("a secret is in the output, the plan, the state or the log:\n%s", out)
				}
			}
			if name == "nothing" && len(secrets) < 2 {
				t.Error("no token was issued: the test shows nothing")
			}
		})
	}
}

// redactedByTerraform gives all that the life of a token leaves, the log included.
func redactedByTerraform(t *testing.T, w *acctest.World, recipient string) string {
	t.Helper()
	c := w.NewCLI(t, "provider \"prefactor\" {\n max_retries = 1\n}\n"+apiTokenConfig(recipients(recipient)))
	c.Trace()
	var out strings.Builder
	for _, args := range [][]string{
		{"plan", "-out=saved.tfplan"}, {"apply", "saved.tfplan"}, {"apply", "-auto-approve"}, {"plan"}, {"apply", "-auto-approve"}, {"destroy", "-auto-approve"},
	} {
		text, _ := c.Run(t, args...)
		out.WriteString(text)
	}
	if files := c.Files(t, w.Secrets()...); len(files) > 0 {
		t.Errorf("a secret is in %v", files)
	}
	return out.String() + planned(t, filepath.Join(c.Dir, "saved.tfplan"))
}

// redactedByCore does the same without a binary, which takes most of its time to
// write the log.
func redactedByCore(t *testing.T, w *acctest.World, recipient string) string {
	t.Helper()
	var out bytes.Buffer
	ctx := tflogtest.RootLogger(t.Context(), &out)
	token := w.NewCore(map[string]any{"max_retries": 1}).Resource(t, "prefactor_api_token")
	config := map[string]any{"recipients": []any{recipient}}
	for n, config := range []map[string]any{config, config, config, config, nil} {
		plan, err := token.Plan(ctx, config)
		if err == nil && n != 2 {
			err = token.Apply(ctx, plan)
		}
		fmt.Fprintln(&out, plan, err, token.State, token.Private(), said(token))
	}
	if !strings.Contains(out.String(), "/api_token") {
		t.Error("nothing is logged")
	}
	return out.String()
}

// One warning for a plan, however many tokens there are.
func TestExpiryWarning(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	c := w.NewCLI(t, "provider \"prefactor\" {\n expiry_warning = \"336h\"\n}\nresource \"prefactor_api_token\" \"many\" {\n count = 5\n lifetime = \"100h\"\n}\n")
	c.MustRun(t, "apply", "-auto-approve")
	out := c.MustRun(t, "plan")
	if n := strings.Count(out, "Warning: Tokens expire soon"); n != 1 {
		t.Errorf("the warning is there %d times:\n%s", n, out)
	}
	for _, k := range w.Others() {
		if !strings.Contains(out, "account token ("+k.ID+", ") {
			t.Errorf("token %s is not named:\n%s", k.ID, out)
		}
	}
	if strings.Contains(out, "more similar") {
		t.Errorf("the warning repeats:\n%s", out)
	}
}

// The warning names what people know, by two lists for all tokens.
func TestExpiryWarning_names(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	k := addTokens(w)
	token := w.NewCore(map[string]any{"expiry_warning": "1000h"}).Resource(t, "prefactor_api_token")
	if err := token.Import(t.Context(), k.account.ID); err != nil {
		t.Fatal(err)
	}
	w.ResetRequests()
	if _, err := token.Plan(t.Context(), map[string]any{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"deployment token of support-bot in production (" + k.deployment.ID + ", active, expires ", "environment token in production (" + k.legacy.ID} {
		if !strings.Contains(said(token), want) {
			t.Errorf("%q is not in %s", want, said(token))
		}
	}
	if agents, environments := w.Calls("GET", "/agent"), w.Calls("GET", "/environment"); agents != 1 || environments != 1 {
		t.Errorf("%d requests for agents, %d for environments", agents, environments)
	}
}

func TestExpiryWarning_own(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, emulator.Variant{})
	token := w.NewCore(nil).Resource(t, "prefactor_api_token")
	config := map[string]any{"lifetime": "100h"}
	if _, err := token.Run(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	token.Use(w.NewCore(map[string]any{"api_token": token.Text("token"), "expiry_warning": "336h"}))
	if _, err := token.Plan(t.Context(), config); err != nil || !token.Warned("The provider's own token expires soon") {
		t.Errorf("no warning: %v, %s", err, said(token))
	}
}
