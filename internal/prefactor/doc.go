// Package prefactor is a client of the Prefactor platform's API.
//
// It has one method per API call, knows HTTP and JSON, and knows nothing of
// Terraform. What every request needs is in the transport: authentication,
// retries, the cap on requests in flight, time-outs, redaction and logging.
//
// The package follows the API's reference and, for what has no page there, the
// vendor's public clients. What both leave open is accepted in each variant: 200 and
// 201, 204 and a body, records without some fields.
package prefactor
