package provider

// logOnlyWhatIsPrinted has the provider write only the log lines that Terraform
// is going to print. The libraries under it write every line, down to a trace
// of each attribute, and leave it to Terraform to throw them away; in a plan of
// many resources this is half of the time that both take
// (https://github.com/hashicorp/terraform-plugin-framework/issues/1269).
//
// It is for the process that Terraform starts, before it serves: the libraries
// take their levels from the environment at each call. What the person has set
// stays as it is.
func logOnlyWhatIsPrinted(lookup func(string) (string, bool), set func(name, value string) error) error {
	level := printed(lookup)
	sdk, ok := lookup("TF_LOG_SDK")
	if !ok {
		sdk = level
	}
	for _, v := range []struct{ name, level string }{
		{"TF_LOG_SDK", sdk},
		// These two have a level of their own, which is asked before a line is
		// put together.
		{"TF_LOG_SDK_FRAMEWORK", sdk},
		{"TF_LOG_SDK_PROTO", sdk},
		{"TF_LOG_PROVIDER_PREFACTOR", level},
	} {
		if _, ok := lookup(v.name); ok {
			continue
		}
		if err := set(v.name, v.level); err != nil {
			return err
		}
	}
	return nil
}

// printed is the level down to which Terraform prints a provider's lines. What
// is no level, such as JSON, is every line to Terraform and to the libraries.
func printed(lookup func(string) (string, bool)) string {
	for _, name := range []string{"TF_LOG_PROVIDER", "TF_LOG"} {
		if level, _ := lookup(name); level != "" {
			return level
		}
	}
	return "OFF"
}
