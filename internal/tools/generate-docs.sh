#!/bin/sh
# Generates docs/ from templates, examples and the provider's schemas.
#
# The schemas come from the provider built from this tree, by way of the
# Terraform that is on PATH (or TF_ACC_TERRAFORM_PATH) and dev_overrides: the
# generator would otherwise download a Terraform and ask the registry.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
terraform=${TF_ACC_TERRAFORM_PATH:-terraform}
command -v "$terraform" >/dev/null 2>&1 || {
	echo "generate-docs: install terraform, or name one by TF_ACC_TERRAFORM_PATH" >&2
	exit 1
}
unset TF_LOG TF_CLI_ARGS TF_WORKSPACE TF_DATA_DIR || true
export CHECKPOINT_DISABLE=1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

cd "$root"
go build -o "$work/plugins/" .
cat >"$work/terraform.rc" <<EOF
provider_installation {
  dev_overrides {
    "prefactordev/prefactor" = "$work/plugins"
  }
  direct {}
}
EOF
cat >"$work/main.tf" <<EOF
terraform {
  required_providers {
    prefactor = { source = "prefactordev/prefactor" }
  }
}
EOF
(cd "$work" && TF_CLI_CONFIG_FILE="$work/terraform.rc" "$terraform" providers schema -json) |
	# The generator looks for the short name.
	sed 's|"registry[.][a-z.]*/prefactordev/prefactor"|"prefactor"|' >"$work/schema.json"

"$terraform" fmt -recursive examples >/dev/null
go tool -modfile=internal/tools/go.mod tfplugindocs generate \
	--provider-name prefactor \
	--rendered-provider-name Prefactor \
	--providers-schema "$work/schema.json"
go tool -modfile=internal/tools/go.mod tfplugindocs validate \
	--provider-name prefactor \
	--providers-schema "$work/schema.json"
