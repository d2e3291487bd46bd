package directory

import (
	"context"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

// maxWeight is the largest weight of a category that the admin page accepts.
const maxWeight = 10

var (
	thresholdTypes = map[string]attr.Type{"medium": types.NumberType, "high": types.NumberType, "critical": types.NumberType}

	rulesetTypes = map[string]attr.Type{
		"action_multipliers": types.MapType{ElemType: types.NumberType},
		"category_weights":   types.MapType{ElemType: types.NumberType},
		"thresholds":         types.ObjectType{AttrTypes: thresholdTypes},
	}
)

// rulesetAttribute describes a ruleset. Its numbers are maps rather than objects
// because Terraform ignores misspelled attributes of a nested object, which would
// exclude a category.
var rulesetAttribute = schema.SingleNestedAttribute{
	MarkdownDescription: "How actions and data count. A change replaces the whole ruleset.",
	Required:            true,
	Attributes: map[string]schema.Attribute{
		"action_multipliers": schema.MapAttribute{
			MarkdownDescription: "The multiplier of each action, with all of these keys: " + codes(prefactor.RiskActions()) + ". " +
				"`null` excludes an action; 0 keeps it in scope without a score.",
			ElementType: types.NumberType,
			Required:    true,
			Validators:  []validator.Map{scores{noun: "action", keys: prefactor.RiskActions()}},
		},
		"category_weights": schema.MapAttribute{
			MarkdownDescription: "The weight of each category of data, from 0 to 10, with all of these keys: " + codes(prefactor.RiskCategories()) + ". " +
				"`null` excludes a category; 0 keeps it in scope without a score.",
			ElementType: types.NumberType,
			Required:    true,
			Validators:  []validator.Map{scores{noun: "category", keys: prefactor.RiskCategories(), limit: maxWeight}},
		},
		"thresholds": schema.SingleNestedAttribute{
			MarkdownDescription: "The scores from which a risk is medium, high and critical. Each is above 0 and above the one before.",
			Required:            true,
			Attributes:          map[string]schema.Attribute{"medium": threshold("medium"), "high": threshold("high"), "critical": threshold("critical")},
			Validators:          []validator.Object{ascending{}},
		},
	},
}

func threshold(of string) schema.NumberAttribute {
	return schema.NumberAttribute{MarkdownDescription: "The lowest score of a " + of + " risk.", Required: true}
}

func codes(names []string) string { return "`" + strings.Join(names, "`, `") + "`" }

// mergeRuleset converts a ruleset of the API. Keys that this provider does not know are
// left out: a configuration cannot have them.
func mergeRuleset(prior types.Object, r prefactor.Ruleset) types.Object {
	merged := types.ObjectValueMust(rulesetTypes, map[string]attr.Value{
		"action_multipliers": scoresValue(r.ActionMultipliers, prefactor.RiskActions()),
		"category_weights":   scoresValue(r.CategoryWeights, prefactor.RiskCategories()),
		"thresholds": types.ObjectValueMust(thresholdTypes, map[string]attr.Value{
			"medium": number(r.Thresholds.Medium), "high": number(r.Thresholds.High), "critical": number(r.Thresholds.Critical),
		}),
	})
	if sameRuleset(prior, merged) {
		return prior
	}
	return merged
}

func scoresValue(scores map[string]*float64, keys []string) types.Map {
	values := map[string]attr.Value{}
	for _, key := range keys {
		values[key] = types.NumberNull()
		if score := scores[key]; score != nil {
			values[key] = number(*score)
		}
	}
	return types.MapValueMust(types.NumberType, values)
}

// number is a number as Terraform reads it from a configuration: the decimal
// notation with Terraform's precision, so that 0.1 is equal to 0.1.
func number(f float64) types.Number {
	const precision = 512
	parsed, _, err := big.ParseFloat(strconv.FormatFloat(f, 'g', -1, 64), 10, precision, big.ToNearestEven)
	if err != nil {
		parsed = big.NewFloat(f)
	}
	return types.NumberValue(parsed)
}

// rulesetOf is a known ruleset as the API takes it.
func rulesetOf(v attr.Value) prefactor.Ruleset {
	o, _ := v.(types.Object)
	thresholds, _ := o.Attributes()["thresholds"].(types.Object)
	limit := func(name string) float64 {
		if f := floatOf(thresholds.Attributes()[name]); f != nil {
			return *f
		}
		return 0
	}
	return prefactor.Ruleset{
		ActionMultipliers: scoresOf(o, "action_multipliers"),
		CategoryWeights:   scoresOf(o, "category_weights"),
		Thresholds:        prefactor.RiskThresholds{Medium: limit("medium"), High: limit("high"), Critical: limit("critical")},
	}
}

func scoresOf(o types.Object, name string) map[string]*float64 {
	values, _ := o.Attributes()[name].(types.Map)
	scores := map[string]*float64{}
	for key, value := range values.Elements() {
		scores[key] = floatOf(value)
	}
	return scores
}

// floatOf is a number, or nil for one that is null or unknown.
func floatOf(v attr.Value) *float64 {
	n, ok := v.(types.Number)
	if !ok || n.IsNull() || n.IsUnknown() {
		return nil
	}
	f, _ := n.ValueBigFloat().Float64()
	return &f
}

// sameRuleset tells whether two rulesets are the same for the API, whose
// numbers are not as precise as Terraform's.
func sameRuleset(a, b attr.Value) bool {
	if a.IsNull() || a.IsUnknown() || b.IsNull() || b.IsUnknown() {
		return a.Equal(b)
	}
	x, y := rulesetOf(a), rulesetOf(b)
	return x.Thresholds == y.Thresholds && sameScores(x.ActionMultipliers, y.ActionMultipliers) && sameScores(x.CategoryWeights, y.CategoryWeights)
}

func sameScores(a, b map[string]*float64) bool {
	return maps.EqualFunc(a, b, func(x, y *float64) bool { return x == y || (x != nil && y != nil && *x == *y) })
}

// scores validates the numbers of a ruleset: all keys and no others, and each
// number from 0 to the limit, if there is one.
type scores struct {
	noun  string
	keys  []string
	limit float64
}

func (v scores) Description(context.Context) string {
	return "must have each of the keys " + strings.Join(v.keys, ", ") + ", with a number or null"
}

func (v scores) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v scores) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	given := req.ConfigValue.Elements()
	var missing, unknown []string
	for _, key := range v.keys {
		if _, ok := given[key]; !ok {
			missing = append(missing, key)
		}
	}
	for key, value := range given {
		if !slices.Contains(v.keys, key) {
			unknown = append(unknown, key)
			continue
		}
		score := floatOf(value)
		switch {
		case score == nil:
		case *score < 0:
			resp.Diagnostics.AddAttributeError(req.Path.AtMapKey(key), "Score out of range", fmt.Sprintf("%s is %v. It must be 0 or more.", key, *score))
		case v.limit > 0 && *score > v.limit:
			resp.Diagnostics.AddAttributeError(req.Path.AtMapKey(key), "Score out of range", fmt.Sprintf("%s is %v. It must be from 0 to %v.", key, *score, v.limit))
		}
	}
	slices.Sort(unknown)
	if len(unknown) > 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "Unknown "+v.noun, fmt.Sprintf("There is no %s %s. The valid keys are: %s.", v.noun, strings.Join(unknown, ", "), strings.Join(v.keys, ", ")))
	}
	if len(missing) > 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "Missing "+v.noun, fmt.Sprintf("Each %s must have a value. Add these: %s. "+
			"null excludes one from scoring; 0 keeps it in scope without a score.", v.noun, strings.Join(missing, ", ")))
	}
}

// ascending validates the thresholds.
type ascending struct{}

func (ascending) Description(context.Context) string {
	return "medium must be above 0, high above medium, and critical above high"
}

func (v ascending) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v ascending) ValidateObject(ctx context.Context, req validator.ObjectRequest, resp *validator.ObjectResponse) {
	// A threshold that is not known yet is skipped.
	below, last := "0", 0.0
	for _, name := range []string{"medium", "high", "critical"} {
		score := floatOf(req.ConfigValue.Attributes()[name])
		if score == nil {
			continue
		}
		if *score <= last {
			resp.Diagnostics.AddAttributeError(req.Path.AtName(name), "Thresholds not ascending", fmt.Sprintf(
				"%s is %v, which is not above %s: %s.", name, *score, below, v.Description(ctx)))
			return
		}
		below, last = fmt.Sprintf("%s (%v)", name, *score), *score
	}
}
