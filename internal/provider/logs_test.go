package provider_test

import (
	"maps"
	"testing"

	"github.com/prefactordev/terraform-provider-prefactor/internal/provider"
)

func TestLogOnlyWhatIsPrinted(t *testing.T) {
	t.Parallel()
	const sdk, framework, proto, own = "TF_LOG_SDK", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_SDK_PROTO", "TF_LOG_PROVIDER_PREFACTOR"
	all := func(level string) map[string]string {
		return map[string]string{sdk: level, framework: level, proto: level, own: level}
	}
	for name, c := range map[string]struct{ env, want map[string]string }{
		"nothing is printed":        {nil, all("OFF")},
		"empty is nothing":          {map[string]string{"TF_LOG": ""}, all("OFF")},
		"all lines down to a level": {map[string]string{"TF_LOG": "debug"}, all("debug")},
		"the level of providers":    {map[string]string{"TF_LOG": "TRACE", "TF_LOG_PROVIDER": "WARN"}, all("WARN")},
		"only Terraform's own":      {map[string]string{"TF_LOG_CORE": "TRACE"}, all("OFF")},
		"what the person has set stays": {
			map[string]string{sdk: "TRACE", "TF_LOG": "ERROR"},
			map[string]string{framework: "TRACE", proto: "TRACE", own: "ERROR"},
		},
		"also of a part": {
			map[string]string{proto: "TRACE"},
			map[string]string{sdk: "OFF", framework: "OFF", own: "OFF"},
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
