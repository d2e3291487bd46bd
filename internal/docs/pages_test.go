package docs

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/prefactordev/terraform-provider-prefactor/internal/provider"
)

func schemas(t *testing.T) *tfprotov6.GetProviderSchemaResponse {
	t.Helper()
	all, err := providerserver.NewProtocol6(provider.New("test")())().GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil || len(all.ResourceSchemas) == 0 {
		t.Fatalf("no schemas: %v", err)
	}
	return all
}

// A schema and its page say the same: each attribute is on the page with its
// description, and the page has no other.
func TestPages_schemas(t *testing.T) {
	t.Parallel()
	all := schemas(t)
	kinds := map[string]map[string]*tfprotov6.Schema{
		"":                    {"prefactor_index": all.Provider},
		"resources":           all.ResourceSchemas,
		"data-sources":        all.DataSourceSchemas,
		"ephemeral-resources": all.EphemeralResourceSchemas,
		"list-resources":      all.ListResourceSchemas,
		"actions":             {},
	}
	for name, action := range all.ActionSchemas {
		kinds["actions"][name] = action.Schema
	}
	for folder, offered := range kinds {
		var pages []string
		for name, schema := range offered {
			page := strings.TrimPrefix(name, "prefactor_") + ".md"
			pages = append(pages, page)
			t.Run(filepath.Join(folder, page), func(t *testing.T) {
				t.Parallel()
				text := read(t, "docs", folder, page)
				for _, problem := range compare(schema.Block, text) {
					t.Errorf("%s; run make generate", problem)
				}
				if !strings.Contains(text, schema.Block.Description) {
					t.Errorf("the page does not begin with %q; run make generate", schema.Block.Description)
				}
			})
		}
		if folder != "" {
			noOthers(t, folder, pages)
		}
	}
}

func TestPages_functions(t *testing.T) {
	t.Parallel()
	var pages []string
	for name, function := range schemas(t).Functions {
		page := name + ".md"
		pages = append(pages, page)
		text := read(t, "docs", "functions", page)
		if !strings.Contains(text, function.Description) {
			t.Errorf("docs/functions/%s does not say %q; run make generate", page, function.Description)
		}
		for _, p := range function.Parameters {
			if !strings.Contains(text, "`"+p.Name+"`") || !strings.Contains(text, oneLine(p.Description)) {
				t.Errorf("docs/functions/%s does not say of %s: %s", page, p.Name, p.Description)
			}
		}
	}
	noOthers(t, "functions", pages)
}

// In the registry's list of pages, the subcategory and the description are all
// that a reader sees: each page has both, and the description is one sentence
// that can be read without the page.
func TestPages_frontMatter(t *testing.T) {
	t.Parallel()
	front := regexp.MustCompile(`(?s)\A---\n(?:#[^\n]*\n)?page_title: "([^"]+)"\nsubcategory: "([^"]+)"\ndescription: \|-\n  ([^\n]+)\n---\n`)
	for _, folder := range []string{"actions", "data-sources", "ephemeral-resources", "functions", "guides", "list-resources", "resources"} {
		entries, err := os.ReadDir(filepath.Join(root, "docs", folder))
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			found := front.FindStringSubmatch(read(t, "docs", folder, entry.Name()))
			switch {
			case found == nil:
				t.Errorf("docs/%s/%s: the front matter is not page_title, subcategory, and a description of one line", folder, entry.Name())
			case strings.Contains(found[3], ".md"):
				t.Errorf("docs/%s/%s: the description has a link, which the registry shows as text: %s", folder, entry.Name(), found[3])
			case folder != "functions" && !strings.HasSuffix(found[3], "."):
				t.Errorf("docs/%s/%s: the description is not a sentence: %s", folder, entry.Name(), found[3])
			}
		}
	}
}

// noOthers wants every page of a folder to belong to something.
func noOthers(t *testing.T, folder string, pages []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(root, "docs", folder))
	if err != nil && (len(pages) > 0 || !os.IsNotExist(err)) {
		t.Error(err)
	}
	for _, entry := range entries {
		if !slices.Contains(pages, entry.Name()) {
			t.Errorf("docs/%s/%s describes something that the provider does not have", folder, entry.Name())
		}
	}
}

var (
	listed = regexp.MustCompile("(?m)^- `([a-z_0-9]+)` \\([^)]*\\)(?: (.*))?$")
	nested = regexp.MustCompile(`(?m)^<a id="([^"]+)"></a>$`)
)

