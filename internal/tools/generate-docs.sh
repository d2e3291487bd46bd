#!/bin/sh
# Generates docs/ from templates, examples and the provider's schemas.
#
# The schemas come from internal/cmd/schema: left to itself, the generator
# would download a Terraform, which knows only some of the schemas when it is
# an older one. Terraform is needed to format the examples, nothing else.
set -eu

cd "$(dirname "$0")/../.."
terraform=${TF_ACC_TERRAFORM_PATH:-$(command -v terraform || command -v tofu)} || {
	echo "generate-docs: neither terraform nor tofu is on PATH: install one, or set TF_ACC_TERRAFORM_PATH" >&2
	exit 1
}
unset TF_LOG TF_CLI_ARGS TF_CLI_ARGS_fmt TF_CLI_CONFIG_FILE
export CHECKPOINT_DISABLE=1

schema=$(mktemp)
trap 'rm -f "$schema"' EXIT
trap 'exit 1' HUP INT TERM

"$terraform" fmt -recursive examples
go run ./internal/cmd/schema >"$schema"
for command in 'generate --rendered-provider-name Prefactor' validate; do
	# shellcheck disable=SC2086 # A command and its flags.
	said=$(go tool -modfile=internal/tools/go.mod tfplugindocs $command \
		--provider-name prefactor --providers-schema "$schema" 2>&1) || {
		printf '%s\n' "$said" >&2
		exit 1
	}
done
