package main

import "github.com/prefactordev/terraform-provider-prefactor/internal/tfbinary"

// needs is the oldest binary that can do a step; the zero value is any.
type needs struct{ terraform, openTofu string }

var ephemeralResources = needs{terraform: "1.10", openTofu: "1.11"}

func (n needs) missing(b tfbinary.Binary) bool {
	least := n.terraform
	if b.OpenTofu {
		least = n.openTofu
	}
	return least != "" && !b.AtLeast(least)
}

func (n needs) String() string { return "Terraform " + n.terraform + " or OpenTofu " + n.openTofu }
