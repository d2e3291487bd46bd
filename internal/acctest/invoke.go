package acctest

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// Validate validates the configuration of an action as Terraform does before
// each plan, without a configured provider.
func (c *Core) Validate(ctx context.Context, action string, config map[string]any) error {
	s, err := c.unconfigured()
	if err != nil {
		return err
	}
	actions, value, err := actionConfig(s, action, config)
	if err != nil {
		return err
	}
	resp, err := actions.ValidateActionConfig(ctx, &tfprotov6.ValidateActionConfigRequest{ActionType: action, Config: value})
	if err != nil {
		return err
	}
	return failure(resp.Diagnostics)
}

// Invoke plans and invokes an action as `terraform apply -invoke` does, each
// in a start of the provider of its own, and gives the progress messages.
func (c *Core) Invoke(ctx context.Context, action string, config map[string]any) ([]string, error) {
	if err := c.PlanAction(ctx, action, config); err != nil {
		return nil, err
	}
	return c.InvokeUnplanned(ctx, action, config)
}

// PlanAction is the first half of Invoke.
func (c *Core) PlanAction(ctx context.Context, action string, config map[string]any) error {
	s, err := c.Start(ctx)
	if err != nil {
		return err
	}
	actions, value, err := actionConfig(s, action, config)
	if err != nil {
		return err
	}
	resp, err := actions.PlanAction(ctx, &tfprotov6.PlanActionRequest{ActionType: action, Config: value})
	if err != nil {
		return err
	}
	return failure(resp.Diagnostics)
}

// InvokeUnplanned is the second half of Invoke.
func (c *Core) InvokeUnplanned(ctx context.Context, action string, config map[string]any) ([]string, error) {
	s, err := c.Start(ctx)
	if err != nil {
		return nil, err
	}
	actions, value, err := actionConfig(s, action, config)
	if err != nil {
		return nil, err
	}
	stream, err := actions.InvokeAction(ctx, &tfprotov6.InvokeActionRequest{ActionType: action, Config: value})
	if err != nil {
		return nil, err
	}
	var messages []string
	for event := range stream.Events {
		switch e := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			messages = append(messages, e.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			err = failure(e.Diagnostics)
		}
	}
	return messages, err
}

func actionConfig(s *Session, action string, config map[string]any) (tfprotov6.ActionServer, *tfprotov6.DynamicValue, error) {
	//nolint:staticcheck // The interface goes when all servers have actions.
	server, ok := s.ProviderServer.(tfprotov6.ProviderServerWithActions)
	schema, known := s.schema.ActionSchemas[action]
	if !ok || !known {
		return nil, nil, fmt.Errorf("no action %s", action)
	}
	value, err := dynamic(schema.Schema.ValueType(), config)
	return server, value, err
}
