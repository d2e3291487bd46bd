package emulator

import "slices"

// AgentVersion is a version of an agent, which running agents report. It cannot
// be changed. Reference: queryagentversionlist, clients/agent-version.ts.
type AgentVersion struct {
	Object
	AgentID, AgentSchemaVersionID, ExternalIdentifier string
}

func (*AgentVersion) kind() string { return "agent_version" }

// show has the number of other versions with the same external identifier,
// which is not unique.
func (v *AgentVersion) show(p *Platform, single bool) object {
	refs := []string{}
	for _, d := range where(p, func(d *Deployment) bool { return d.CurrentVersionID == v.ID }) {
		refs = append(refs, d.ID)
	}
	slices.Sort(refs)
	repeats := where(p, func(other *AgentVersion) bool {
		return other.ID != v.ID && other.AgentID == v.AgentID && other.ExternalIdentifier == v.ExternalIdentifier
	})
	o := object{
		"account_id": v.AccountID, "agent_id": v.AgentID, "agent_schema_version_id": v.AgentSchemaVersionID, "current_agent_deployment_refs": refs,
		"external_identifier": v.ExternalIdentifier, "external_identifier_repeats": len(repeats),
	}
	if single {
		o["runtime_environment"] = nil
	} else {
		o["observed_classification"], o["theoretical_classification"] = nil, nil
	}
	v.stamp(p, o)
	return o
}

func versionsOf(c *call) (func(*AgentVersion) bool, *failure) {
	agent, f := c.agentOfQuery()
	return func(v *AgentVersion) bool { return v.AgentID == agent }, f
}

// AddAgentVersion seeds a version, with a schema version of its own.
func (p *Platform) AddAgentVersion(agentID, externalIdentifier string) AgentVersion {
	p.mu.Lock()
	defer p.mu.Unlock()
	account := p.objects[agentID].head().AccountID
	v := &AgentVersion{AgentID: agentID, ExternalIdentifier: externalIdentifier, AgentSchemaVersionID: p.newID(p.partitions[account])}
	p.add(v, "", account)
	return *v
}
