package directory

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/prefactordev/terraform-provider-prefactor/internal/inventory"
	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// NewAgentData is the data source prefactor_agent.
func NewAgentData() datasource.DataSource {
	return &lookup[agentModel]{
		name:        "agent",
		description: "One agent of the account of the provider's own token, by its id, by its name or by its external identifier.",
		attributes: with(agentAttributes(), map[string]schema.Attribute{
			"id":                  byID("The id (PFID) of the agent to look up. Either this, `name` or `external_identifier`."),
			"name":                byText("The exact name of the agent to look up. Either this, `id` or `external_identifier`."),
			"risk_profile_id":     computed("The risk profile that the platform scores the agent by, or null."),
			"external_identifier": byText("The name in another system of the agent to look up. Either this, `id` or `name`."),
		}),
		validators: []datasource.ConfigValidator{
			datasourcevalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("name"), path.MatchRoot("external_identifier")),
		},
		find: findAgent,
	}
}

// agentAttributes describes the fields of agentRow.
func agentAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":                  computed("The agent's id (PFID)."),
		"name":                computed("The agent's name."),
		"external_identifier": computed("The agent's name in another system, or null."),
		"description":         computed("A description for people, or null."),
		"status":              computed("What the platform says: `pending`, `active`, `dormant` or `retired`."),
		"account_id":          computed("The account that the agent belongs to; null where the platform does not say."),
		"created_at":          moment("When the agent was created"),
		"team_id":             computed("The team that the agent belongs to, or null."),
		"owner_person_id":     computed("The person who owns the agent, or null."),
	}
}

func findAgent(ctx context.Context, p *tfkit.Provider, config agentModel, diags *diag.Diagnostics) agentModel {
	if identifier := config.ExternalIdentifier.ValueString(); identifier != "" {
		return config.merge(agentByIdentifier(ctx, p, identifier, diags))
	}
	id := config.ID.ValueString()
	if id == "" {
		rows, err := inventory.Of(p).Agents(ctx)
		if err != nil {
			addListError(p, "agent", err, diags)
			return config
		}
		row, problem := named("agent", config.Name.ValueString(), rows, agentEntry)
		if problem != "" {
			noSuch("name", "agent", problem, diags)
			return config
		}
		id = row.ID
	}
	// The list does not say which risk profile an agent has.
	found, err := inventory.Of(p).Agent(ctx, id)
	if err != nil {
		addLookupError(p, "agent", id, err, diags)
	}
	return config.merge(found)
}

func agentByIdentifier(ctx context.Context, p *tfkit.Provider, identifier string, diags *diag.Diagnostics) prefactor.Agent {
	found, err := p.API.AgentByExternalIdentifier(ctx, identifier)
	switch {
	case errors.Is(err, prefactor.ErrNotFound):
		there := "What agents there are could not be listed."
		rows, listErr := inventory.Of(p).Agents(ctx)
		if listErr == nil {
			there = "The provider's credentials can see " + listed("agent", rows, agentEntry) + "."
		}
		noSuch("external_identifier", "agent", fmt.Sprintf("There is no agent whose external identifier is %s. %s", quoted(identifier), there), diags)
	case err != nil:
		p.AddAPIError(diags, "Cannot read the agent", err, "external_identifier")
	}
	return found
}
