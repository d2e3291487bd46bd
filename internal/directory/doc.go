// Package directory is what Prefactor's tokens are for, as Terraform sees it:
// accounts, environments, agents with their deployments and versions, risk
// profiles, teams, persons and admin users.
//
// The managed ones are one implementation (resource.go) with a kind, the data
// sources another (data_source.go).
package directory