// compare gives what is wrong with the page of a schema.
func compare(block *tfprotov6.SchemaBlock, page string) []string {
	written := sections(page)
	var problems []string
	var look func(section string, attributes []*tfprotov6.SchemaAttribute, blocks []*tfprotov6.SchemaNestedBlock)
	look = func(section string, attributes []*tfprotov6.SchemaAttribute, blocks []*tfprotov6.SchemaNestedBlock) {
		there := written[section]
		delete(written, section)
		below := func(name string) string {
			if section == "" {
				return name
			}
			return section + "--" + name
		}
		for _, a := range attributes {
			text, ok := there[a.Name]
			delete(there, a.Name)
			switch {
			case !ok:
				problems = append(problems, fmt.Sprintf("attribute %s is not on the page", below(a.Name)))
			case a.Description == "" || !strings.Contains(text, oneLine(a.Description)):
				problems = append(problems, fmt.Sprintf("attribute %s: the page says %q and the schema %q", below(a.Name), text, a.Description))
			}
			if a.NestedType != nil {
				look(below(a.Name), a.NestedType.Attributes, nil)
			}
		}
		for _, b := range blocks {
			if _, ok := there[b.TypeName]; !ok {
				problems = append(problems, fmt.Sprintf("block %s is not on the page", below(b.TypeName)))
			}
			delete(there, b.TypeName)
			look(below(b.TypeName), b.Block.Attributes, b.Block.BlockTypes)
		}
		for name := range there {
			problems = append(problems, fmt.Sprintf("the page has %s, which the schema has not", below(name)))
		}
	}
	look("", block.Attributes, block.BlockTypes)
	for section := range written {
		problems = append(problems, fmt.Sprintf("the page has the section %s, which the schema has not", section))
	}
	return problems
}

// sections are the attributes that a page lists, with their descriptions, by
// the path of what they are nested in.
func sections(page string) map[string]map[string]string {
	_, schema, _ := strings.Cut(page, "\n## Schema\n")
	schema, _, _ = strings.Cut(schema, "\n## ")
	found := map[string]map[string]string{}
	begin, section := 0, ""
	add := func(end int) {
		found[section] = map[string]string{}
		for _, line := range listed.FindAllStringSubmatch(schema[begin:end], -1) {
			found[section][line[1]] = line[2]
		}
	}
	for _, at := range nested.FindAllStringSubmatchIndex(schema, -1) {
		add(at[0])
		// nestedatt--rotation, nestedblock--config.
		_, path, _ := strings.Cut(schema[at[2]:at[3]], "--")
		begin, section = at[1], path
	}
	add(len(schema))
	return found
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// The comparison notices what it is there for.
func TestCompare(t *testing.T) {
	t.Parallel()
	const page = "x\n## Schema\n\n### Optional\n\n- `a` (String) The a.\n- `b` (Attributes) The b. (see [below for nested schema](#nestedatt--b))\n\n" +
		"<a id=\"nestedatt--b\"></a>\n### Nested Schema for `b`\n\n- `c` (String) The c.\n\n## Import\n\n- `d` (String) Not of the schema.\n"
	attribute := func(name, description string) *tfprotov6.SchemaAttribute {
		return &tfprotov6.SchemaAttribute{Name: name, Description: description}
	}
	block := func(inner ...*tfprotov6.SchemaAttribute) *tfprotov6.SchemaBlock {
		b := attribute("b", "The b.")
		b.NestedType = &tfprotov6.SchemaObject{Attributes: inner}
		return &tfprotov6.SchemaBlock{Attributes: []*tfprotov6.SchemaAttribute{attribute("a", "The a."), b}}
	}
	for name, test := range map[string]struct {
		block *tfprotov6.SchemaBlock
		want  string
	}{
		"the same":             {block(attribute("c", "The c.")), ""},
		"one more":             {block(attribute("c", "The c."), attribute("d", "The d.")), "attribute b--d is not on the page"},
		"one less":             {block(), "the page has b--c, which the schema has not"},
		"another description":  {block(attribute("c", "Another c.")), `attribute b--c: the page says "The c." and the schema "Another c."`},
		"nothing to say of it": {block(attribute("c", "")), `attribute b--c: the page says "The c." and the schema ""`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := strings.Join(compare(test.block, page), "; "); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
