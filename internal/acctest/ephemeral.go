package acctest

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Opened is an ephemeral resource that was opened.
type Opened struct {
	session  *Session
	typeName string
	// Result has the attributes.
	Result map[string]tftypes.Value
	// Private is what the provider has noted for the close.
	Private []byte
}

// Open opens an ephemeral resource, as core does. To close it, the same start
// of the provider is asked.
func (s *Session) Open(ctx context.Context, typeName string, config map[string]any) (*Opened, error) {
	schema, ok := s.schema.EphemeralResourceSchemas[typeName]
	if !ok {
		return nil, fmt.Errorf("no ephemeral resource %s", typeName)
	}
	value, err := dynamic(schema.ValueType(), config)
	if err != nil {
		return nil, err
	}
	valid, err := s.ValidateEphemeralResourceConfig(ctx, &tfprotov6.ValidateEphemeralResourceConfigRequest{TypeName: typeName, Config: value})
	if err != nil {
		return nil, err
	}
	if err := failure(valid.Diagnostics); err != nil {
		return nil, err
	}
	resp, err := s.OpenEphemeralResource(ctx, &tfprotov6.OpenEphemeralResourceRequest{TypeName: typeName, Config: value})
	if err != nil {
		return nil, err
	}
	if err := failure(resp.Diagnostics); err != nil {
		return nil, err
	}
	result, err := resp.Result.Unmarshal(schema.ValueType())
	if err != nil {
		return nil, err
	}
	o := &Opened{session: s, typeName: typeName, Private: resp.Private}
	return o, result.As(&o.Result)
}

// Close closes it.
func (o *Opened) Close(ctx context.Context) error {
	resp, err := o.session.CloseEphemeralResource(ctx, &tfprotov6.CloseEphemeralResourceRequest{TypeName: o.typeName, Private: o.Private})
	if err != nil {
		return err
	}
	return failure(resp.Diagnostics)
}
