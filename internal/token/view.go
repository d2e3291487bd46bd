package token

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// viewModel is a token as data sources show it: with what changes by itself,
// such as the last use, and never with its value.
type viewModel struct {
	ID                   types.String      `tfsdk:"id"`
	Scope                types.String      `tfsdk:"scope"`
	Status               types.String      `tfsdk:"status"`
	AccountID            types.String      `tfsdk:"account_id"`
	AgentID              types.String      `tfsdk:"agent_id"`
	EnvironmentID        types.String      `tfsdk:"environment_id"`
	AgentDeploymentID    types.String      `tfsdk:"agent_deployment_id"`
	CreatedAt            timetypes.RFC3339 `tfsdk:"created_at"`
	ExpiresAt            timetypes.RFC3339 `tfsdk:"expires_at"`
	Expired              types.Bool        `tfsdk:"expired"`
	LastUsedAt           timetypes.RFC3339 `tfsdk:"last_used_at"`
	CreatedByAdminUserID types.String      `tfsdk:"created_by_admin_user_id"`
}

// view builds on the one conversion and adds what only data sources show.
func view(t prefactor.Token, now time.Time) viewModel {
	m := merge(model{}, t)
	return viewModel{
		ID:                   m.ID,
		Scope:                tfkit.MergeString(types.StringNull(), t.Scope),
		Status:               tfkit.MergeString(types.StringNull(), t.Status),
		AccountID:            m.AccountID,
		AgentID:              m.AgentID,
		EnvironmentID:        m.EnvironmentID,
		AgentDeploymentID:    m.AgentDeploymentID,
		CreatedAt:            m.CreatedAt,
		ExpiresAt:            m.ExpiresAt,
		Expired:              types.BoolValue(expiredAt(m.ExpiresAt, now)),
		LastUsedAt:           tfkit.MergeTime(timetypes.NewRFC3339Null(), t.LastUsedAt),
		CreatedByAdminUserID: tfkit.MergeString(types.StringNull(), t.CreatedByAdminUserID),
	}
}

// viewAttributes describes the fields of viewModel.
func viewAttributes() map[string]schema.Attribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	timestamp := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true, CustomType: timetypes.RFC3339Type{}}
	}
	return map[string]schema.Attribute{
		"id":                       text("The token's id (PFID)."),
		"scope":                    text("`account`, `agent_deployment` or the legacy `environment`."),
		"status":                   text("The status: `active`, `suspended` or `revoked`."),
		"account_id":               text("The account that the token belongs to."),
		"agent_id":                 text("The agent that a deployment token is issued for, else null."),
		"environment_id":           text("The environment of a deployment or environment token, else null."),
		"agent_deployment_id":      text("The agent deployment of a deployment token, else null."),
		"created_at":               timestamp("When the token was created, in RFC 3339."),
		"expires_at":               timestamp("When the token expires, in RFC 3339."),
		"expired":                  schema.BoolAttribute{MarkdownDescription: "Whether the token has expired. An expired token does not work, although its status may still be `active`.", Computed: true},
		"last_used_at":             timestamp("When the token was last used, in RFC 3339; null if never."),
		"created_by_admin_user_id": text("The id of the user who created the token, else null. The tokens of a removed user stay active until they are revoked."),
	}
}
