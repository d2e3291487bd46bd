package emulator

import "time"

// AdminUser is a person who signs in to the admin page of an account. The API
// neither creates nor deletes them. Reference: AdminUser_Summary.
type AdminUser struct {
	Object
	Email, Name, JobTitle string
	// LastActiveAt and ProfileCompletedAt are null when zero.
	LastActiveAt, ProfileCompletedAt time.Time
}

func (*AdminUser) kind() string { return "admin_user" }

func (u *AdminUser) show(p *Platform, _ bool) object {
	o := object{
		"account_id": u.AccountID, "email": u.Email, "name": orNull(u.Name), "job_title": orNull(u.JobTitle),
		"last_active_at": p.stamp(u.LastActiveAt), "profile_completed_at": p.stamp(u.ProfileCompletedAt),
	}
	u.stamp(p, o)
	return o
}

// AddAdminUser seeds a user. TokenSpec.CreatedBy takes the id.
func (p *Platform) AddAdminUser(accountID, name, email string) AdminUser {
	p.mu.Lock()
	defer p.mu.Unlock()
	u := &AdminUser{Name: name, Email: email}
	p.add(u, "", accountID)
	return *u
}

// RemoveAdminUser removes a member: "any API tokens they created remain active
// until manually revoked". Documentation: admin-ui/account/team.
func (p *Platform) RemoveAdminUser(id string) error { return p.Delete(id) }
