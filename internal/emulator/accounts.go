package emulator

import (
	"encoding/binary"
	"net/http"

	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
)

// Account is what all other objects belong to. Reference: actionaccountupdate,
// clients/account.ts.
type Account struct {
	Object
	Name, OrganisationName, Purpose, Website string
}

func (*Account) kind() string { return "account" }

func (a *Account) show(_ *Platform, single bool) object {
	o := object{"name": a.Name}
	if single {
		o["organisation_name"], o["purpose"], o["website"] = orNull(a.OrganisationName), a.Purpose, orNull(a.Website)
	}
	return o
}

func (a *Account) fill(f *form) {
	f.mandatory("name", &a.Name)
	f.optional("organisation_name", &a.OrganisationName)
	f.optional("website", &a.Website)
	f.choice("purpose", &a.Purpose, "business", "personal", "nonprofit", "education", "government")
	if a.Purpose != "personal" && a.OrganisationName == "" {
		f.reject("organisation_name", "required", "is required")
	}
}

// listAccounts has one record, or is that record, as the vendor's dashboard observed.
func listAccounts(c *call) (answer, *failure) {
	own := c.p.objects[c.token.AccountID]
	if c.p.variant.AccountAsObject {
		return details(http.StatusOK, c.p.show(own, false)), nil
	}
	return c.list([]record{own})
}

// AddAccount seeds an account.
func (p *Platform) AddAccount(name string) Account {
	p.mu.Lock()
	defer p.mu.Unlock()
	partition := binary.BigEndian.Uint32(randomBytes(4)) & pfid.MaxPartition
	id := p.newID(partition)
	p.partitions[id] = partition
	a := &Account{Name: name, Purpose: "business", OrganisationName: name}
	p.add(a, id, id)
	return *a
}
