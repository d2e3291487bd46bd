package functions_test

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/prefactordev/terraform-provider-prefactor/internal/acctest"
	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

const (
	// The vendor's PFID library generated the ids.
	sample = "01kdvdna0000001a88cvx6pv3pzgqzn6" // partition 42
	first  = "000000000100000184karc5v6qt6nmcw" // partition 1
	last   = "7zzzzzzzzzzzzzzztpwzw6h8516a9mf9"
	secret = "pft_not-an-id-but-a-secret-value" //nolint:gosec // Made up.
)

func text(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }

// call calls a function by the plugin protocol, as Terraform does.
func call(t *testing.T, name string, result tftypes.Type, types []tftypes.Type, arguments []tftypes.Value) (tftypes.Value, *tfprotov6.FunctionError) {
	t.Helper()
	server, err := acctest.NewWorld(t, emulator.Variant{}).Factories()["prefactor"]()
	if err != nil {
		t.Fatal(err)
	}
	req := &tfprotov6.CallFunctionRequest{Name: name}
	for i, a := range arguments {
		v, err := tfprotov6.NewDynamicValue(types[i], a)
		if err != nil {
			t.Fatal(err)
		}
		req.Arguments = append(req.Arguments, &v)
	}
	resp, err := server.CallFunction(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if resp.Error != nil {
		return tftypes.Value{}, resp.Error
	}
	got, err := resp.Result.Unmarshal(result)
	if err != nil {
		t.Fatal(err)
	}
	return got, nil
}

func TestIDFunctions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		function  string
		arguments []string
		want      tftypes.Value
	}{
		{"pfid_time", []string{sample}, text("2026-01-01T00:00:00Z")},
		{"pfid_time", []string{"01hf7yat3v3nqk8n4ekcsmrhb61mph6z"}, text("2023-11-14T22:13:20.123Z")},
		{"pfid_partition", []string{sample}, tftypes.NewValue(tftypes.Number, 42)},
		{"pfid_partition", []string{last}, tftypes.NewValue(tftypes.Number, 1<<30-1)},
		{"same_account", []string{sample, sample}, tftypes.NewValue(tftypes.Bool, true)},
		{"same_account", []string{sample, first}, tftypes.NewValue(tftypes.Bool, false)},
	} {
		t.Run(c.function+" "+strings.Join(c.arguments, " "), func(t *testing.T) {
			t.Parallel()
			var types []tftypes.Type
			var arguments []tftypes.Value
			for _, a := range c.arguments {
				types, arguments = append(types, tftypes.String), append(arguments, text(a))
			}
			got, err := call(t, c.function, c.want.Type(), types, arguments)
			if err != nil {
				t.Fatal(err.Text)
			}
			if !got.Equal(c.want) {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestIDFunctions_errors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		function  string
		arguments []string
		argument  int64
		says      string
	}{
		{"pfid_time", []string{"support-bot"}, 0, `^id must be a Prefactor id \(PFID\): a PFID has 32 characters, but this text has 11\. A PFID is 32 characters of`},
		{"pfid_time", []string{last}, 0, `^id contains a time after the year 9999`},
		{"pfid_time", []string{secret}, 0, `^id must be`},
		{"pfid_partition", []string{strings.ToUpper(sample)}, 0, `^id must be .* no upper-case letters`},
		{"same_account", []string{"x", sample}, 0, `^a must be`},
		{"same_account", []string{sample, secret}, 1, `^b must be`},
		{"same_account", []string{"x", "y"}, 0, `(?s)^a must be.*\nb must be`},
	} {
		t.Run(c.function+" "+strings.Join(c.arguments, " "), func(t *testing.T) {
			t.Parallel()
			var types []tftypes.Type
			var arguments []tftypes.Value
			for _, a := range c.arguments {
				types, arguments = append(types, tftypes.String), append(arguments, text(a))
			}
			_, err := call(t, c.function, tftypes.String, types, arguments)
			if err == nil {
				t.Fatal("no error")
			}
			if !regexp.MustCompile(c.says).MatchString(err.Text) || err.FunctionArgument == nil || *err.FunctionArgument != c.argument {
				t.Errorf("got %q for argument %v, want %q for %d", err.Text, err.FunctionArgument, c.says, c.argument)
			}
			if strings.Contains(err.Text, secret) {
				t.Error("the error repeats the argument")
			}
		})
	}
}

func TestIsPFID(t *testing.T) {
	t.Parallel()
	list := tftypes.List{ElementType: tftypes.String}
	for name, c := range map[string]struct {
		value tftypes.Value
		want  bool
	}{
		"an id":      {text(sample), true},
		"upper case": {text(strings.ToUpper(sample)), false},
		"a name":     {text("support-bot"), false},
		"empty":      {text(""), false},
		"null":       {tftypes.NewValue(tftypes.String, nil), false},
		"a null":     {tftypes.NewValue(tftypes.DynamicPseudoType, nil), false},
		"a number":   {tftypes.NewValue(tftypes.Number, 5), false},
		"a boolean":  {tftypes.NewValue(tftypes.Bool, true), false},
		"a list":     {tftypes.NewValue(list, []tftypes.Value{text(sample)}), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := call(t, "is_pfid", tftypes.Bool, []tftypes.Type{tftypes.DynamicPseudoType}, []tftypes.Value{c.value})
			if err != nil {
				t.Fatal(err.Text)
			}
			if !got.Equal(tftypes.NewValue(tftypes.Bool, c.want)) {
				t.Errorf("got %s, want %t", got, c.want)
			}
		})
	}
}

// requireFunctions is for tests that call functions with a binary.
func requireFunctions(t *testing.T) {
	t.Helper()
	binary := acctest.RequireTerraform(t)
	if !binary.AtLeast("1.7.0") || (!binary.OpenTofu && !binary.AtLeast("1.8.0")) {
		acctest.NotRun(t, "functions of providers need Terraform 1.8 or OpenTofu 1.7")
	}
}

func TestFunctions_binary(t *testing.T) {
	t.Parallel()
	requireFunctions(t)
	w := acctest.NewWorld(t, emulator.Variant{})
	output := func(expression string) string { return fmt.Sprintf("output \"it\" {\n value = %s\n}\n", expression) }
	step := func(expression string, want knownvalue.Check) resource.TestStep {
		return resource.TestStep{
			Config:            output("provider::prefactor::" + expression),
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("it", want)},
		}
	}
	fails := func(expression, says string) resource.TestStep {
		return resource.TestStep{Config: output("provider::prefactor::" + expression), ExpectError: regexp.MustCompile(says)}
	}
	if acctest.RequireTerraform(t).OpenTofu {
		// OpenTofu (1.8 to 1.11) does not pass null arguments; the documentation says what to write.
		w.Test(t, resource.TestStep{
			Config:            output("try(provider::prefactor::is_pfid(tostring(null)), false)"),
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("it", knownvalue.Bool(false))},
		})
	} else {
		w.Test(t, step(`is_pfid(null)`, knownvalue.Bool(false)))
	}
	w.Test(t,
		step(`pfid_time("`+sample+`")`, knownvalue.StringExact("2026-01-01T00:00:00Z")),
		step(`pfid_partition("`+sample+`")`, knownvalue.Int64Exact(42)),
		step(`is_pfid("`+sample+`")`, knownvalue.Bool(true)),
		step(`is_pfid("support-bot")`, knownvalue.Bool(false)),
		step(`is_pfid({ id = "`+sample+`" })`, knownvalue.Bool(false)),
		step(`same_account("`+w.Agent.ID+`", "`+w.Production.ID+`")`, knownvalue.Bool(true)),
		step(`same_account("`+w.Agent.ID+`", "`+w.AddAccount("Other").ID+`")`, knownvalue.Bool(false)),
		fails(`pfid_time("support-bot")`, `(?s)id\s+must\s+be\s+a\s+Prefactor\s+id.*32\s+characters`),
		fails(`same_account("`+sample+`", "x")`, `(?s)Invalid\s+value\s+for\s+"b".*b\s+must\s+be\s+a\s+Prefactor\s+id`),
	)
}

