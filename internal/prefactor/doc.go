// Package prefactor is a client of the Prefactor platform's API.
//
// It has one method per API call, knows HTTP and JSON, and knows nothing of
// Terraform. What every request needs is in the transport: authentication,
// retries, the cap on requests in flight, time-outs, redaction and logging.
//
// The API has no public specification. The package relies on what the vendor's
// own public clients send and parse, and accepts every response where those leave
// a choice open: both shapes of a list, 200 and 201, 204 and a body, and rows
// without some fields.
package prefactor
