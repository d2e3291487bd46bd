package provider_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/prefactordev/terraform-provider-prefactor/internal/provider"
)

type weight struct{}

// What a call's context holds is free when the call has ended.
func TestServerKeepsNoContext(t *testing.T) {
	t.Parallel()
	s := provider.NewServer("test")()
	freed := make(chan struct{})
	func() {
		held := &struct{ bytes [1 << 20]byte }{}
		runtime.AddCleanup(held, func(done chan struct{}) { close(done) }, freed)
		ctx, cancel := context.WithCancel(context.WithValue(t.Context(), weight{}, held))
		defer cancel()
		request := &tfprotov6.UpgradeResourceStateRequest{TypeName: "prefactor_api_token", RawState: &tfprotov6.RawState{JSON: []byte(`{}`)}}
		if resp, err := s.UpgradeResourceState(ctx, request); err != nil || len(resp.Diagnostics) > 0 {
			t.Errorf("%v, %v", resp, err)
		}
	}()
	for range 5 {
		runtime.GC()
		select {
		case <-freed:
			runtime.KeepAlive(s)
			return
		default:
			runtime.Gosched()
		}
	}
	select {
	case <-freed:
	default:
		t.Error("the context of a call that has ended is still held")
	}
	runtime.KeepAlive(s)
}