// The ids in a value are found without a request, also in a value that must not
// be stored, and no error repeats a value.
func TestTokenIDs(t *testing.T) {
	t.Parallel()
	jwt := func(payload string) string {
		return "eyJhbGciOiJIUzI1NiJ9." + base64.RawURLEncoding.EncodeToString([]byte(payload)) + ".c2lnbmF0dXJl"
	}
	ids := func(ids ...string) tftypes.Value {
		all := []tftypes.Value{}
		for _, id := range ids {
			all = append(all, text(id))
		}
		return tftypes.NewValue(tftypes.List{ElementType: tftypes.String}, all)
	}
	for value, want := range map[string]tftypes.Value{
		jwt(`{"jti":"` + sample + `","account":"` + first + `"}`): ids(first, sample),
		jwt(`{"exp":1}`): ids(),
		secret:           ids(),
		"":               ids(),
	} {
		got, err := call(t, "token_ids", want.Type(), []tftypes.Type{tftypes.String}, []tftypes.Value{text(value)})
		if err != nil || !got.Equal(want) {
			t.Errorf("%s: got %s, %v, want %s", value, got, err, want)
		}
	}
}

// The value can be an ephemeral variable, and is then in no plan and no state.
func TestTokenIDs_ephemeral(t *testing.T) {
	t.Parallel()
	if binary := acctest.RequireTerraform(t); binary.OpenTofu || !binary.AtLeast("1.10.0") {
		acctest.NotRun(t, "ephemeral variables need Terraform 1.10")
	}
	w := acctest.NewWorld(t, emulator.Variant{})
	c := w.NewCLI(t, `
variable "value" {
  type      = string
  ephemeral = true
}
locals {
  ids = provider::prefactor::token_ids(var.value)
}
resource "terraform_data" "known" {
  input = "checked"

  lifecycle {
    precondition {
      condition     = contains(local.ids, "`+w.Admin.ID+`")
      error_message = "Another token."
    }
  }
}
`)
	c.Env = append(c.Env, "TF_VAR_value="+w.AdminToken)
	c.MustRun(t, "apply", "-auto-approve")
	if files := c.Files(t, w.AdminToken); len(files) > 0 {
		t.Errorf("the value is in %v", files)
	}
}
