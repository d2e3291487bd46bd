package emulator

// AgentVersion is a version of an agent, which running agents report; nothing
// of it can be changed. Reference: queryagentversionlist, clients/agent-version.ts.
type AgentVersion struct {
	Object
	AgentID, AgentSchemaVersionID, ExternalIdentifier string
}

func (*AgentVersion) kind() string { return "agent_version" }

func (v *AgentVersion) agentID() string { return v.AgentID }

// show has the number of other versions with the same external identifier,
// which is not unique.
func (v *AgentVersion) show(p *Platform, single bool) object {
	refs, repeats := []string{}, 0
	for _, d := range p.deployments {
		if d.CurrentVersionID == v.ID {
			refs = append(refs, d.ID)
		}
	}
	for _, other := range all[*AgentVersion](p, v.AccountID) {
		if other.ID != v.ID && other.AgentID == v.AgentID && other.ExternalIdentifier == v.ExternalIdentifier {
			repeats++
		}
	}
	o := object{
		"account_id": v.AccountID, "agent_id": v.AgentID, "agent_schema_version_id": v.AgentSchemaVersionID, "current_agent_deployment_refs": refs,
		"external_identifier": v.ExternalIdentifier, "external_identifier_repeats": repeats,
	}
	if single {
		o["runtime_environment"] = nil
	} else {
		o["observed_classification"], o["theoretical_classification"] = nil, nil
	}
	v.stamp(p, o)
	return o
}

// AddAgentVersion seeds a version, with a schema version of its own.
func (p *Platform) AddAgentVersion(agentID, externalIdentifier string) AgentVersion {
	p.mu.Lock()
	defer p.mu.Unlock()
	account := p.agents[agentID].AccountID
	v := &AgentVersion{AgentID: agentID, ExternalIdentifier: externalIdentifier, AgentSchemaVersionID: p.newID(p.partitions[account])}
	p.add(v, "", account)
	return *v
}
