// Package token is Prefactor's API tokens as Terraform sees them.
//
// Account and deployment tokens are one implementation (resource.go) with a
// kind. model.go has the one conversion from the API's token to Terraform's,
// lifecycle.go the one place that knows which transitions are legal.
package token
