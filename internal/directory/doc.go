// Package directory has the resources, data sources and list resources for the objects
// around tokens: accounts, environments, agents with their deployments and versions,
// risk profiles, teams, persons and admin users.
//
// Each type of objects has a file (agent.go) with its objectType, which has one
// definition of each attribute, and with its kind if it is managed. There is one
// implementation of a resource (resource.go), of a data source (data_source.go) and of
// a list resource (list_resource.go). The conversions between attributes and the API
// (values.go) go by the names of the fields.
package directory
