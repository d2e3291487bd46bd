package acctest

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Listed is one result of a list resource.
type Listed struct {
	DisplayName string
	// ID is the identity, and State the resource if it was asked for.
	ID    string
	State map[string]tftypes.Value
}

// Query validates the configuration of a list block and lists, as
// `terraform query` does; limit 0 is none.
func (c *Core) Query(ctx context.Context, typeName string, config map[string]any, resources bool, limit int64) ([]Listed, error) {
	s, err := c.Start(ctx)
	if err != nil {
		return nil, err
	}
	//nolint:staticcheck // The interface goes when all servers have list resources.
	server, ok := s.ProviderServer.(tfprotov6.ProviderServerWithListResource)
	schema, known := s.schema.ListResourceSchemas[typeName]
	if !ok || !known {
		return nil, fmt.Errorf("no list resource %s", typeName)
	}
	value, err := dynamic(schema.ValueType(), config)
	if err != nil {
		return nil, err
	}
	valid, err := server.ValidateListResourceConfig(ctx, &tfprotov6.ValidateListResourceConfigRequest{TypeName: typeName, Config: value})
	if err != nil {
		return nil, err
	}
	if err := failure(valid.Diagnostics); err != nil {
		return nil, err
	}
	stream, err := server.ListResource(ctx, &tfprotov6.ListResourceRequest{TypeName: typeName, Config: value, IncludeResource: resources, Limit: limit})
	if err != nil {
		return nil, err
	}
	var all []Listed
	for r := range stream.Results {
		if err := failure(r.Diagnostics); err != nil {
			return nil, err
		}
		if r.Identity == nil {
			return nil, errors.New("a result has no identity")
		}
		one := Listed{DisplayName: r.DisplayName}
		identity, err := r.Identity.IdentityData.Unmarshal(tftypes.Object{AttributeTypes: map[string]tftypes.Type{"id": tftypes.String}})
		if err != nil {
			return nil, err
		}
		fields := map[string]tftypes.Value{}
		if err := identity.As(&fields); err != nil {
			return nil, err
		}
		if err := fields["id"].As(&one.ID); err != nil {
			return nil, err
		}
		if resources {
			state, err := r.Resource.Unmarshal(s.schema.ResourceSchemas[typeName].ValueType())
			if err != nil {
				return nil, err
			}
			if err := state.As(&one.State); err != nil {
				return nil, err
			}
		}
		all = append(all, one)
	}
	return all, nil
}
