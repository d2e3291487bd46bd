package provider_test

import (
	"maps"
	"testing"

	"github.com/prefactordev/terraform-provider-prefactor/internal/provider"
)

func TestLogOnlyWhatIsPrinted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ env, want map[string]string }{
		"nothing is printed":        {nil, map[string]string{"TF_LOG_SDK": "OFF", "TF_LOG_PROVIDER_PREFACTOR": "OFF"}},
		"empty is nothing":          {map[string]string{"TF_LOG": ""}, map[string]string{"TF_LOG_SDK": "OFF", "TF_LOG_PROVIDER_PREFACTOR": "OFF"}},
		"all lines down to a level": {map[string]string{"TF_LOG": "debug"}, map[string]string{"TF_LOG_SDK": "debug", "TF_LOG_PROVIDER_PREFACTOR": "debug"}},
		"the level of providers": {
			map[string]string{"TF_LOG": "TRACE", "TF_LOG_PROVIDER": "WARN"},
			map[string]string{"TF_LOG_SDK": "WARN", "TF_LOG_PROVIDER_PREFACTOR": "WARN"},
		},
		"only Terraform's own": {map[string]string{"TF_LOG_CORE": "TRACE"}, map[string]string{"TF_LOG_SDK": "OFF", "TF_LOG_PROVIDER_PREFACTOR": "OFF"}},
		"what the person has set stays": {
			map[string]string{"TF_LOG_SDK": "TRACE", "TF_LOG": "ERROR"},
			map[string]string{"TF_LOG_PROVIDER_PREFACTOR": "ERROR"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set := map[string]string{}
			err := provider.LogOnlyWhatIsPrinted(
				func(name string) (string, bool) { v, ok := c.env[name]; return v, ok },
				func(name, value string) error { set[name] = value; return nil },
			)
			if err != nil {
				t.Fatal(err)
			}
			if !maps.Equal(set, c.want) {
				t.Errorf("set %v, want %v", set, c.want)
			}
		})
	}
}
